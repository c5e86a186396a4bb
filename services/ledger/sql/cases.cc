// SPDX-License-Identifier: Apache-2.0
#include "services/ledger/cases.h"

#include <string>
#include <utility>

#include "crypto/token.h"
#include "services/ledger/journal.h"
#include "services/model/recovery.h"

namespace latchkey::ledger {
namespace {

// Columns: id, account_id, reference, opened_at, closed_at, waiting_since, waiting_for.
model::Case CaseOf(const Row& row) {
  return {.id = row.As<CaseId>(0),
          .account_id = row.As<AccountId>(1),
          .reference = row.Text(2),
          .opened_at = row.Time(3),
          .closed_at = row.Time(4),
          .waiting_since = row.Time(5),
          .waiting_for = row.Enumerated<model::Event>(6)};
}

std::optional<model::Case> FirstCase(const Rows& found) {
  if (found.empty()) return std::nullopt;
  return CaseOf(found.front());
}

// How far back a look at a case is searched for. A case with more entries than this in one working
// day has had so many hands on it that looking again, with a reason, is right.
constexpr int kViewSearch = 200;

}  // namespace

Result<model::Case> OpenOrJoinCase(Transaction& tx, const StoreContext& context,
                                   AccountId account_id, const CaseOpener& opener) {
  const CaseId fresh = context.ids.Next<CaseId>();
  // Closes the race of two openers: the partial unique index lets one row in, and the second gets
  // that row back. The update writes what is there already; it makes RETURNING answer and holds the
  // row until this transaction ends.
  LATCHKEY_ASSIGN(
      auto rows,
      tx.Run(
          "INSERT INTO cases (id, account_id, reference, opened_at) VALUES ($1, $2, $3, $4) "
          "ON CONFLICT (account_id) WHERE closed_at IS NULL "
          "DO UPDATE SET account_id = excluded.account_id "
          "RETURNING id, account_id, reference, opened_at, closed_at, waiting_since, waiting_for",
          fresh, account_id, crypto::NewReference(context.random, 'C'), context.clock.Now()));
  if (rows.empty()) return Fail(Reason::kInternal, "a case was neither opened nor joined");
  model::Case joined = CaseOf(rows.front());
  if (joined.id == fresh) {
    LATCHKEY_TRY(Append(tx, context,
                        {.account_id = account_id,
                         .event = model::Event::kCaseOpened,
                         .channel = opener.channel,
                         .staff_id = opener.staff_id,
                         .case_id = joined.id,
                         .details = joined.reference}));
  }
  return joined;
}

Result<std::optional<model::Case>> FindOpenCase(Transaction& tx, AccountId account_id) {
  LATCHKEY_ASSIGN(auto rows,
                  tx.Run("SELECT id, account_id, reference, opened_at, closed_at, waiting_since, "
                         "waiting_for FROM cases WHERE account_id = $1 AND closed_at IS NULL",
                         account_id));
  return FirstCase(rows);
}

Result<std::optional<model::Case>> FindCaseByReference(Transaction& tx,
                                                       const std::string& reference) {
  LATCHKEY_ASSIGN(auto rows,
                  tx.Run("SELECT id, account_id, reference, opened_at, closed_at, waiting_since, "
                         "waiting_for FROM cases WHERE reference = $1",
                         reference));
  return FirstCase(rows);
}

Result<model::Case> LoadCase(Transaction& tx, CaseId id) {
  LATCHKEY_ASSIGN(auto rows,
                  tx.Run("SELECT id, account_id, reference, opened_at, closed_at, waiting_since, "
                         "waiting_for FROM cases WHERE id = $1",
                         id));
  if (rows.empty()) return Fail(Reason::kInternal, "no case " + std::to_string(id.value));
  return CaseOf(rows.front());
}

Done MarkWaiting(Transaction& tx, CaseId id, model::Event why, TimePoint now) {
  // One statement, so that a call back and a freeze at the same moment leave the freeze and the
  // earlier time.
  LATCHKEY_TRY(
      tx.Run("UPDATE cases SET waiting_since = COALESCE(waiting_since, $2), "
             "waiting_for = CASE WHEN waiting_for = $4 THEN waiting_for ELSE $3 END "
             "WHERE id = $1 AND closed_at IS NULL",
             id, now, why, model::Event::kFrozen));
  return {};
}

Done EndWaiting(Transaction& tx, CaseId id, std::optional<model::Event> why) {
  if (why) {
    LATCHKEY_TRY(
        tx.Run("UPDATE cases SET waiting_since = NULL, waiting_for = NULL WHERE id = $1 AND "
               "waiting_for = $2",
               id, *why));
  } else {
    LATCHKEY_TRY(
        tx.Run("UPDATE cases SET waiting_since = NULL, waiting_for = NULL WHERE id = $1", id));
  }
  return {};
}

Result<std::vector<model::Case>> ListWaitingCases(Transaction& tx, int limit) {
  LATCHKEY_ASSIGN(auto rows,
                  tx.Run("SELECT id, account_id, reference, opened_at, closed_at, waiting_since, "
                         "waiting_for FROM cases WHERE waiting_since IS NOT NULL "
                         "ORDER BY CASE WHEN waiting_for = $2 THEN 0 ELSE 1 END, waiting_since, "
                         "id LIMIT $1",
                         limit, model::Event::kFrozen));
  std::vector<model::Case> waiting;
  waiting.reserve(rows.rows.size());
  for (const Row& row : rows.rows) waiting.push_back(CaseOf(row));
  return waiting;
}

Result<bool> CloseCase(Transaction& tx, const StoreContext& context, CaseId id,
                       const CaseOpener& closer) {
  // The guard on waiting_since closes the race with somebody who asks for a person at this moment.
  LATCHKEY_ASSIGN(auto rows,
                  tx.Run("UPDATE cases SET closed_at = $2 WHERE id = $1 AND closed_at IS NULL AND "
                         "waiting_since IS NULL RETURNING account_id, reference",
                         id, context.clock.Now()));
  if (rows.empty()) return false;
  LATCHKEY_TRY(Append(tx, context,
                      {.account_id = rows.front().As<AccountId>(0),
                       .event = model::Event::kCaseClosed,
                       .channel = closer.channel,
                       .staff_id = closer.staff_id,
                       .case_id = id,
                       .details = rows.front().Text(1)}));
  return true;
}

Done CloseCaseOf(Transaction& tx, const StoreContext& context, AccountId account_id,
                 const CaseOpener& closer) {
  LATCHKEY_ASSIGN(const auto open, FindOpenCase(tx, account_id));
  if (open) LATCHKEY_TRY(CloseCase(tx, context, open->id, closer));
  return {};
}

Result<std::optional<CaseView>> FindCaseView(Transaction& tx, const crypto::KeyRing& keys,
                                             const model::Case& seen, StaffId staff_id,
                                             TimePoint since) {
  LATCHKEY_ASSIGN(auto line, FindRecent(tx, keys,
                                        {.account_id = seen.account_id,
                                         .event = model::Event::kStaffViewed,
                                         .staff_id = staff_id,
                                         .case_id = seen.id,
                                         .since = since,
                                         .among = kViewSearch}));
  if (!line) return std::optional<CaseView>();
  return std::optional(CaseView{.at = line->at, .reason = std::move(line->entry.details)});
}

Done KillAssistedTokens(Transaction& tx, AccountId account_id, TimePoint now) {
  LATCHKEY_TRY(tx.Run(
      "UPDATE tokens SET used_at = $3 WHERE account_id = $1 AND purpose = $2 AND used_at IS NULL",
      account_id, model::TokenPurpose::kAssisted, now));
  return {};
}

}  // namespace latchkey::ledger
