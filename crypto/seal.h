// SPDX-License-Identifier: Apache-2.0
// Authenticated encryption of fields and payloads (XChaCha20-Poly1305-IETF, random nonce).
#pragma once

#include <string_view>

#include "crypto/keyring.h"
#include "crypto/secret.h"
#include "services/base/bytes.h"
#include "services/base/random.h"
#include "services/base/result.h"

namespace latchkey::crypto {

// Seals under one key. `bound_to` is authenticated and not stored: opening with another value
// fails, so a sealed field cannot be moved to another row or column. Output: 1 byte format, 24
// bytes nonce, ciphertext, 16 bytes tag.
Bytes Seal(const Secret& key, std::string_view bound_to, std::string_view plain, Random& random);
// kInternal when the bytes were not sealed by this key for this place.
Result<Secret> Open(const Secret& key, std::string_view bound_to, const Bytes& sealed);

// The same under the ring's field key; the version travels in front (4 bytes, big-endian).
Bytes SealWithRing(const KeyRing& ring, std::string_view bound_to, std::string_view plain,
                   Random& random);
Result<Secret> OpenWithRing(const KeyRing& ring, std::string_view bound_to, const Bytes& sealed);
// Whether that fails for want of the key: it was retired, or this ring was read before a rotation.
bool LacksKeyOf(const KeyRing& ring, const Bytes& sealed);

}  // namespace latchkey::crypto
