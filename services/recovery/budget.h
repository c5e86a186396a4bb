// SPDX-License-Identifier: Apache-2.0
// What may be asked for only so often, and is then refused for a while.
#pragma once

#include <string>
#include <string_view>

#include "services/recovery/recovery.h"

namespace latchkey::recovery {

// Takes one; when there is none, `none` with when there is one again.
inline Done SpendOne(const Parts& parts, const hotstate::Budget& budget, std::string_view detail,
                     Reason none = Reason::kBusy) {
  const TimePoint now = parts.store.clock.Now();
  LATCHKEY_ASSIGN(const auto spending, parts.hot_state.Take({budget}, now));
  if (spending.granted) return {};
  return Failure{.reason = none, .detail = std::string(detail), .retry_at = now + budget.refill};
}

}  // namespace latchkey::recovery
