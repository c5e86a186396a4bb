// SPDX-License-Identifier: Apache-2.0
#include "crypto/password.h"

#include <sodium.h>

#include <optional>
#include <utility>
#include <vector>

#include "crypto/legacy.h"
#include "crypto/stored_text.h"
#include "services/base/check.h"

namespace latchkey::crypto {
namespace {

constexpr std::string_view kOwnPrefix = "$latchkey$";
constexpr size_t kOwnHashBytes = 32;

// The parts of "$latchkey$p=1$argon2id$v=19$m=19456,t=2,p=1$salt$hash".
struct OwnVerifier {
  int pepper_version = 0;
  Argon2Cost cost;
  std::string salt;
  Secret hash;
};

std::optional<OwnVerifier> ParseOwn(std::string_view stored) {
  if (stored.size() > kLongestVerifier || !stored.starts_with(kOwnPrefix)) return std::nullopt;
  std::vector<std::string_view> fields = SplitFields(stored.substr(kOwnPrefix.size()), '$');
  if (fields.size() != 6 || fields[1] != "argon2id" || fields[2] != "v=19") return std::nullopt;
  auto pepper = ParseNumbers(fields[0], {"p"});
  auto numbers = ParseNumbers(fields[3], {"m", "t", "p"});
  auto salt = FromBase64(fields[4], Padding::kNone);
  auto hash = FromBase64(fields[5], Padding::kNone);
  if (!pepper || !numbers || !salt || !hash || (*pepper)[0] < 1 || (*pepper)[0] > INT32_MAX ||
      (*numbers)[2] != 1 || salt->size() != kArgon2SaltBytes || hash->size() != kOwnHashBytes) {
    return std::nullopt;
  }
  OwnVerifier verifier{.pepper_version = static_cast<int>((*pepper)[0]),
                       .cost = {.memory_kib = (*numbers)[0], .passes = (*numbers)[1]},
                       .salt = std::move(*salt),
                       .hash = Secret::Adopt(*hash)};
  if (!CheckArgon2Cost(verifier.cost).ok()) return std::nullopt;
  return verifier;
}

// HMAC-SHA-256(pepper, password), so that a stolen database without the key file cannot even be
// guessed at. The result has a fixed length: no byte of a password is out of Argon2id's sight
// (attacks X01, X02).
Secret Peppered(const Secret& pepper, const Secret& password) {
  crypto_auth_hmacsha256_state state;
  std::string mac(crypto_auth_hmacsha256_BYTES, '\0');
  crypto_auth_hmacsha256_init(
      &state, reinterpret_cast<const unsigned char*>(pepper.Reveal().data()), pepper.size());
  crypto_auth_hmacsha256_update(
      &state, reinterpret_cast<const unsigned char*>(password.Reveal().data()), password.size());
  crypto_auth_hmacsha256_final(&state, reinterpret_cast<unsigned char*>(mac.data()));
  sodium_memzero(&state, sizeof state);
  return Secret::Adopt(mac);
}

Result<Verification> VerifyOwn(const Secret& password, std::string_view stored,
                               const KeyRing& ring) {
  std::optional<OwnVerifier> verifier = ParseOwn(stored);
  if (!verifier) return Fail(Reason::kInternal, "a stored verifier is malformed or out of bounds");
  const Secret* pepper = ring.At(KeyUse::kPepper, verifier->pepper_version);
  if (pepper == nullptr) {
    return Fail(Reason::kInternal, "a stored verifier needs pepper version " +
                                       std::to_string(verifier->pepper_version) +
                                       ", which the key ring does not have");
  }
  LATCHKEY_ASSIGN(Secret hash, Argon2idRaw(Peppered(*pepper, password).Reveal(), verifier->salt,
                                           verifier->cost, kOwnHashBytes));
  return hash.Matches(verifier->hash) ? Verification::kMatch : Verification::kNoMatch;
}

}  // namespace

std::string HashPassword(const Secret& password, Argon2Cost cost, const KeyRing& ring,
                         Random& random) {
  std::string salt = random.Take(kArgon2SaltBytes);
  Result<Secret> hash = Argon2idRaw(Peppered(ring.Current(KeyUse::kPepper), password).Reveal(),
                                    salt, cost, kOwnHashBytes);
  LATCHKEY_CHECK(hash.ok());
  return std::string(kOwnPrefix) + "p=" + std::to_string(ring.CurrentVersion(KeyUse::kPepper)) +
         "$argon2id$v=19$m=" + std::to_string(cost.memory_kib) +
         ",t=" + std::to_string(cost.passes) + ",p=1$" + ToBase64(salt) + "$" +
         ToBase64(hash->Reveal());
}

Result<Verification> VerifyPassword(const Secret& password, std::string_view stored,
                                    const KeyRing& ring) {
  if (stored.starts_with(kOwnPrefix)) return VerifyOwn(password, stored, ring);
  return VerifyLegacy(password, stored);
}

bool IsForeign(std::string_view stored) { return !stored.starts_with(kOwnPrefix); }

bool NeedsUpgrade(std::string_view stored, Argon2Cost cost, const KeyRing& ring) {
  std::optional<OwnVerifier> verifier = ParseOwn(stored);
  return !verifier || verifier->pepper_version != ring.CurrentVersion(KeyUse::kPepper) ||
         verifier->cost.memory_kib < cost.memory_kib || verifier->cost.passes < cost.passes;
}

Done CheckImportedVerifier(std::string_view stored) { return CheckLegacy(stored); }

}  // namespace latchkey::crypto
