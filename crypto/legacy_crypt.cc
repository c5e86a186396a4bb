// SPDX-License-Identifier: Apache-2.0
// The kinds of crypt(3), computed by libxcrypt: bcrypt, SHA-crypt, yescrypt.
#include <crypt.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "crypto/argon2.h"
#include "crypto/legacy.h"
#include "crypto/stored_text.h"

namespace latchkey::crypto {
namespace {

// The alphabet of crypt(3), in the order of its values.
constexpr std::string_view kCryptAlphabet =
    "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr size_t kBcryptSize = 60;
constexpr size_t kBcryptHashAt = 29;  // after "$2b$10$" and 22 characters of salt
constexpr size_t kBcryptPasswordBytes = 72;
constexpr uint32_t kMaxBcryptCost = 16;  // about four seconds
constexpr uint32_t kMinShaRounds = 1000;
constexpr uint32_t kMaxShaRounds = 1'000'000;  // about half a second

bool IsCryptText(std::string_view text) {
  return text.find_first_not_of(kCryptAlphabet) == std::string_view::npos;
}

// Computes crypt(3) and compares what follows `hash_at`. libxcrypt takes at most 511 bytes; nothing
// is cut to fit.
Result<bool> CheckByCrypt(std::string_view password, const std::string& stored, size_t hash_at) {
  if (password.size() >= CRYPT_MAX_PASSPHRASE_SIZE) return false;
  auto data = std::make_unique<crypt_data>();
  std::string phrase(password);
  const char* computed = crypt_rn(phrase.c_str(), stored.c_str(), data.get(), sizeof *data);
  int error = errno;
  sodium_memzero(phrase.data(), phrase.size());
  bool matches = false;
  if (computed != nullptr) {
    std::string_view text = computed;
    matches = text.size() == stored.size() &&
              SameDigest(text.substr(hash_at), std::string_view(stored).substr(hash_at));
  }
  sodium_memzero(data.get(), sizeof *data);
  if (computed == nullptr) {
    return error == ENOMEM ? Fail(Reason::kUnavailable, "no memory for crypt")
                           : Fail(Reason::kInternal, "crypt refuses a stored string");
  }
  return matches;
}

}  // namespace

// bcrypt never saw what follows byte 72. The bank that made the string accepted such passwords, so
// they are accepted here once more; the same sign-in replaces the string by Argon2id over every
// byte (attack X01).
Result<LegacyCheck> ReadBcrypt(std::string_view stored) {
  if (stored.size() != kBcryptSize || stored[6] != '$' || !IsCryptText(stored.substr(7))) {
    return Malformed("verifier", "this bcrypt string is not $2b$NN$ and 53 characters");
  }
  uint32_t cost = 0;
  if (stored[4] >= '0' && stored[4] <= '9' && stored[5] >= '0' && stored[5] <= '9') {
    cost = static_cast<uint32_t>((stored[4] - '0') * 10 + (stored[5] - '0'));
  }
  if (cost < 4 || cost > kMaxBcryptCost) {
    return Malformed("verifier", "the cost of a bcrypt string must be 04 to 16");
  }
  // The last character of the salt carries two bits only, and some libraries fill in the rest: what
  // is compared is the hash, not the whole string.
  return LegacyCheck([text = std::string(stored)](std::string_view password) {
    return CheckByCrypt(password.substr(0, kBcryptPasswordBytes), text, kBcryptHashAt);
  });
}

// "$6$salt$hash" or "$6$rounds=N$salt$hash".
Result<LegacyCheck> ReadShaCrypt(std::string_view stored) {
  constexpr std::string_view kRounds = "rounds=";
  std::vector<std::string_view> fields = SplitFields(stored, '$');
  if (fields.size() == 5 && fields[2].starts_with(kRounds)) {
    auto rounds = ParseNumber(fields[2].substr(kRounds.size()), kMaxShaRounds);
    if (!rounds || *rounds < kMinShaRounds) {
      return Malformed("verifier", "the rounds of a SHA-crypt string must be 1000 to 1000000");
    }
    fields.erase(fields.begin() + 2);
  }
  size_t hash_size = stored[1] == '5' ? 43 : 86;
  if (fields.size() != 4 || fields[2].empty() || fields[2].size() > 16 || !IsCryptText(fields[2]) ||
      fields[3].size() != hash_size || !IsCryptText(fields[3])) {
    return Malformed("verifier", "this SHA-crypt string is not $5$salt$hash or $6$salt$hash");
  }
  return LegacyCheck([text = std::string(stored), hash_size](std::string_view password) {
    return CheckByCrypt(password, text, text.size() - hash_size);
  });
}

// "$y$j9T$salt$hash" as crypt_gensalt(3) writes it: flavour j, one character for log2 N, one for r
// (8 or 32).
Result<LegacyCheck> ReadYescrypt(std::string_view stored) {
  std::vector<std::string_view> fields = SplitFields(stored, '$');
  if (fields.size() != 5 || fields[2].size() != 3 || fields[2][0] != 'j' ||
      (fields[2][2] != '5' && fields[2][2] != 'T') || fields[3].empty() || fields[3].size() > 86 ||
      !IsCryptText(fields[3]) || fields[4].size() != 43 || !IsCryptText(fields[4])) {
    return Malformed("verifier", "this yescrypt string is not of the form $y$j9T$salt$hash");
  }
  uint64_t block_bytes = uint64_t{128} * (fields[2][2] == '5' ? 8 : 32);
  size_t log2_n = kCryptAlphabet.find(fields[2][1]) + 1;  // npos + 1 is 0
  if (log2_n < 10 || log2_n > 20 || (block_bytes << log2_n) > uint64_t{kMaxMemoryKib} * 1024) {
    return Malformed("verifier", "this yescrypt string asks for too little or too much memory");
  }
  return LegacyCheck([text = std::string(stored)](std::string_view password) {
    return CheckByCrypt(password, text, text.size() - 43);
  });
}

}  // namespace latchkey::crypto
