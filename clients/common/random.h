// SPDX-License-Identifier: Apache-2.0
// Random bytes for clients: idempotency keys, form tokens.
#pragma once

#include "services/base/random.h"

namespace latchkey::client {

// The kernel's generator through libsodium. Threads: any.
class SystemRandom final : public Random {
 public:
  SystemRandom();
  void Fill(void* out, size_t size) override;
};

}  // namespace latchkey::client
