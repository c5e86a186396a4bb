// SPDX-License-Identifier: Apache-2.0
// What may be asked for only so often, and is then refused for a while.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "crypto/digest.h"
#include "services/recovery/recovery.h"

namespace latchkey::recovery {

inline hotstate::Budget BudgetOf(const Parts& parts, crypto::Purpose purpose, std::string_view who,
                                 const hotstate::Allowance& allowance) {
  return {.key = crypto::KeyedDigest(parts.store.keys.Current(crypto::KeyUse::kIdentifier), purpose,
                                     {who}),
          .capacity = allowance.capacity,
          .refill = allowance.refill};
}

// Takes one of each, or none; then `none`, with when there is one again.
inline Done Spend(const Parts& parts, const std::vector<hotstate::Budget>& budgets,
                  std::string_view detail, Reason none = Reason::kBusy) {
  const TimePoint now = parts.store.clock.Now();
  LATCHKEY_ASSIGN(const auto spending, parts.hot_state.Take(budgets, now));
  if (spending.granted) return {};
  return Failure{.reason = none,
                 .detail = std::string(detail),
                 .retry_at = now + budgets[spending.empty].refill};
}

}  // namespace latchkey::recovery
