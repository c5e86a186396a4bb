// SPDX-License-Identifier: Apache-2.0
#include "services/assist/assist.h"
#include "services/assist/notify.h"
#include "services/cases/presence.h"
#include "services/ledger/cases.h"
#include "services/ledger/journal.h"

namespace latchkey::assist {
namespace {

Result<cases::Attended> AttendWithAProof(ledger::Transaction& tx,
                                         const ledger::StoreContext& context,
                                         const model::Staff& staff,
                                         std::string_view case_reference) {
  LATCHKEY_ASSIGN(auto attended, cases::Attend(tx, context, staff, case_reference));
  if (attended.account.state != model::AccountState::kActive)
    return Fail(Reason::kStopped, "the account is frozen");
  LATCHKEY_ASSIGN(const auto presence, cases::LoadPresence(tx, context.keys, attended.account,
                                                           attended.facts, context.clock.Now()));
  if (!presence.any()) return Fail(Reason::kMoreProof, "a document or a code is needed");
  return attended;
}

}  // namespace

Result<cases::View> Assist::Unlock(const model::Staff& staff, const cases::Act& act) {
  const cases::Named named{.method = "UnlockAccount", .act = act};
  const auto act_once = [&]() -> Result<CaseId> {
    // Looked at first, so that a premature attempt takes nothing from the account's allowance.
    LATCHKEY_ASSIGN(const auto seen, ledger_.Query([&](ledger::Transaction& tx) {
      return AttendWithAProof(tx, context_, staff, act.case_reference);
    }));
    LATCHKEY_TRY(TakeFrom(rules_.unlocks, "unlocks", seen.account.id.value));
    return ledger_.Transact([&](ledger::Transaction& tx) -> Result<CaseId> {
      LATCHKEY_ASSIGN(const auto attended,
                      AttendWithAProof(tx, context_, staff, act.case_reference));
      LATCHKEY_TRY(cases::Keep(tx, context_, staff, attended.facts.id, named));
      LATCHKEY_TRY(ledger::ForgetFailures(tx, attended.account.id));
      LATCHKEY_TRY(ledger::Append(tx, context_,
                                  {.account_id = attended.account.id,
                                   .event = model::Event::kUnlocked,
                                   .channel = model::Channel::kBranch,
                                   .staff_id = staff.id,
                                   .case_id = attended.facts.id,
                                   .details = attended.reason}));
      LATCHKEY_TRY(TellEverybody(tx, context_, rules_, attended, courier::Happened::kUnlocked));
      LATCHKEY_TRY(ledger::EndWaiting(tx, attended.facts.id));
      return attended.facts.id;
    });
  };
  LATCHKEY_ASSIGN(const CaseId id, cases::Once(ledger_, context_, staff, named, act_once));
  return cases_.Read(id);
}

}  // namespace latchkey::assist
