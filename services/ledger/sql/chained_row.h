// SPDX-License-Identifier: Apache-2.0
// A row of the journal, and whether it stands as its chain made it.
#pragma once

#include <string>

#include "crypto/keyring.h"
#include "services/ledger/value.h"

namespace latchkey::ledger {

// What is wrong with an entry behind `previous` (empty for the first of a chain); empty: nothing.
// Columns: id, account_id, seq, at, kind, channel, staff_id, case_id, recovery_id, details_sealed,
// digest, key_version.
std::string WrongWith(const Row& row, const Bytes& previous, const crypto::KeyRing& keys);

}  // namespace latchkey::ledger
