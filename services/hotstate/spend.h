// SPDX-License-Identifier: Apache-2.0
// What may be asked for only so often, and then rests until there is one again.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "services/base/clock.h"
#include "services/base/result.h"
#include "services/hotstate/hotstate.h"

namespace latchkey::hotstate {

// Takes one of each budget, or none; then kResting, with when there is one again. `detail` is for
// the log. kUnavailable when the engine is away.
inline Done Spend(HotState& hot_state, const std::vector<Budget>& budgets, std::string_view detail,
                  TimePoint now) {
  LATCHKEY_ASSIGN(const Spending spending, hot_state.Take(budgets, now));
  if (spending.granted) return {};
  return Failure{.reason = Reason::kResting,
                 .detail = std::string(detail),
                 .retry_at = now + budgets[spending.empty].refill};
}

}  // namespace latchkey::hotstate
