// SPDX-License-Identifier: Apache-2.0
// All chance of a simulation, from one seed: what the production code draws (SeededRandom) and what
// the actors do (Dice) are two streams, so that a token more or less does not change who acts.
#pragma once

#include <sodium.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "services/base/random.h"

namespace latchkey::simulation {

// A ChaCha20 stream under a key of purpose, seed and number. Never for anything real: tests only.
class SeededRandom final : public Random {
 public:
  SeededRandom(std::string_view purpose, uint64_t seed, uint64_t number) {
    std::string text(purpose);
    text.append(reinterpret_cast<const char*>(&seed), sizeof seed);
    text.append(reinterpret_cast<const char*>(&number), sizeof number);
    crypto_generichash(key_.data(), key_.size(), reinterpret_cast<const uint8_t*>(text.data()),
                       text.size(), nullptr, 0);
  }
  void Fill(void* out, size_t size) override {
    auto* to = static_cast<uint8_t*>(out);
    while (size > 0) {
      if (used_ == block_.size()) Refill();
      const size_t take = std::min(size, block_.size() - used_);
      std::memcpy(to, block_.data() + used_, take);
      used_ += take;
      to += take;
      size -= take;
    }
  }

 private:
  void Refill() {
    std::array<uint8_t, crypto_stream_chacha20_NONCEBYTES> nonce{};
    std::memcpy(nonce.data(), &blocks_, sizeof blocks_);
    ++blocks_;
    crypto_stream_chacha20(block_.data(), block_.size(), nonce.data(), key_.data());
    used_ = 0;
  }
  std::array<uint8_t, crypto_stream_chacha20_KEYBYTES> key_{};
  std::array<uint8_t, 1024> block_{};
  size_t used_ = block_.size();
  uint64_t blocks_ = 0;
};

class Dice {
 public:
  Dice(uint64_t seed, uint64_t number) : random_("simulation dice", seed, number) {}

  uint64_t Below(uint64_t bound) {
    uint64_t value = 0;
    random_.Fill(&value, sizeof value);
    return value % bound;  // the bias is far below what a simulation can notice
  }
  bool OneIn(uint64_t n) { return Below(n) == 0; }
  // Below(2^bits), each size of number about as often as the others.
  int64_t Wide(unsigned bits) {
    return static_cast<int64_t>(Below(uint64_t{1} << Below(bits + 1)));
  }
  std::string Bytes(size_t size) { return random_.Take(size); }
  std::string Digits(size_t count) {
    std::string text;
    while (text.size() < count) text += static_cast<char>('0' + Below(10));
    return text;
  }
  template <typename T>
  T& PickFrom(std::vector<T>& from) {
    return from[Below(from.size())];
  }

 private:
  SeededRandom random_;
};

}  // namespace latchkey::simulation
