// SPDX-License-Identifier: Apache-2.0
// What the stores among themselves know of the journal's writing.
#pragma once

#include <cstdint>
#include <string>

#include "crypto/secret.h"
#include "services/ledger/accounts.h"
#include "services/model/journal.h"

namespace latchkey::ledger {

// Where an entry's details belong: this entry of this chain.
std::string DetailsPlace(AccountId account, int64_t seq);

// Appends for a caller that already holds the account's key: spares a read for each imported
// account.
Done AppendWithKey(Transaction& tx, const StoreContext& context, const model::Entry& entry,
                   const Secret& account_key);

}  // namespace latchkey::ledger
