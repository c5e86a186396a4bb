// SPDX-License-Identifier: Apache-2.0
// Bytes that must not be printed, copied by accident, compared in leaking time, or left in memory
// (Law 12).
#pragma once

#include <sodium.h>

#include <string>
#include <string_view>
#include <utility>

namespace latchkey {

// Owns its bytes and wipes them when it ends or is moved from. It cannot be formatted or streamed;
// `Reveal` is the only way in, so that `grep Reveal` lists every place that handles a secret. Not
// for long lists: it is one string.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string_view bytes) : bytes_(bytes) {}
  // Takes the bytes over and wipes the source.
  static Secret Adopt(std::string& bytes) {
    Secret secret{std::string_view(bytes)};
    sodium_memzero(bytes.data(), bytes.size());
    bytes.clear();
    return secret;
  }
  // Copied and wiped: a move would leave the bytes of a short string behind in the other.
  // NOLINTNEXTLINE(performance-move-constructor-init)
  Secret(Secret&& other) noexcept : bytes_(other.bytes_) { other.Wipe(); }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      Wipe();
      bytes_ = other.bytes_;
      other.Wipe();
    }
    return *this;
  }
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { Wipe(); }

  Secret Copy() const { return Secret(std::string_view(bytes_)); }
  std::string_view Reveal() const { return bytes_; }
  bool empty() const { return bytes_.empty(); }
  size_t size() const { return bytes_.size(); }
  // Constant time in the content; the length is not hidden.
  bool Matches(const Secret& other) const {
    return bytes_.size() == other.bytes_.size() &&
           sodium_memcmp(bytes_.data(), other.bytes_.data(), bytes_.size()) == 0;
  }

 private:
  void Wipe() {
    if (!bytes_.empty()) sodium_memzero(bytes_.data(), bytes_.size());
    bytes_.clear();
  }
  std::string bytes_;
};

// Constant-time comparison of two digests. False when the lengths differ.
inline bool SameDigest(std::string_view a, std::string_view b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace latchkey
