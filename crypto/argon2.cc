// SPDX-License-Identifier: Apache-2.0
#include "crypto/argon2.h"

#include <sodium.h>

#include <string>

#include "crypto/work_area.h"
#include "services/base/check.h"

namespace latchkey::crypto {

static_assert(kArgon2SaltBytes == crypto_pwhash_argon2id_SALTBYTES);
static_assert(kMinArgon2HashBytes == crypto_pwhash_argon2id_BYTES_MIN);
static_assert(size_t{kMinMemoryKib} * 1024 == crypto_pwhash_argon2id_MEMLIMIT_MIN);

Done CheckArgon2Cost(Argon2Cost cost) {
  if (cost.memory_kib < kMinMemoryKib || cost.memory_kib > kMaxMemoryKib) {
    return Fail(Reason::kMalformed, "Argon2 memory is " + std::to_string(cost.memory_kib) +
                                        " KiB; it must be " + std::to_string(kMinMemoryKib) +
                                        " to " + std::to_string(kMaxMemoryKib));
  }
  if (cost.passes < 1 || cost.passes > kMaxPasses ||
      uint64_t{cost.memory_kib} * cost.passes > kMaxMemoryKibPasses) {
    return Fail(Reason::kMalformed, "Argon2 makes " + std::to_string(cost.passes) +
                                        " passes; it must be 1 to " + std::to_string(kMaxPasses) +
                                        ", and passes times memory at most " +
                                        std::to_string(kMaxMemoryKibPasses) + " KiB");
  }
  return {};
}

Result<Secret> Argon2idRaw(std::string_view message, std::string_view salt, Argon2Cost cost,
                           size_t size) {
  LATCHKEY_CHECK(CheckArgon2Cost(cost).ok() && salt.size() == kArgon2SaltBytes &&
                 size >= kMinArgon2HashBytes);
  std::string hash(size, '\0');
  const WorkArea::Passage passage;
  if (crypto_pwhash_argon2id(
          reinterpret_cast<unsigned char*>(hash.data()), hash.size(), message.data(),
          message.size(), reinterpret_cast<const unsigned char*>(salt.data()), cost.passes,
          size_t{cost.memory_kib} * 1024, crypto_pwhash_argon2id_ALG_ARGON2ID13) != 0) {
    return Fail(Reason::kUnavailable, "no memory for Argon2id");
  }
  return Secret::Adopt(hash);
}

}  // namespace latchkey::crypto
