// SPDX-License-Identifier: Apache-2.0
// What of an account is sealed under its own key: name, identifiers, contacts.
#include <limits>

#include "crypto/seal.h"
#include "services/ledger/accounts.h"
#include "services/ledger/sql/sealed_fields.h"

namespace latchkey::ledger {
namespace {

Result<std::string> OpenText(const Secret& key, std::string_view place, const Bytes& sealed) {
  LATCHKEY_ASSIGN(Secret plain, crypto::Open(key, place, sealed));
  return std::string(plain.Reveal());
}

}  // namespace

Result<std::optional<Secret>> FindAccountKey(Transaction& tx, const crypto::KeyRing& keys,
                                             AccountId id) {
  LATCHKEY_ASSIGN(Rows rows,
                  tx.Run("SELECT key_sealed, made_at, pack FROM accounts WHERE id = $1", id));
  if (rows.empty()) {
    return Fail(Reason::kInternal, "account " + std::to_string(id.value) + " is not there");
  }
  const Row& row = rows.front();
  if (row.IsNull(0)) return std::optional<Secret>();
  LATCHKEY_ASSIGN(
      Secret key,
      crypto::OpenWithRing(keys, AccountKeyPlace(id, row.Time(1), row.Text(2)), row.Blob(0)));
  return std::optional<Secret>(std::move(key));
}

Result<Secret> LoadAccountKey(Transaction& tx, const crypto::KeyRing& keys, AccountId id) {
  LATCHKEY_ASSIGN(std::optional<Secret> key, FindAccountKey(tx, keys, id));
  if (!key) {
    return Fail(Reason::kInternal, "account " + std::to_string(id.value) + " is erased");
  }
  return *std::move(key);
}

Result<std::string> LoadName(Transaction& tx, const crypto::KeyRing& keys, AccountId id) {
  LATCHKEY_ASSIGN(Secret key, LoadAccountKey(tx, keys, id));
  LATCHKEY_ASSIGN(Rows rows, tx.Run("SELECT name_sealed FROM accounts WHERE id = $1", id));
  return OpenText(key, Place("accounts.name_sealed", id.value), rows.front().Blob(0));
}

Result<std::vector<model::Identifier>> LoadIdentifiers(Transaction& tx, const crypto::KeyRing& keys,
                                                       AccountId id) {
  LATCHKEY_ASSIGN(Secret key, LoadAccountKey(tx, keys, id));
  LATCHKEY_ASSIGN(
      Rows rows,
      tx.Run("SELECT kind, sealed FROM identifiers WHERE account_id = $1 ORDER BY kind, digest",
             id));
  std::vector<model::Identifier> identifiers;
  for (const Row& row : rows.rows) {
    LATCHKEY_ASSIGN(std::string text,
                    OpenText(key, Place("identifiers.sealed", id.value), row.Blob(1)));
    identifiers.push_back({.kind = row.Enumerated<model::IdentifierKind>(0), .text = text});
  }
  return identifiers;
}

Result<std::vector<model::Contact>> LoadContacts(Transaction& tx, const crypto::KeyRing& keys,
                                                 AccountId id,
                                                 std::optional<TimePoint> removed_since) {
  LATCHKEY_ASSIGN(Secret key, LoadAccountKey(tx, keys, id));
  int64_t since =
      removed_since ? ToUnixMillis(*removed_since) : std::numeric_limits<int64_t>::max();
  LATCHKEY_ASSIGN(Rows rows,
                  tx.Run("SELECT id, kind, sealed, added_at, removed_at FROM contacts"
                         " WHERE account_id = $1 AND (removed_at IS NULL OR removed_at > $2)"
                         " ORDER BY added_at, id",
                         id, since));
  std::vector<model::Contact> contacts;
  for (const Row& row : rows.rows) {
    model::Contact contact{.id = row.As<ContactId>(0),
                           .account_id = id,
                           .kind = row.Enumerated<model::ContactKind>(1),
                           .address = {},
                           .added_at = row.Time(3),
                           .removed_at = row.Time(4)};
    // An edited one (attack D07) does not count as absent: nothing is done that its owner would not
    // be told of (Law 9).
    LATCHKEY_ASSIGN(
        contact.address,
        OpenText(key, ContactPlace(contact.id, contact.kind, contact.added_at), row.Blob(2)));
    contacts.push_back(std::move(contact));
  }
  return contacts;
}

}  // namespace latchkey::ledger
