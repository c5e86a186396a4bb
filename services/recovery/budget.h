// SPDX-License-Identifier: Apache-2.0
// What may be asked for only so often, and is then refused for a while.
#pragma once

#include <string_view>
#include <vector>

#include "crypto/digest.h"
#include "services/hotstate/spend.h"
#include "services/recovery/recovery.h"

namespace latchkey::recovery {

inline hotstate::Budget BudgetOf(const Parts& parts, crypto::Purpose purpose, std::string_view who,
                                 const hotstate::Allowance& allowance) {
  return {.key = crypto::KeyedDigest(parts.store.keys.Current(crypto::KeyUse::kIdentifier), purpose,
                                     {who}),
          .capacity = allowance.capacity,
          .refill = allowance.refill};
}

inline Done Spend(const Parts& parts, const std::vector<hotstate::Budget>& budgets,
                  std::string_view detail) {
  return hotstate::Spend(parts.hot_state, budgets, detail, parts.store.clock.Now());
}

}  // namespace latchkey::recovery
