// SPDX-License-Identifier: Apache-2.0
// Links, codes and sessions: how they are made and written. What they may do is decided elsewhere.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "crypto/secret.h"
#include "services/base/random.h"

namespace latchkey::crypto {

inline constexpr size_t kTokenBytes = 32;       // 256 bits: links, sessions, devices, handles
inline constexpr size_t kCodeDigits = 8;        // messages
inline constexpr size_t kAssistedDigits = 12;   // branch tokens
inline constexpr size_t kSavedCodeDigits = 20;  // 66 bits (NIST SP 800-63B-4, 4.2.1.1)

Secret NewToken(Random& random);

// `digits` decimal digits, each equally likely (rejection sampling), leading zeros kept.
Secret NewCode(Random& random, size_t digits);

// True for exactly `digits` ASCII digits and nothing else. Spaces and hyphens are for the clients
// to take out.
bool IsCode(std::string_view text, size_t digits);

// base64url without padding (RFC 4648, section 5), for links and cookies.
std::string ToBase64Url(std::string_view bytes);
// nullopt unless the text is the one canonical form of some bytes (no padding, no stray bits).
std::optional<std::string> FromBase64Url(std::string_view text);

// A public reference for saying aloud, such as "R-7K2M-9QXA": 40 random bits in Crockford base32
// (no I, L, O, U).
std::string NewReference(Random& random, char prefix);
// Upper case, O→0, I and L→1, hyphens put where they belong; nullopt when it cannot be a reference.
std::optional<std::string> CanonicalReference(std::string_view text);

}  // namespace latchkey::crypto
