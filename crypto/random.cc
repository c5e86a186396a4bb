// SPDX-License-Identifier: Apache-2.0
#include "crypto/random.h"

#include <sodium.h>

#include "services/base/check.h"

namespace latchkey::crypto {

void Start() { LATCHKEY_CHECK(sodium_init() >= 0); }

// libsodium's default generator calls getrandom(2) for each request and keeps no state in the
// process; it aborts when the kernel has nothing to give.
void SystemRandom::Fill(void* out, size_t size) { randombytes_buf(out, size); }

}  // namespace latchkey::crypto
