// SPDX-License-Identifier: Apache-2.0
// Law 12: every secret is marked, and looked for in all that is stored and logged.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "crypto/token.h"
#include "tests/simulation/dice.h"

namespace latchkey::simulation {

class Secrets {
 public:
  // Every password of the simulation begins so.
  static constexpr std::string_view kMark = "quokkatree";

  Secrets() : filter_(kFilterBits / 64) {}
  // A token or key: at least 16 bytes.
  void Add(std::string_view secret) {
    AddForm(std::string(secret));
    AddForm(crypto::ToBase64Url(secret));
  }
  // Whether a secret stands in `bytes`.
  bool StandsIn(std::string_view bytes) const {
    for (size_t at = 0; at + kWindow <= bytes.size(); ++at) {
      uint64_t window = 0;
      std::memcpy(&window, bytes.data() + at, kWindow);
      const uint64_t bit = BitOf(window);
      if ((filter_[bit / 64] >> (bit % 64) & 1) == 0) continue;
      const auto found = forms_.find(window);
      if (found != forms_.end() && bytes.substr(at).starts_with(found->second)) return true;
    }
    return bytes.size() >= kMark.size() && bytes.find(kMark) != std::string_view::npos;
  }

 private:
  static constexpr size_t kWindow = 8;
  static constexpr uint64_t kFilterBits = 1 << 20;
  static uint64_t BitOf(uint64_t window) { return window * 0x9e3779b97f4a7c15u >> 44; }
  void AddForm(std::string form) {
    uint64_t window = 0;
    std::memcpy(&window, form.data(), kWindow);
    const uint64_t bit = BitOf(window);
    filter_[bit / 64] |= uint64_t{1} << (bit % 64);
    forms_.emplace(window, std::move(form));
  }

  std::vector<uint64_t> filter_;  // most windows are no secret's beginning: said without a look-up
  std::unordered_map<uint64_t, std::string> forms_;  // by their first eight bytes
};

// The production code's randomness: what it draws 32 bytes at once is a token or a key.
class WatchedRandom final : public Random {
 public:
  WatchedRandom(uint64_t seed, uint64_t number, Secrets& secrets)
      : inner_("simulation randomness", seed, number), secrets_(secrets) {}
  void Fill(void* out, size_t size) override {
    inner_.Fill(out, size);
    if (size == crypto::kTokenBytes) secrets_.Add({static_cast<const char*>(out), size});
  }

 private:
  SeededRandom inner_;
  Secrets& secrets_;
};

}  // namespace latchkey::simulation
