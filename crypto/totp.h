// SPDX-License-Identifier: Apache-2.0
// Time-based one-time passwords (RFC 6238: SHA-1, 6 digits, 30 s), for staff.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/secret.h"
#include "services/base/clock.h"
#include "services/base/random.h"

namespace latchkey::crypto {

inline constexpr size_t kTotpKeyBytes = 20;  // 160 bits (RFC 4226, section 4)

// The time step whose code is `digits`, among the present step and one either side, if it is later
// than `last_step`; nullopt otherwise. The caller stores the step with a guarded update, so that
// each code is accepted once.
std::optional<int64_t> MatchTotp(const Secret& key, std::string_view digits, TimePoint now,
                                 int64_t last_step);

// The code of this moment, for enrolment checks and tests.
Secret TotpAt(const Secret& key, TimePoint now);

// The otpauth:// URI and the base32 text that authenticator programs take.
Secret TotpUri(const Secret& key, std::string_view issuer, std::string_view label);
std::string ToBase32(std::string_view bytes);
// Spaces and lower case are taken as people type them; padding and stray bits are not.
std::optional<std::string> FromBase32(std::string_view text);

}  // namespace latchkey::crypto
