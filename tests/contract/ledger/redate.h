// SPDX-License-Identifier: Apache-2.0
// Contacts as if they had been added at another time: sealed anew, because an edit makes them
// absent.
#pragma once

#include <optional>

#include "crypto/seal.h"
#include "services/ledger/sql/sealed_fields.h"

namespace latchkey::testing {

inline Done RedateContacts(ledger::Transaction& tx, const ledger::StoreContext& context,
                           AccountId id, TimePoint added_at,
                           std::optional<model::ContactKind> only = std::nullopt) {
  LATCHKEY_ASSIGN(const Secret key, ledger::LoadAccountKey(tx, context.keys, id));
  LATCHKEY_ASSIGN(const auto contacts, ledger::LoadContacts(tx, context.keys, id));
  for (const model::Contact& contact : contacts) {
    if (only && contact.kind != *only) continue;
    LATCHKEY_TRY(tx.Run("UPDATE contacts SET added_at = $2, sealed = $3 WHERE id = $1", contact.id,
                        added_at,
                        crypto::Seal(key, ledger::ContactPlace(contact.id, contact.kind, added_at),
                                     contact.address, context.random)));
  }
  return {};
}

}  // namespace latchkey::testing
