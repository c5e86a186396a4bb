// SPDX-License-Identifier: Apache-2.0
// Argon2id itself (RFC 9106, version 0x13, one lane). The only place that asks libsodium for it, so
// that how its memory is had and kept is decided here and nowhere else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "crypto/secret.h"
#include "services/base/result.h"

namespace latchkey::crypto {

// Memory in KiB, passes; one lane. The default is OWASP's minimum for Argon2id.
struct Argon2Cost {
  uint32_t memory_kib = 19456;
  uint32_t passes = 2;
  bool operator==(const Argon2Cost&) const = default;
};
// Bounds on costs, also of those read from a stored string (attack X04): more is refused before any
// memory is taken, so that a planted row can exhaust neither memory nor a hash slot.
inline constexpr uint32_t kMinMemoryKib = 8;
inline constexpr uint32_t kMaxMemoryKib = 1 << 18;  // 256 MiB
inline constexpr uint32_t kMaxPasses = 16;
inline constexpr uint64_t kMaxMemoryKibPasses = 1 << 20;  // memory times passes: about a second

// kMalformed, with a line for the operator, for a cost beyond the bounds.
Done CheckArgon2Cost(Argon2Cost cost);

inline constexpr size_t kArgon2SaltBytes = 16;
inline constexpr size_t kMinArgon2HashBytes = 16;

// `size` bytes of Argon2id. REQUIRES: a cost within the bounds, a salt of kArgon2SaltBytes, at
// least kMinArgon2HashBytes. Takes memory_kib of memory while it runs, unless this thread was lent
// a WorkArea. kUnavailable when that memory cannot be had.
Result<Secret> Argon2idRaw(std::string_view message, std::string_view salt, Argon2Cost cost,
                           size_t size);

}  // namespace latchkey::crypto
