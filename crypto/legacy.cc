// SPDX-License-Identifier: Apache-2.0
#include "crypto/legacy.h"

#include <array>
#include <string>

#include "crypto/stored_text.h"

namespace latchkey::crypto {
namespace {

struct LegacyKind {
  std::string_view prefix;
  Result<LegacyCheck> (*read)(std::string_view stored);
};

constexpr std::array kLegacyKinds = {
    LegacyKind{"$argon2id$", ReadArgon2},
    LegacyKind{"$argon2i$", ReadArgon2},
    LegacyKind{"$argon2d$", ReadArgon2},
    LegacyKind{"$2a$", ReadBcrypt},
    LegacyKind{"$2b$", ReadBcrypt},
    LegacyKind{"$2y$", ReadBcrypt},
    LegacyKind{"$5$", ReadShaCrypt},
    LegacyKind{"$6$", ReadShaCrypt},
    LegacyKind{"$y$", ReadYescrypt},
    LegacyKind{"$pbkdf2-sha256$", ReadPbkdf2},
    LegacyKind{"$pbkdf2-sha512$", ReadPbkdf2},
    LegacyKind{"pbkdf2_sha256$", ReadPbkdf2},
    LegacyKind{"$scrypt$", ReadScrypt},
    LegacyKind{"scrypt$", ReadScrypt},
    LegacyKind{"{SSHA}", ReadSaltedLdap},
    LegacyKind{"{SSHA256}", ReadSaltedLdap},
    LegacyKind{"{SSHA512}", ReadSaltedLdap},
};

// Kinds that people do bring, with the reason why they are not taken over.
struct RefusedKind {
  std::string_view prefix;
  std::string_view why;
};
constexpr std::array kRefusedKinds = {
    RefusedKind{"{SHA}", "unsalted SHA-1 does not protect a password"},
    RefusedKind{"{MD5}", "unsalted MD5 does not protect a password"},
    RefusedKind{"{SMD5}", "MD5 does not protect a password"},
    RefusedKind{"{CLEARTEXT}", "this is the password itself"},
    RefusedKind{"{CRYPT}", "give the crypt string without {CRYPT}"},
    RefusedKind{"{ARGON2}", "give the Argon2 string without {ARGON2}"},
    RefusedKind{"$1$", "md5crypt does not protect a password"},
    RefusedKind{"$apr1$", "md5crypt does not protect a password"},
    RefusedKind{"$2$", "this early bcrypt is not supported"},
    RefusedKind{"$2x$", "$2x$ marks hashes of a broken bcrypt"},
};

Result<LegacyCheck> Read(std::string_view stored) {
  if (stored.empty()) return Malformed("verifier", "it is empty");
  if (stored.size() > kLongestVerifier) {
    return Malformed("verifier",
                     "it is longer than " + std::to_string(kLongestVerifier) + " bytes");
  }
  for (const LegacyKind& kind : kLegacyKinds) {
    if (stored.starts_with(kind.prefix)) return kind.read(stored);
  }
  for (const RefusedKind& kind : kRefusedKinds) {
    if (stored.starts_with(kind.prefix)) return Malformed("verifier", std::string(kind.why));
  }
  return Malformed("verifier", "this is no known kind of password hash");
}

}  // namespace

Done CheckLegacy(std::string_view stored) {
  LATCHKEY_TRY(Read(stored));
  return {};
}

Result<Verification> VerifyLegacy(const Secret& password, std::string_view stored) {
  Result<LegacyCheck> check = Read(stored);
  if (!check.ok()) {
    return Fail(Reason::kInternal, "a stored verifier cannot be used: " + check.failure().detail);
  }
  if (password.size() > kMaxPasswordBytes ||
      password.Reveal().find('\0') != std::string_view::npos) {
    return Verification::kNoMatch;
  }
  LATCHKEY_ASSIGN(bool matches, (*check)(password.Reveal()));
  return matches ? Verification::kMatch : Verification::kNoMatch;
}

}  // namespace latchkey::crypto
