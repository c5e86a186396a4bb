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

// A contact's address is sealed to its kind and to when it was added: dated back, it would count at
// once (Law 7).
inline std::string ContactPlace(ContactId id, model::ContactKind kind, TimePoint added_at) {
  return Place("contacts.sealed", id.value) + crypto::Part(static_cast<int64_t>(kind)) +
         crypto::Part(ToUnixMillis(added_at));
}

// An account's key is sealed to its rule pack and to when it was made: another pack may ask for
// fewer proofs (Law 7).
inline std::string AccountKeyPlace(AccountId id, TimePoint made_at, std::string_view pack) {
  return Place("accounts.key_sealed", id.value) + crypto::Part(ToUnixMillis(made_at)) +
         std::string(pack);
}

// The account's key; nullopt once the account is erased (Law 14). kInternal when there is no such
// account.
Result<std::optional<Secret>> FindAccountKey(Transaction& tx, const crypto::KeyRing& keys,
                                             AccountId id);

}  // namespace latchkey::ledger
