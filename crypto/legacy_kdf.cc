// SPDX-License-Identifier: Apache-2.0
// PBKDF2 (RFC 8018) and scrypt (RFC 7914) as passlib and Django store them, computed by OpenSSL.
#include <openssl/evp.h>

#include <algorithm>
#include <bit>
#include <optional>
#include <string>
#include <vector>

#include "crypto/argon2.h"
#include "crypto/legacy.h"
#include "crypto/stored_text.h"
#include "services/base/check.h"

namespace latchkey::crypto {
namespace {

constexpr uint32_t kMaxPbkdf2Rounds = 5'000'000;  // a few seconds; Django 5 uses about a million
constexpr size_t kMaxSaltBytes = 128;
constexpr uint64_t kMaxScryptBytes = uint64_t{kMaxMemoryKib} * 1024;
constexpr uint64_t kMaxScryptWork = uint64_t{kMaxMemoryKibPasses} * 1024;
constexpr uint32_t kMaxScryptLanes = 16;
constexpr size_t kPasslibScryptBytes = 32;
constexpr size_t kDjangoScryptBytes = 64;

const unsigned char* Octets(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
unsigned char* Octets(std::string& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }

Result<LegacyCheck> Pbkdf2Check(const EVP_MD* hash_function, std::optional<uint32_t> rounds,
                                std::string salt, std::optional<std::string> hash) {
  if (!rounds || *rounds < 1) {
    return Malformed("verifier", "the rounds of a PBKDF2 string must be 1 to 5000000");
  }
  if (salt.empty() || salt.size() > kMaxSaltBytes || !hash ||
      hash->size() != static_cast<size_t>(EVP_MD_get_size(hash_function))) {
    return Malformed("verifier", "salt or hash of this PBKDF2 string is damaged");
  }
  return LegacyCheck([hash_function, rounds = *rounds, salt = std::move(salt),
                      expected = std::move(*hash)](std::string_view password) -> Result<bool> {
    std::string computed(expected.size(), '\0');
    LATCHKEY_CHECK(PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                                     Octets(std::string_view(salt)), static_cast<int>(salt.size()),
                                     static_cast<int>(rounds), hash_function,
                                     static_cast<int>(computed.size()), Octets(computed)) == 1);
    return SameDigest(computed, expected);
  });
}

// passlib writes base64 with "." for "+" in its PBKDF2 strings.
std::optional<std::string> FromPasslibBase64(std::string_view text) {
  if (text.find('+') != std::string_view::npos) return std::nullopt;
  std::string standard(text);
  std::replace(standard.begin(), standard.end(), '.', '+');
  return FromBase64(standard, Padding::kNone);
}

struct ScryptCost {
  uint64_t n = 0;  // a power of two
  uint64_t r = 0;
  uint64_t p = 0;
};

// A shorter output of scrypt is the front of a longer one, so a cut hash would still match:
// `hash_size` is exact.
Result<LegacyCheck> ScryptCheck(ScryptCost cost, std::string salt, std::optional<std::string> hash,
                                size_t hash_size) {
  bool sound = cost.n > 1 && std::has_single_bit(cost.n) && cost.n <= (1u << 24) && cost.r >= 1 &&
               cost.r <= 64 && cost.p >= 1 && cost.p <= kMaxScryptLanes;
  if (!sound || 128 * cost.n * cost.r > kMaxScryptBytes ||
      128 * cost.n * cost.r * cost.p > kMaxScryptWork) {
    return Malformed("verifier",
                     "this scrypt string asks for an impossible cost or too much memory");
  }
  if (salt.empty() || salt.size() > kMaxSaltBytes || !hash || hash->size() != hash_size) {
    return Malformed("verifier", "salt or hash of this scrypt string is damaged");
  }
  return LegacyCheck([cost, salt = std::move(salt),
                      expected = std::move(*hash)](std::string_view password) -> Result<bool> {
    std::string computed(expected.size(), '\0');
    // OpenSSL adds a little to the 128 N r of the algorithm and refuses when the sum is above the
    // bound given.
    uint64_t bound = kMaxScryptBytes + 128 * cost.r * cost.p + (1 << 20);
    if (EVP_PBE_scrypt(password.data(), password.size(), Octets(std::string_view(salt)),
                       salt.size(), cost.n, cost.r, cost.p, bound, Octets(computed),
                       computed.size()) != 1) {
      return Fail(Reason::kUnavailable, "no memory for scrypt");
    }
    return SameDigest(computed, expected);
  });
}

}  // namespace

Result<LegacyCheck> ReadPbkdf2(std::string_view stored) {
  bool passlib = stored.starts_with('$');
  const EVP_MD* hash_function = stored.starts_with("$pbkdf2-sha512$") ? EVP_sha512() : EVP_sha256();
  std::vector<std::string_view> fields = SplitFields(stored.substr(passlib ? 1 : 0), '$');
  if (fields.size() != 4) {
    return Malformed("verifier", "a PBKDF2 string is kind$rounds$salt$hash");
  }
  auto rounds = ParseNumber(fields[1], kMaxPbkdf2Rounds);
  if (!passlib) {
    return Pbkdf2Check(hash_function, rounds, std::string(fields[2]),
                       FromBase64(fields[3], Padding::kRequired));
  }
  return Pbkdf2Check(hash_function, rounds, FromPasslibBase64(fields[2]).value_or(""),
                     FromPasslibBase64(fields[3]));
}

Result<LegacyCheck> ReadScrypt(std::string_view stored) {
  if (stored.starts_with('$')) {
    std::vector<std::string_view> fields = SplitFields(stored.substr(1), '$');
    auto numbers = fields.size() == 4 ? ParseNumbers(fields[1], {"ln", "r", "p"}) : std::nullopt;
    if (!numbers || (*numbers)[0] > 63) {
      return Malformed("verifier", "this scrypt string is not $scrypt$ln=..,r=..,p=..$salt$hash");
    }
    return ScryptCheck({.n = uint64_t{1} << (*numbers)[0], .r = (*numbers)[1], .p = (*numbers)[2]},
                       FromBase64(fields[2], Padding::kNone).value_or(""),
                       FromBase64(fields[3], Padding::kNone), kPasslibScryptBytes);
  }
  std::vector<std::string_view> fields = SplitFields(stored, '$');
  if (fields.size() != 6) return Malformed("verifier", "a scrypt string is scrypt$salt$N$r$p$hash");
  auto n = ParseNumber(fields[2], UINT32_MAX);
  auto r = ParseNumber(fields[3], UINT32_MAX);
  auto p = ParseNumber(fields[4], UINT32_MAX);
  return ScryptCheck({.n = n.value_or(0), .r = r.value_or(0), .p = p.value_or(0)},
                     std::string(fields[1]), FromBase64(fields[5], Padding::kRequired),
                     kDjangoScryptBytes);
}

}  // namespace latchkey::crypto
