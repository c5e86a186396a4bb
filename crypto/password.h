// SPDX-License-Identifier: Apache-2.0
// Verifiers for passwords: Argon2id with a versioned pepper, and the older kinds that are taken
// over.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "crypto/argon2.h"
#include "crypto/keyring.h"
#include "crypto/secret.h"
#include "services/base/random.h"
#include "services/base/result.h"

namespace latchkey::crypto {

// What clients may send (ASVS 6.2.9, attack R01). The edge refuses more before anything is hashed;
// nothing is cut.
inline constexpr size_t kMaxPasswordBytes = 1024;

// The stored form "$latchkey$p=<pepper version>$argon2id$v=19$m=..,t=..,p=1$salt$hash". The pepper
// is applied first: HMAC-SHA-256(pepper, password) is what Argon2id hashes, so every byte counts
// and NUL is a byte like any other. Takes memory_kib of memory and tens of milliseconds: call it in
// a hash slot only (services/signin/hash_slots.h). REQUIRES: a cost within the bounds
// (CheckArgon2Cost). Ends the process when the memory cannot be had.
std::string HashPassword(const Secret& password, Argon2Cost cost, const KeyRing& ring,
                         Random& random);

enum class Verification { kMatch, kNoMatch };

// Checks a password against a stored verifier of any known kind. Fails with kInternal for a string
// that is malformed, of an unknown kind, beyond the bounds, or peppered with a version that the
// ring lacks: never a match. kUnavailable when memory is short. Takes as long as the stored
// string's own cost, match or not.
Result<Verification> VerifyPassword(const Secret& password, std::string_view stored,
                                    const KeyRing& ring);

// A verifier that was taken over, without a pepper.
bool IsForeign(std::string_view stored);
// True when a stored verifier should be replaced at the next sign-in: another kind, lower cost, or
// an older pepper.
bool NeedsUpgrade(std::string_view stored, Argon2Cost cost, const KeyRing& ring);

// Whether an imported string is of a kind that can be verified, within bounds (legacy.h lists
// them). kMalformed says why not, without the string. Cheap: hashes nothing.
Done CheckImportedVerifier(std::string_view stored);

}  // namespace latchkey::crypto
