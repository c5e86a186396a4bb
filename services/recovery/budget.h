// SPDX-License-Identifier: Apache-2.0
// What may be asked for only so often, and is then refused for a while.
#pragma once

#include <string>
#include <string_view>

#include "services/recovery/recovery.h"

namespace latchkey::recovery {

// Takes one; kBusy, with when there is one again, when there is none.
inline Done SpendOne(const Parts& parts, const hotstate::Budget& budget, std::string_view detail) {
  const TimePoint now = parts.store.clock.Now();
  LATCHKEY_ASSIGN(const auto spending, parts.hot_state.Take({budget}, now));
  if (spending.granted) return {};
  return Failure{
      .reason = Reason::kBusy, .detail = std::string(detail), .retry_at = now + budget.refill};
}

}  // namespace latchkey::recovery
