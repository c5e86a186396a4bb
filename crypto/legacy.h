// SPDX-License-Identifier: Apache-2.0
// Verifiers that a bank brings along. Each is checked as its old system did and replaced by
// Argon2id over the whole password at the owner's next sign-in, so that nobody's password changes.
// Used inside crypto/ only.
//
//   kind                  looks like                                           made by
//   Argon2                $argon2id$v=19$m=..,t=..,p=..$salt$hash ($argon2i$)   PHC strings of most
//   libraries bcrypt                $2b$10$… ($2a$, $2y$), cost 4 to 16                  crypt(3),
//   PHP, many frameworks SHA-crypt             $5$…, $6$… with or without rounds= crypt(3) yescrypt
//   $y$j9T$…                                             crypt(3) PBKDF2
//   $pbkdf2-sha256$rounds$salt$hash (sha512)             passlib
//                         pbkdf2_sha256$rounds$salt$hash                       Django
//   scrypt                $scrypt$ln=..,r=..,p=..$salt$hash                    passlib
//                         scrypt$salt$N$r$p$hash                               Django
//   salted LDAP digests   {SSHA}…, {SSHA256}…, {SSHA512}…                      OpenLDAP, 389
//   Directory Server
//
// For all of them: a password with a NUL, or longer than kMaxPasswordBytes, never matches (attacks
// X02, R01), and costs beyond the bounds are refused before any memory is taken (attack X04).
#pragma once

#include <functional>
#include <string_view>

#include "crypto/password.h"
#include "crypto/secret.h"
#include "services/base/result.h"

namespace latchkey::crypto {

// As CheckImportedVerifier and VerifyPassword.
Done CheckLegacy(std::string_view stored);
Result<Verification> VerifyLegacy(const Secret& password, std::string_view stored);

// Checks one password against a string that was read and is within bounds. The password has no NUL
// and at most kMaxPasswordBytes. kUnavailable when memory is short.
using LegacyCheck = std::function<Result<bool>(std::string_view password)>;

// The readers, one for each family (legacy_*.cc). kMalformed says what is wrong.
Result<LegacyCheck> ReadArgon2(std::string_view stored);
Result<LegacyCheck> ReadBcrypt(std::string_view stored);
Result<LegacyCheck> ReadShaCrypt(std::string_view stored);
Result<LegacyCheck> ReadYescrypt(std::string_view stored);
Result<LegacyCheck> ReadPbkdf2(std::string_view stored);
Result<LegacyCheck> ReadScrypt(std::string_view stored);
Result<LegacyCheck> ReadSaltedLdap(std::string_view stored);

}  // namespace latchkey::crypto
