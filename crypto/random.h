// SPDX-License-Identifier: Apache-2.0
// The production Random: the kernel's generator through libsodium.
#pragma once

#include "services/base/random.h"

namespace latchkey::crypto {

// Must be called once before anything else in crypto/. Aborts when libsodium cannot start.
void Start();

// Threads: any. Asks getrandom each time, so forks and restored snapshots never repeat (attack
// L08).
class SystemRandom final : public Random {
 public:
  void Fill(void* out, size_t size) override;
};

}  // namespace latchkey::crypto
