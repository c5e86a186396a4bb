// SPDX-License-Identifier: Apache-2.0
// The work of a journal entry for somebody who does not exist: as many statements, as many bytes,
// one durable write, so that the time a failure takes does not tell customers from strangers (Law
// 6, attack E03). It fills nothing: the same few rows are written over and over. What is worth
// keeping is counted by unknown_names.h.
#pragma once

#include "services/base/result.h"
#include "services/ledger/accounts.h"
#include "services/ledger/ledger.h"

namespace latchkey::ledger {

// `stand_in`: an account whose rows are read as the customer's would be; 0 reads none.
Done ImitateAppend(Transaction& tx, const StoreContext& context, AccountId stand_in);
// The same for taking a try of a code: a statement that writes where there was no code to write to,
// and one that only reads where there was.
Done ImitateTry(Transaction& tx, const StoreContext& context, bool taken);

}  // namespace latchkey::ledger
