// SPDX-License-Identifier: Apache-2.0
#include "services/signin/source_budgets.h"

#include "crypto/digest.h"
#include "services/signin/lanes.h"

namespace latchkey::signin {

std::vector<hotstate::Budget> SourceBudgets(const crypto::KeyRing& keys, std::string_view what,
                                            const std::string& source, const SourceRules& rules) {
  const auto of = [&](std::string_view scope, std::string_view who,
                      const hotstate::Allowance& allowance) {
    return hotstate::Budget{
        .key = crypto::KeyedDigest(keys.Current(crypto::KeyUse::kIdentifier),
                                   {"latchkey budget of sources v1"}, {what, scope, who}),
        .capacity = allowance.capacity,
        .refill = allowance.refill};
  };
  std::vector<hotstate::Budget> budgets = {of("source", source, rules.source)};
  const std::string wider = WiderSource(source);
  if (!wider.empty()) budgets.push_back(of("wider source", wider, rules.wider_source));
  if (rules.everybody) budgets.push_back(of("everybody", {}, *rules.everybody));
  return budgets;
}

}  // namespace latchkey::signin
