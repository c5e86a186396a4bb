// SPDX-License-Identifier: Apache-2.0
// How much in the ledger hangs on one version of a key, before it is retired.
#pragma once

#include <cstdint>

#include "crypto/keyring.h"
#include "services/base/result.h"
#include "services/ledger/ledger.h"

namespace latchkey::ledger {

// Rows that could not be read or verified any more without this version: passwords under a pepper;
// accounts, staff and the service's own journal under a field key. 0 for uses whose rows end by
// themselves.
Result<int64_t> CountUnderKey(Transaction& tx, crypto::KeyUse use, int version);

}  // namespace latchkey::ledger
