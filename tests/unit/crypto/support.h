// SPDX-License-Identifier: Apache-2.0
// What the tests of crypto/ share: a predictable Random, hexadecimal, a folder of one's own.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

#include "crypto/argon2.h"
#include "crypto/keyring.h"
#include "services/base/random.h"

namespace latchkey::crypto {

// Gives 0, 1, 2, …, 255, 0, …: the keys of a ring made from a fresh one are known, and the next
// byte is 192.
class CountingRandom final : public Random {
 public:
  void Fill(void* out, size_t size) override {
    for (size_t i = 0; i < size; ++i) static_cast<uint8_t*>(out)[i] = next_++;
  }

 private:
  uint8_t next_ = 0;
};

// Gives the bytes of `script`, again and again.
class ScriptedRandom final : public Random {
 public:
  explicit ScriptedRandom(std::string script) : script_(std::move(script)) {}
  void Fill(void* out, size_t size) override {
    for (size_t i = 0; i < size; ++i)
      static_cast<char*>(out)[i] = script_[next_++ % script_.size()];
  }

 private:
  std::string script_;
  size_t next_ = 0;
};

inline std::string FromHex(std::string_view hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

// 0, 1, 2, … as a key.
inline Secret KeyFrom(uint8_t first) {
  std::string bytes;
  for (size_t i = 0; i < kKeyBytes; ++i) bytes += static_cast<char>(first + i);
  return Secret(bytes);
}

// Small enough to hash thousands of times in a test; never for people's passwords.
inline constexpr Argon2Cost kCheapForTest{.memory_kib = 8, .passes = 1};

// A new folder that goes with the object.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "latchkey-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~ScratchFolder() { std::filesystem::remove_all(path_); }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace latchkey::crypto
