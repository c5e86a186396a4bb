// SPDX-License-Identifier: Apache-2.0
// Appends to the journal for a caller that already holds the account's key: spares a read for each
// imported account.
#pragma once

#include "crypto/secret.h"
#include "services/ledger/accounts.h"
#include "services/model/journal.h"

namespace latchkey::ledger {

Done AppendWithKey(Transaction& tx, const StoreContext& context, const model::Entry& entry,
                   const Secret& account_key);

}  // namespace latchkey::ledger
