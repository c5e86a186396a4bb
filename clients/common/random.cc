// SPDX-License-Identifier: Apache-2.0
#include "clients/common/random.h"

#include <sodium.h>

#include "services/base/check.h"

namespace latchkey::client {

SystemRandom::SystemRandom() { LATCHKEY_CHECK(sodium_init() >= 0); }
void SystemRandom::Fill(void* out, size_t size) { randombytes_buf(out, size); }

}  // namespace latchkey::client
