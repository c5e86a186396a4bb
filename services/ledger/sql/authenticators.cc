// SPDX-License-Identifier: Apache-2.0
// Verifiers and their consecutive failures.
#include "services/ledger/accounts.h"
#include "services/ledger/sql/credentials.h"

namespace latchkey::ledger {

Result<std::optional<model::Authenticator>> FindAuthenticator(Transaction& tx,
                                                              const crypto::KeyRing& keys,
                                                              AccountId id,
                                                              model::AuthenticatorKind kind) {
  LATCHKEY_ASSIGN(Rows rows, tx.Run("SELECT id, verifier_sealed, consecutive_failures, disabled_at,"
                                    " changed_at FROM authenticators"
                                    " WHERE account_id = $1 AND kind = $2",
                                    id, kind));
  if (rows.empty()) return std::optional<model::Authenticator>();
  const Row& row = rows.front();
  auto verifier = OpenVerifier(keys, {.account_id = id, .kind = kind}, row.Blob(1));
  if (!verifier) return std::optional<model::Authenticator>();
  return std::optional<model::Authenticator>({.id = row.As<AuthenticatorId>(0),
                                              .account_id = id,
                                              .kind = kind,
                                              .verifier = *std::move(verifier),
                                              .sealed = row.Blob(1),
                                              .consecutive_failures = row.Int(2),
                                              .disabled_at = row.Time(3),
                                              .changed_at = row.Time(4)});
}

// The next digest in order belongs to anybody: digests are as good as random. Behind the last
// comes the first.
Result<std::string> BorrowVerifier(Transaction& tx, const crypto::KeyRing& keys,
                                   const model::Identifier& identifier) {
  LATCHKEY_ASSIGN(Rows rows,
                  tx.Run("SELECT account_id, verifier_sealed FROM ("
                         "SELECT * FROM (SELECT a.account_id, a.verifier_sealed, 0 AS is_first"
                         " FROM identifiers i JOIN authenticators a"
                         " ON a.account_id = i.account_id AND a.kind = $2"
                         " WHERE i.digest >= $1 ORDER BY i.digest LIMIT 1) AS next"
                         " UNION ALL "
                         "SELECT * FROM (SELECT a.account_id, a.verifier_sealed, 1 AS is_first"
                         " FROM identifiers i JOIN authenticators a"
                         " ON a.account_id = i.account_id AND a.kind = $2"
                         " ORDER BY i.digest LIMIT 1) AS first"
                         ") AS found ORDER BY is_first LIMIT 1",
                         IdentifierDigest(keys, identifier), model::AuthenticatorKind::kPassword));
  if (rows.empty()) return std::string();
  const Row& row = rows.front();
  return OpenVerifier(keys, {.account_id = row.As<AccountId>(0)}, row.Blob(1))
      .value_or(std::string());
}

Done PutVerifier(Transaction& tx, const StoreContext& context, AccountId id,
                 const NewVerifier& made) {
  LATCHKEY_TRY(tx.Run(
      "INSERT INTO authenticators (id, account_id, kind, verifier_sealed,"
      " consecutive_failures, changed_at) VALUES ($1, $2, $3, $4, 0, $5)"
      " ON CONFLICT (account_id, kind) DO UPDATE SET"
      " verifier_sealed = excluded.verifier_sealed, consecutive_failures = 0,"
      " disabled_at = NULL, changed_at = excluded.changed_at",
      context.ids.Next<AuthenticatorId>(), id, made.kind,
      SealVerifier(context, {.account_id = id, .kind = made.kind}, made.verifier), made.set_at));
  return {};
}

Result<bool> UpgradeVerifier(Transaction& tx, const StoreContext& context,
                             const model::Authenticator& expected, const std::string& verifier) {
  // A sign-in that hashes anew while a reset commits: the reset's verifier stays (Law 1).
  const VerifierPlace place{.account_id = expected.account_id, .kind = expected.kind};
  LATCHKEY_ASSIGN(Rows rows,
                  tx.Run("UPDATE authenticators SET verifier_sealed = $3"
                         " WHERE id = $1 AND verifier_sealed = $2",
                         expected.id, expected.sealed, SealVerifier(context, place, verifier)));
  return rows.changed > 0;
}

Result<int64_t> CountAuthenticatorFailure(Transaction& tx, AuthenticatorId id, TimePoint now) {
  // One statement counts and disables: a hundred parallel guesses count as a hundred (Law 4).
  LATCHKEY_ASSIGN(
      Rows rows,
      tx.Run("UPDATE authenticators SET consecutive_failures = consecutive_failures + 1,"
             " disabled_at = CASE WHEN disabled_at IS NULL AND consecutive_failures + 1 >= $2"
             " THEN $3 ELSE disabled_at END WHERE id = $1 RETURNING consecutive_failures",
             id, kFailuresThatDisable, now));
  if (rows.empty()) return Fail(Reason::kInternal, "the authenticator is not there");
  return rows.front().Int(0);
}

Done ClearAuthenticatorFailures(Transaction& tx, AuthenticatorId id) {
  LATCHKEY_TRY(
      tx.Run("UPDATE authenticators SET consecutive_failures = 0"
             " WHERE id = $1 AND consecutive_failures <> 0",
             id));
  return {};
}

Done ForgetFailures(Transaction& tx, AccountId id) {
  LATCHKEY_TRY(AdvanceLaneEpoch(tx, id));
  LATCHKEY_TRY(
      tx.Run("UPDATE authenticators SET consecutive_failures = 0"
             " WHERE account_id = $1 AND kind = $2 AND disabled_at IS NULL"
             " AND consecutive_failures <> 0",
             id, model::AuthenticatorKind::kPassword));
  return {};
}

Result<bool> DisablePasswordSetAfter(Transaction& tx, AccountId id, TimePoint since,
                                     TimePoint now) {
  // In one statement, so that the password of a reset of the same moment is not hit for an older
  // one.
  LATCHKEY_ASSIGN(Rows rows, tx.Run("UPDATE authenticators SET disabled_at = $4"
                                    " WHERE account_id = $1 AND kind = $2 AND changed_at > $3"
                                    " AND disabled_at IS NULL",
                                    id, model::AuthenticatorKind::kPassword, since, now));
  return rows.changed > 0;
}

}  // namespace latchkey::ledger
