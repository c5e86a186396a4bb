// SPDX-License-Identifier: Apache-2.0
// How long to wait before the next try: growing, bounded, and never the same for all.
#pragma once

#include "services/base/clock.h"
#include "services/base/random.h"

namespace latchkey::courier {

struct Pauses {
  Millis first = std::chrono::seconds(10);
  Millis longest = std::chrono::minutes(60);
};

// After the `attempt`-th try (from 1) failed: first × 2^(attempt - 1), at most `longest`, and of
// that a random part from the upper half, so that what failed together does not come back together.
Millis PauseAfter(int64_t attempt, const Pauses& pauses, Random& random);

}  // namespace latchkey::courier
