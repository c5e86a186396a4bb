// SPDX-License-Identifier: Apache-2.0
// How often a source may ask, whomever it names (attack K10).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/keyring.h"
#include "services/hotstate/hotstate.h"

namespace latchkey::signin {

struct SourceRules {
  hotstate::Allowance source{.capacity = 100, .refill = Millis(600)};
  hotstate::Allowance wider_source{.capacity = 1'000, .refill = Millis(60)};  // an IPv6 /48
  // None for what must not close because others ask.
  std::optional<hotstate::Allowance> everybody = hotstate::Allowance{10'000, Millis(2)};
};

// The budgets from which a request that came from `source` (CanonicalSource) takes one each: its
// own, that of its wider network if it has one, and everybody's if there is one. `what` is asked
// for, one word for each kind of request.
std::vector<hotstate::Budget> SourceBudgets(const crypto::KeyRing& keys, std::string_view what,
                                            const std::string& source, const SourceRules& rules);

}  // namespace latchkey::signin
