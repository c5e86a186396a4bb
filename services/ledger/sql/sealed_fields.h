// SPDX-License-Identifier: Apache-2.0
// Where a sealed field belongs, and the key that opens it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "crypto/digest.h"
#include "crypto/keyring.h"
#include "crypto/secret.h"
#include "services/ledger/accounts.h"

namespace latchkey::ledger {

// What a sealed field is bound to: its column and its row. Moved elsewhere it does not open (attack
// D07).
inline std::string Place(std::string_view column, int64_t row) {
  return std::string(column) + crypto::Part(row);
}

// The account's key; nullopt once the account is erased (Law 14). kInternal when there is no such
// account.
Result<std::optional<Secret>> FindAccountKey(Transaction& tx, const crypto::KeyRing& keys,
                                             AccountId id);

}  // namespace latchkey::ledger
