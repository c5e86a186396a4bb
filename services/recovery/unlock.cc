// SPDX-License-Identifier: Apache-2.0
// Unlock: forgets locks and counts. The password, the sessions and the security epoch stay; it is
// not a reset.
#include <optional>
#include <utility>

#include "crypto/digest.h"
#include "services/ledger/cases.h"
#include "services/ledger/journal.h"
#include "services/ledger/recoveries.h"
#include "services/ledger/tokens.h"
#include "services/recovery/budget.h"
#include "services/recovery/notices.h"
#include "services/recovery/recovery.h"
#include "services/recovery/session.h"
#include "services/recovery/standing.h"
#include "services/recovery/state.h"

namespace latchkey::recovery {
namespace {

using ledger::Transaction;

Result<Standing> LoadStandingToUnlock(Transaction& tx, const Parts& parts,
                                      const model::Token& session) {
  LATCHKEY_ASSIGN(Standing standing, LoadStanding(tx, parts, session));
  if (!standing.may_unlock) return Fail(Reason::kMoreProof);
  return standing;
}

// Looked at first, so that a premature attempt takes nothing from the account's allowance.
Done TakeFromAllowance(const Parts& parts, const model::Token& session) {
  LATCHKEY_TRY(parts.ledger.Transact([&](Transaction& tx) -> Done {
    LATCHKEY_TRY(LoadStandingToUnlock(tx, parts, session));
    return {};
  }));
  return Spend(parts,
               {BudgetOf(parts, {"latchkey unlocks of an account v1"},
                         crypto::Part(session.account_id.value), parts.rules.unlocks)},
               "the unlocks of an account are used up");
}

// What a message alone proves gives the lanes back and not the hundred in a row (SP 800-63B-4,
// 3.2.2): where it may not set a password, it must not buy guesses at one without end.
Done Forget(Transaction& tx, const Standing& standing) {
  return standing.reset.enough ? ledger::ForgetFailures(tx, standing.account.id)
                               : ledger::AdvanceLaneEpoch(tx, standing.account.id);
}

Result<std::string> Write(Transaction& tx, const Parts& parts, const UnlockRequest& request,
                          const model::Token& session, const Repeatable& repeatable) {
  LATCHKEY_ASSIGN(const Standing standing, LoadStandingToUnlock(tx, parts, session));
  const model::Recovery& recovery = standing.recovery;
  const auto after = Apply(recovery.state, Event::kUnlocked);
  if (!after) return Fail(Reason::kMoreProof);
  const TimePoint now = parts.store.clock.Now();
  LATCHKEY_ASSIGN(const bool ended,
                  ledger::AdvanceRecovery(
                      tx, {.id = recovery.id, .from = recovery.state, .to = *after, .now = now}));
  if (!ended) return Fail(Reason::kUsed);
  LATCHKEY_TRY(Forget(tx, standing));
  LATCHKEY_TRY(ledger::KillTokens(tx, standing.account.id, now));
  LATCHKEY_TRY(ledger::Append(tx, parts.store,
                              {.account_id = standing.account.id,
                               .event = model::Event::kUnlocked,
                               .channel = request.source.channel,
                               .case_id = session.case_id,
                               .recovery_id = recovery.id,
                               .details = recovery.reference}));
  LATCHKEY_TRY(TellEverybody(tx, parts.store, parts.rules.notices, courier::Happened::kUnlocked,
                             {.account_id = standing.account.id,
                              .security_epoch = standing.account.security_epoch,
                              .recovery_id = recovery.id,
                              .case_id = session.case_id,
                              .reference = recovery.reference,
                              .channel = request.source.channel}));
  LATCHKEY_TRY(ledger::CloseCaseOf(tx, parts.store, standing.account.id,
                                   {.channel = request.source.channel}));
  LATCHKEY_TRY(KeepAnswer(tx, parts, repeatable, Secret(recovery.reference)));
  return recovery.reference;
}

Result<std::string> UnlockOnce(const Parts& parts, const UnlockRequest& request,
                               const model::Token& session, const Repeatable& repeatable) {
  LATCHKEY_TRY(TakeFromAllowance(parts, session));
  return parts.ledger.Transact([&](Transaction& tx) -> Result<std::string> {
    return Write(tx, parts, request, session, repeatable);
  });
}

}  // namespace

Result<std::string> Unlock(const Parts& parts, const UnlockRequest& request) {
  LATCHKEY_ASSIGN(const model::Token session, FindSession(parts, request.session));
  const Repeatable repeatable = RepeatableFor("Unlock", request.idempotency_key, session);
  LATCHKEY_ASSIGN(auto earlier, FindEarlierAnswer(parts, repeatable));
  if (earlier) return std::string(earlier->Reveal());
  auto unlocked = UnlockOnce(parts, request, session, repeatable);
  if (unlocked.ok()) return unlocked;
  // The same request may have been answered meanwhile.
  LATCHKEY_ASSIGN(earlier, FindEarlierAnswer(parts, repeatable));
  if (earlier) return std::string(earlier->Reveal());
  return unlocked;
}

}  // namespace latchkey::recovery
