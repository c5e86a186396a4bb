// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "services/cases/attend.h"
#include "services/cases/cases.h"
#include "services/ledger/cases.h"

namespace latchkey::cases {

Result<WaitingList> Cases::ListWaiting(const model::Staff& staff) {
  return ledger_.Query([&](ledger::Transaction& tx) -> Result<WaitingList> {
    WaitingList list;
    // One more to see whether there are more, and one in case the person's own is among them.
    LATCHKEY_ASSIGN(list.cases, ledger::ListWaitingCases(tx, kLongestWaitingList + 2));
    std::erase_if(list.cases, [&](const model::Case& one) {
      return !RefuseOwnAccount(staff, one.account_id).ok();
    });
    list.more = list.cases.size() > kLongestWaitingList;
    if (list.more) list.cases.resize(kLongestWaitingList);
    return list;
  });
}

}  // namespace latchkey::cases
