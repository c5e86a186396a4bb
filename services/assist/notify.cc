// SPDX-License-Identifier: Apache-2.0
#include "services/assist/notify.h"

#include "services/recovery/notices.h"

namespace latchkey::assist {

Done TellEverybody(ledger::Transaction& tx, const ledger::StoreContext& context, const Rules& rules,
                   const cases::Attended& attended, courier::Happened what) {
  return recovery::TellEverybody(tx, context, rules.notices, what,
                                 {.account_id = attended.account.id,
                                  .security_epoch = attended.account.security_epoch,
                                  .case_id = attended.facts.id,
                                  .reference = attended.facts.reference,
                                  .channel = model::Channel::kBranch});
}

}  // namespace latchkey::assist
