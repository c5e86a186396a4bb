// SPDX-License-Identifier: Apache-2.0
#include "services/courier/pauses.h"

#include <algorithm>

namespace latchkey::courier {

Millis PauseAfter(int64_t attempt, const Pauses& pauses, Random& random) {
  Millis whole = pauses.first;
  for (int64_t i = 1; i < attempt && whole < pauses.longest; ++i) whole *= 2;
  whole = std::min(whole, pauses.longest);
  uint32_t noise = 0;
  random.Fill(&noise, sizeof noise);
  return whole - Millis(whole.count() * (noise % 1024) / 2048);
}

}  // namespace latchkey::courier
