// SPDX-License-Identifier: Apache-2.0
#include "services/ledger/accounts.h"

#include "crypto/digest.h"
#include "crypto/seal.h"
#include "services/ledger/sql/append.h"
#include "services/ledger/sql/sealed_fields.h"

namespace latchkey::ledger {
namespace {

constexpr crypto::Purpose kIdentifierPurpose{"latchkey/identifier/1"};
constexpr size_t kAccountKeyBytes = 32;

// The digest is the primary key: two accounts cannot claim one identifier, in whatever race (attack
// K07).
Done InsertIdentifiers(Transaction& tx, const StoreContext& context, AccountId id,
                       const Secret& account_key,
                       const std::vector<model::Identifier>& identifiers) {
  for (const model::Identifier& identifier : identifiers) {
    Bytes digest = IdentifierDigest(context.keys, identifier);
    Bytes sealed = crypto::Seal(account_key, Place("identifiers.sealed", id.value), identifier.text,
                                context.random);
    LATCHKEY_TRY(
        tx.Run("INSERT INTO identifiers (digest, account_id, kind, sealed) VALUES ($1, $2, $3, $4)",
               digest, id, identifier.kind, sealed));
  }
  return {};
}

Done InsertContacts(Transaction& tx, const StoreContext& context, AccountId id,
                    const Secret& account_key, TimePoint since,
                    const std::vector<std::pair<model::ContactKind, std::string>>& contacts) {
  for (const auto& [kind, address] : contacts) {
    auto contact = context.ids.Next<ContactId>();
    LATCHKEY_TRY(tx.Run(
        "INSERT INTO contacts (id, account_id, kind, sealed, added_at) VALUES ($1, $2, $3, $4, $5)",
        contact, id, kind,
        crypto::Seal(account_key, ContactPlace(contact, kind, since), address, context.random),
        since));
  }
  return {};
}

model::Account ReadAccount(const Row& row) {
  return model::Account{.id = row.As<AccountId>(0),
                        .state = row.Enumerated<model::AccountState>(1),
                        .security_epoch = row.Int(2),
                        .lane_epoch = row.Int(3),
                        .language = row.Text(4),
                        .pack = row.Text(5),
                        .made_at = row.Time(6)};
}

Failure NoSuchAccount(AccountId id) {
  return Fail(Reason::kInternal, "account " + std::to_string(id.value) + " is not there");
}

}  // namespace

Bytes IdentifierDigest(const crypto::KeyRing& keys, const model::Identifier& identifier) {
  return crypto::KeyedDigest(
      keys.Current(crypto::KeyUse::kIdentifier), kIdentifierPurpose,
      {crypto::Part(static_cast<int64_t>(identifier.kind)), identifier.text});
}

Result<AccountId> InsertAccount(Transaction& tx, const StoreContext& context,
                                const NewAccount& account) {
  if (account.identifiers.empty()) return Malformed("identifiers", "an account needs one");
  auto id = context.ids.Next<AccountId>();
  TimePoint now = context.clock.Now();
  std::string key_bytes = context.random.Take(kAccountKeyBytes);
  Secret key = Secret::Adopt(key_bytes);
  LATCHKEY_TRY(InsertIdentifiers(tx, context, id, key, account.identifiers));
  LATCHKEY_TRY(tx.Run(
      "INSERT INTO accounts (id, state, security_epoch, lane_epoch, key_sealed, name_sealed,"
      " language, pack, made_at) VALUES ($1, $2, 1, 1, $3, $4, $5, $6, $7)",
      id, model::AccountState::kActive,
      crypto::SealWithRing(context.keys, AccountKeyPlace(id, now, account.pack), key.Reveal(),
                           context.random),
      crypto::Seal(key, Place("accounts.name_sealed", id.value), account.name, context.random),
      account.language, account.pack, now));
  TimePoint since = account.contacts_since == TimePoint{} ? now : account.contacts_since;
  LATCHKEY_TRY(InsertContacts(tx, context, id, key, since, account.contacts));
  if (!account.verifier.empty()) {
    // At the account's own moment: whatever was set later was set by somebody.
    LATCHKEY_TRY(PutVerifier(tx, context, id, {.verifier = account.verifier, .set_at = now}));
  }
  model::Entry entry{.account_id = id, .event = model::Event::kImported};
  LATCHKEY_TRY(AppendWithKey(tx, context, entry, key));
  return id;
}

Result<std::optional<AccountId>> FindAccount(Transaction& tx, const crypto::KeyRing& keys,
                                             const model::Identifier& identifier) {
  LATCHKEY_ASSIGN(Rows rows, tx.Run("SELECT account_id FROM identifiers WHERE digest = $1",
                                    IdentifierDigest(keys, identifier)));
  if (rows.empty()) return std::optional<AccountId>();
  return std::optional<AccountId>(rows.front().As<AccountId>(0));
}

// Digests are as good as random, so the next one in order is. Behind the last comes the first,
// which is looked up every time: one statement and two look-ups for every name.
Result<NearestAccount> FindNearestAccount(Transaction& tx, const crypto::KeyRing& keys,
                                          const model::Identifier& identifier) {
  const Bytes digest = IdentifierDigest(keys, identifier);
  LATCHKEY_ASSIGN(Rows rows,
                  tx.Run("SELECT account_id, digest FROM ("
                         "SELECT * FROM (SELECT account_id, digest, 0 AS is_first FROM identifiers"
                         " WHERE digest >= $1 ORDER BY digest LIMIT 1) AS next"
                         " UNION ALL "
                         "SELECT * FROM (SELECT account_id, digest, 1 AS is_first FROM identifiers"
                         " ORDER BY digest LIMIT 1) AS first"
                         ") AS found ORDER BY is_first LIMIT 1",
                         digest));
  if (rows.empty()) return NearestAccount();
  const Row& row = rows.front();
  return NearestAccount{.id = row.As<AccountId>(0), .is_named = row.Blob(1) == digest};
}

Result<std::optional<model::Account>> FindAccountById(Transaction& tx, AccountId id) {
  LATCHKEY_ASSIGN(Rows rows,
                  tx.Run("SELECT id, state, security_epoch, lane_epoch, language, pack, made_at"
                         " FROM accounts WHERE id = $1",
                         id));
  if (rows.empty()) return std::optional<model::Account>();
  return std::optional<model::Account>(ReadAccount(rows.front()));
}

Result<int64_t> CountAccounts(Transaction& tx) {
  LATCHKEY_ASSIGN(const Rows rows, tx.Run("SELECT COUNT(*) FROM accounts"));
  return rows.front().Int(0);
}

Result<model::Account> LoadAccount(Transaction& tx, AccountId id) {
  LATCHKEY_ASSIGN(std::optional<model::Account> account, FindAccountById(tx, id));
  if (!account) return NoSuchAccount(id);
  return *std::move(account);
}

Result<bool> AdvanceSecurityEpoch(Transaction& tx, AccountId id, int64_t expected) {
  // Two resets that read the same epoch: the second finds it moved and changes nothing (Law 3).
  LATCHKEY_ASSIGN(Rows rows, tx.Run("UPDATE accounts SET security_epoch = security_epoch + 1"
                                    " WHERE id = $1 AND security_epoch = $2",
                                    id, expected));
  return rows.changed > 0;
}

Done AdvanceLaneEpoch(Transaction& tx, AccountId id) {
  LATCHKEY_ASSIGN(Rows rows,
                  tx.Run("UPDATE accounts SET lane_epoch = lane_epoch + 1 WHERE id = $1", id));
  if (rows.changed == 0) return NoSuchAccount(id);
  return {};
}

Result<bool> ChangeAccountState(Transaction& tx, AccountId id, model::AccountState from,
                                model::AccountState to) {
  // A freeze and its lifting that race: whichever finds the state it expects decides.
  LATCHKEY_ASSIGN(Rows rows, tx.Run("UPDATE accounts SET state = $3 WHERE id = $1 AND state = $2",
                                    id, from, to));
  return rows.changed > 0;
}

Result<bool> LiftFreeze(Transaction& tx, AccountId id, int64_t expected) {
  // Each freeze moves the epoch: what was proven before the latest one does not lift it, even when
  // an earlier one was lifted meanwhile.
  LATCHKEY_ASSIGN(Rows rows,
                  tx.Run("UPDATE accounts SET state = $4"
                         " WHERE id = $1 AND state = $3 AND security_epoch = $2",
                         id, expected, model::AccountState::kFrozen, model::AccountState::kActive));
  return rows.changed > 0;
}

}  // namespace latchkey::ledger
