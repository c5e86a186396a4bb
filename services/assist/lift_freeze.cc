// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "services/assist/assist.h"
#include "services/assist/notify.h"
#include "services/cases/presence.h"
#include "services/ledger/cases.h"
#include "services/ledger/journal.h"

namespace latchkey::assist {
namespace {

// A freeze is the owner saying that what happened lately was somebody else, so a password that was
// set while a notice of it could still be pressed is not trusted when the account opens again:
// whoever set it would be the first to sign in. The owner chooses a new one, as after a hundred
// failures.
Done DisownLatePassword(ledger::Transaction& tx, const ledger::StoreContext& context,
                        const Rules& rules, const cases::Attended& attended) {
  const model::Account& account = attended.account;
  LATCHKEY_ASSIGN(const auto frozen,
                  ledger::LoadRecent(tx, context.keys, account.id, 1, model::Event::kFrozen));
  if (frozen.empty()) return Fail(Reason::kInternal, "a frozen account without its entry");
  // From the freeze and not from now: an owner who comes to the branch much later must not find
  // the password of a thief in force.
  const TimePoint since = std::max(account.made_at, frozen.front().at - rules.notices.freeze_link);
  LATCHKEY_ASSIGN(const bool disabled,
                  ledger::DisablePasswordSetAfter(tx, account.id, since, context.clock.Now()));
  if (!disabled) return {};
  return ledger::Append(tx, context,
                        {.account_id = account.id,
                         .event = model::Event::kPasswordDisabled,
                         .channel = model::Channel::kBranch,
                         .case_id = attended.facts.id,
                         .details = "it was set shortly before the freeze"});
}

}  // namespace

Result<cases::View> Assist::LiftFreeze(const model::Staff& staff, const cases::Act& act) {
  const cases::Named named{.method = "LiftFreeze", .act = act};
  const auto act_once = [&]() -> Result<CaseId> {
    return ledger_.Transact([&](ledger::Transaction& tx) -> Result<CaseId> {
      LATCHKEY_ASSIGN(const auto attended, cases::Attend(tx, context_, staff, act.case_reference));
      LATCHKEY_TRY(cases::Keep(tx, context_, staff, attended.facts.id, named));
      LATCHKEY_ASSIGN(const auto presence,
                      cases::LoadPresence(tx, context_.keys, attended.account, attended.facts,
                                          context_.clock.Now()));
      if (!presence.both())
        return Fail(Reason::kMoreProof, "document and code from after the freeze are needed");
      // Two officers at once, or one twice: the guard lets one lift it, and the other finds it
      // lifted.
      LATCHKEY_ASSIGN(const bool lifted,
                      ledger::LiftFreeze(tx, attended.account.id, attended.account.security_epoch));
      if (!lifted) return attended.facts.id;
      LATCHKEY_TRY(ledger::Append(tx, context_,
                                  {.account_id = attended.account.id,
                                   .event = model::Event::kFreezeLifted,
                                   .channel = model::Channel::kBranch,
                                   .staff_id = staff.id,
                                   .case_id = attended.facts.id,
                                   .details = attended.reason}));
      LATCHKEY_TRY(DisownLatePassword(tx, context_, rules_, attended));
      LATCHKEY_TRY(TellEverybody(tx, context_, rules_, attended, courier::Happened::kFreezeLifted));
      LATCHKEY_TRY(ledger::EndWaiting(tx, attended.facts.id));
      return attended.facts.id;
    });
  };
  LATCHKEY_ASSIGN(const CaseId id, cases::Once(ledger_, context_, staff, named, act_once));
  return cases_.Read(id);
}

}  // namespace latchkey::assist
