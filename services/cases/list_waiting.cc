// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "services/cases/attend.h"
#include "services/cases/cases.h"
#include "services/ledger/cases.h"

namespace latchkey::cases {

Result<std::vector<model::Case>> Cases::ListWaiting(const model::Staff& staff) {
  return ledger_.Query([&](ledger::Transaction& tx) -> Result<std::vector<model::Case>> {
    // One more, in case the person's own is among them.
    LATCHKEY_ASSIGN(auto waiting, ledger::ListWaitingCases(tx, kLongestWaitingList + 1));
    std::erase_if(waiting, [&](const model::Case& one) {
      return !RefuseOwnAccount(staff, one.account_id).ok();
    });
    if (waiting.size() > kLongestWaitingList) waiting.resize(kLongestWaitingList);
    return waiting;
  });
}

}  // namespace latchkey::cases
