// SPDX-License-Identifier: Apache-2.0
// Keyed digests over several parts. Each part is length-prefixed and the purpose is part of the
// digest, so no two uses and no two splittings can give the same value.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "crypto/secret.h"
#include "services/base/bytes.h"

namespace latchkey::crypto {

// What a digest is for. The text is the domain separator and never changes once data exists.
struct Purpose {
  std::string_view name;
};

// HMAC-SHA-256 (FIPS 198-1) over purpose and parts; 32 bytes.
Bytes KeyedDigest(const Secret& key, Purpose purpose,
                  std::initializer_list<std::string_view> parts);

// SHA-256 of purpose and parts; 32 bytes. For what holds no low-entropy secret.
Bytes Digest(Purpose purpose, std::initializer_list<std::string_view> parts);

// Eight bytes, big-endian, for integers among the parts.
std::string Part(int64_t value);

}  // namespace latchkey::crypto
