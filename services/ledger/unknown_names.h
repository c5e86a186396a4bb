// SPDX-License-Identifier: Apache-2.0
// Attempts on names that nobody has: counted durably, journaled as one summary for each hour (Law
// 13).
//
// They are no decision about any account, so they have no chain of their own, and a flood of them
// must not fill the journal. Counting one costs the one small write that an attempt on a real name
// costs too (attack E03).
#pragma once

#include "services/base/result.h"
#include "services/ledger/accounts.h"
#include "services/ledger/ledger.h"

namespace latchkey::ledger {

Done CountUnknownName(Transaction& tx, const StoreContext& context);

// Journals the hours that are over on the service's own chain and forgets their counts; returns how
// many attempts.
Result<int64_t> SummariseUnknownNames(Transaction& tx, const StoreContext& context);

}  // namespace latchkey::ledger
