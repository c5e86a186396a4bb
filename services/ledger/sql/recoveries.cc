// SPDX-License-Identifier: Apache-2.0
#include "services/ledger/recoveries.h"

#include <algorithm>
#include <utility>

#include "crypto/token.h"

namespace latchkey::ledger {
namespace {

using model::Recovery;
using model::RecoveryState;

// Columns: id, account_id, reference, state, intent, security_epoch, case_id, opened_at,
// expires_at.
Recovery RecoveryOf(const Row& row) {
  return {.id = row.As<RecoveryId>(0),
          .account_id = row.As<AccountId>(1),
          .reference = row.Text(2),
          .state = row.Enumerated<RecoveryState>(3),
          .intent = row.Enumerated<model::Intent>(4),
          .security_epoch = row.Int(5),
          .case_id = row.As<CaseId>(6),
          .opened_at = row.Time(7),
          .expires_at = row.Time(8)};
}

std::optional<Recovery> FirstRecovery(const Rows& rows) {
  if (rows.empty()) return std::nullopt;
  return RecoveryOf(rows.front());
}

bool IsEnd(RecoveryState state) {
  return state == RecoveryState::kCompleted || state == RecoveryState::kStopped ||
         state == RecoveryState::kExpired;
}

}  // namespace

Result<OpenedRecovery> OpenOrJoinRecovery(Transaction& tx, const StoreContext& context,
                                          const RecoveryOpening& opening) {
  const TimePoint expires_at = opening.now + opening.lifetime;
  // What is dead must make room first: the unique key of live recoveries knows neither time nor
  // epoch. One of a later epoch stands: this caller read the account before it moved on.
  LATCHKEY_TRY(
      tx.Run("UPDATE recoveries SET state = CASE WHEN security_epoch < $2 THEN 4 ELSE 5 "
             "END, ended_at = $3 WHERE account_id = $1 AND ended_at IS NULL AND "
             "(expires_at <= $3 OR security_epoch < $2)",
             opening.account_id, opening.security_epoch, opening.now));
  // Two workers at once: the unique key lets one open, and the other joins below.
  LATCHKEY_ASSIGN(
      auto inserted,
      tx.Run("INSERT INTO recoveries (id, account_id, reference, state, intent, security_epoch, "
             "case_id, opened_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) "
             "ON CONFLICT (account_id) WHERE ended_at IS NULL DO NOTHING RETURNING id, account_id, "
             "reference, state, intent, "
             "security_epoch, case_id, opened_at, expires_at",
             context.ids.Next<RecoveryId>(), opening.account_id,
             crypto::NewReference(context.random, 'R'), RecoveryState::kOpen, opening.intent,
             opening.security_epoch, OrNull(opening.case_id), opening.now, expires_at));
  if (auto recovery = FirstRecovery(inserted)) return OpenedRecovery{std::move(*recovery), false};

  // Joining prolongs the recovery and takes over the later wish. However old it is: links, sessions
  // and proofs have their own short lives, and an end by age would take a live link with it, at a
  // time that a stranger's requests could choose (Law 5). Of its own epoch only: what is issued
  // next is of that epoch too.
  LATCHKEY_ASSIGN(
      auto joined,
      tx.Run("UPDATE recoveries SET intent = $2, expires_at = $3 WHERE account_id = $1 AND "
             "ended_at IS NULL AND security_epoch = $4 RETURNING id, account_id, reference, state, "
             "intent, security_epoch, case_id, opened_at, expires_at",
             opening.account_id, opening.intent, expires_at, opening.security_epoch));
  auto recovery = FirstRecovery(joined);
  if (!recovery) return Fail(Reason::kUnavailable, "a recovery could neither be opened nor joined");
  return OpenedRecovery{std::move(*recovery), true};
}

Result<std::optional<Recovery>> FindRecovery(Transaction& tx, RecoveryId id) {
  LATCHKEY_ASSIGN(auto rows,
                  tx.Run("SELECT id, account_id, reference, state, intent, security_epoch, "
                         "case_id, opened_at, expires_at FROM recoveries WHERE id = $1",
                         id));
  return FirstRecovery(rows);
}

Result<std::optional<Recovery>> FindLiveRecovery(Transaction& tx, AccountId account_id,
                                                 TimePoint now) {
  LATCHKEY_ASSIGN(auto rows,
                  tx.Run("SELECT id, account_id, reference, state, intent, security_epoch, "
                         "case_id, opened_at, expires_at FROM recoveries WHERE account_id = $1 "
                         "AND ended_at IS NULL AND expires_at > $2",
                         account_id, now));
  return FirstRecovery(rows);
}

Result<std::optional<Recovery>> LockRecovery(Transaction& tx, RecoveryId id) {
  // Writing what stands there takes the row: parallel proofs and passwords for one recovery come
  // one after the other.
  LATCHKEY_ASSIGN(auto rows,
                  tx.Run("UPDATE recoveries SET state = state WHERE id = $1 RETURNING id, "
                         "account_id, reference, state, intent, security_epoch, case_id, "
                         "opened_at, expires_at",
                         id));
  return FirstRecovery(rows);
}

Result<bool> AdvanceRecovery(Transaction& tx, const RecoveryStep& step) {
  // Of racing callers one finds the state it decided on; the others find the end that this one
  // wrote (Law 3).
  const Value ended_at = IsEnd(step.to) ? Value{ToUnixMillis(step.now)} : Value{};
  LATCHKEY_ASSIGN(auto rows,
                  tx.Run("UPDATE recoveries SET state = $3, ended_at = $5 WHERE id = $1 AND "
                         "state = $2 AND ended_at IS NULL AND expires_at > $4",
                         step.id, step.from, step.to, step.now, ended_at));
  return rows.changed > 0;
}

Done StopRecoveries(Transaction& tx, AccountId account_id, TimePoint now) {
  LATCHKEY_TRY(
      tx.Run("UPDATE recoveries SET state = $2, ended_at = $3 WHERE account_id = $1 AND "
             "ended_at IS NULL",
             account_id, RecoveryState::kStopped, now));
  return {};
}

Result<int64_t> ExpireRecoveries(Transaction& tx, TimePoint now, int limit) {
  LATCHKEY_ASSIGN(
      auto rows,
      tx.Run("UPDATE recoveries SET state = $2, ended_at = $1 WHERE ended_at IS NULL AND "
             "expires_at <= $1 AND id IN (SELECT id FROM recoveries WHERE ended_at IS NULL AND "
             "expires_at <= $1 LIMIT $3)",
             now, RecoveryState::kExpired, limit));
  return rows.changed;
}

Result<int64_t> SweepRecoveries(Transaction& tx, TimePoint ended_before, int limit) {
  LATCHKEY_ASSIGN(auto rows,
                  tx.Run("DELETE FROM recoveries WHERE id IN (SELECT id FROM recoveries WHERE "
                         "id < $1 AND ended_at < $2 ORDER BY id LIMIT $3)",
                         ToUnixMillis(ended_before) << kIdTimeShift, ended_before, limit));
  return rows.changed;
}

}  // namespace latchkey::ledger
