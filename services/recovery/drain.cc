// SPDX-License-Identifier: Apache-2.0
// DrainIntakes: finds out whom a request names and sends link and code, or what else is due, or
// nothing. Nobody waits for it, so it may take as long for a stranger as for a customer, or not.
#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "crypto/token.h"
#include "services/base/log.h"
#include "services/ledger/cases.h"
#include "services/ledger/intakes.h"
#include "services/ledger/journal.h"
#include "services/ledger/outbox.h"
#include "services/ledger/recoveries.h"
#include "services/ledger/tokens.h"
#include "services/ledger/unknown_names.h"
#include "services/model/canonical.h"
#include "services/recovery/issue.h"
#include "services/recovery/notices.h"
#include "services/recovery/recovery.h"
#include "services/recovery/standing.h"

namespace latchkey::recovery {
namespace {

using ledger::Intake;
using ledger::Transaction;

constexpr int kBatch = 64;

// Somebody at the bank is to call the customer; `why` is for whoever picks the case up.
Done MarkCallBack(Transaction& tx, const Parts& parts, const Intake& intake,
                  const model::Account& account, std::string why) {
  LATCHKEY_ASSIGN(auto open_case, ledger::OpenOrJoinCase(tx, parts.store, account.id,
                                                         {.channel = intake.source.channel}));
  // Asked for again, it keeps its place and its one entry: a flood must not fill the history.
  if (ToUnixMillis(open_case.waiting_since) != 0) return {};
  LATCHKEY_TRY(
      ledger::MarkWaiting(tx, open_case.id, model::Event::kCallBackAsked, parts.store.clock.Now()));
  return ledger::Append(tx, parts.store,
                        {.account_id = account.id,
                         .event = model::Event::kCallBackAsked,
                         .channel = intake.source.channel,
                         .case_id = open_case.id,
                         .details = std::move(why)});
}

Done SendRecovery(Transaction& tx, const Parts& parts, const Intake& intake,
                  const model::Account& account) {
  LATCHKEY_ASSIGN(auto contact, ChooseContact(tx, parts, account, &intake.identifier));
  // No message can help this customer, so a person must (Law 10). A stranger who asks learns
  // nothing.
  if (!contact)
    return MarkCallBack(tx, parts, intake, account, "asked for a message; no address may get one");
  LATCHKEY_ASSIGN(auto opened, OpenFor(tx, parts, account, intake.intent, CaseId{}));
  LATCHKEY_ASSIGN(const bool allowed, MayIssueCode(tx, parts, account, *contact, CaseId{}));
  // More than a few messages an hour help nobody but somebody who wants to wear the owner down
  // (attack R03).
  if (!allowed)
    return NoteWithheld(tx, parts, {.account_id = account.id, .channel = intake.source.channel});
  const IssueTo to{account, opened.recovery, *contact};
  LATCHKEY_ASSIGN(const Secret code, IssueCode(tx, parts, to));
  LATCHKEY_ASSIGN(const Secret link, IssueLink(tx, parts, to));
  // "Your password stays the same" would be true, and of no use.
  LATCHKEY_ASSIGN(const bool in_use, HasPasswordInUse(tx, parts, account.id));
  const auto message = courier::Compose(
      {.account_id = account.id, .contact_id = contact->id, .recovery_id = opened.recovery.id},
      courier::RecoveryMessage{.intent = in_use ? intake.intent : model::Intent::kReset,
                               .channel = intake.source.channel,
                               .link_token = link,
                               .code = code,
                               .reference = opened.recovery.reference,
                               .expires_at = TokenExpiry(parts, opened.recovery)});
  LATCHKEY_TRY(ledger::Enqueue(tx, parts.store, message));
  return ledger::Append(tx, parts.store,
                        {.account_id = account.id,
                         .event = model::Event::kRecoveryStarted,
                         .channel = intake.source.channel,
                         .recovery_id = opened.recovery.id,
                         .details = model::MaskContact(contact->kind, contact->address)});
}

// The form said nothing; the owner of a frozen account is told the way on (Laws 6, 10), once a day.
Done SendStoppedHint(Transaction& tx, const Parts& parts, const model::Account& account) {
  LATCHKEY_ASSIGN(const bool told,
                  ledger::WasEnqueued(tx, account.id, courier::kStoppedAccountHint,
                                      parts.store.clock.Now() - std::chrono::hours(24)));
  if (told) return {};
  LATCHKEY_ASSIGN(auto contact, ChooseContact(tx, parts, account, nullptr));
  if (!contact) return {};
  LATCHKEY_ASSIGN(auto open_case, ledger::FindOpenCase(tx, account.id));
  const TimePoint now = parts.store.clock.Now();
  courier::Recipient to{.account_id = account.id, .contact_id = contact->id};
  if (open_case) to.case_id = open_case->id;
  const std::string reference = open_case ? open_case->reference : std::string();
  const auto message = courier::Compose(
      to, courier::StoppedAccountHint{
              .at = now, .reference = reference, .expires_at = now + parts.rules.notices.useful});
  LATCHKEY_TRY(ledger::Enqueue(tx, parts.store, message));
  return {};
}

Result<std::optional<model::Account>> FindNamed(Transaction& tx, const Parts& parts,
                                                const model::Identifier& identifier) {
  LATCHKEY_ASSIGN(auto id, ledger::FindAccount(tx, parts.store.keys, identifier));
  if (!id) return std::optional<model::Account>();
  return ledger::FindAccountById(tx, *id);
}

Done AnswerRequest(Transaction& tx, const Parts& parts, const Intake& intake,
                   const model::Account& account) {
  switch (account.state) {
    case model::AccountState::kActive:
      return SendRecovery(tx, parts, intake, account);
    case model::AccountState::kFrozen:
      return SendStoppedHint(tx, parts, account);
    case model::AccountState::kClosed:
      return {};
  }
  return Fail(Reason::kInternal, "an account is in no known state");
}

// What guesses at the password came to. The owner of a frozen account has been told already that
// nobody can sign in, and hears what the password is worth when that ends. That a disabled one
// rests is no news, and would speak of devices on which it works.
Done SayWhatGuessesDid(Transaction& tx, const Parts& parts, const Intake& intake,
                       const model::Account& account) {
  if (account.state != model::AccountState::kActive) return {};
  LATCHKEY_ASSIGN(const bool in_use, HasPasswordInUse(tx, parts, account.id));
  if (intake.kind == ledger::IntakeKind::kPasswordDisabled) {
    // A new one may have been set meanwhile, and that works.
    if (in_use) return {};
    return TellPasswordDisabled(tx, parts, account.id, intake.source.channel, intake.made_at);
  }
  if (!in_use) return {};
  return TellResting(tx, parts,
                     {.account_id = account.id,
                      .channel = intake.source.channel,
                      .since = intake.made_at,
                      .until = intake.expires_at});
}

Done WorkOn(const Parts& parts, const Intake& intake) {
  return parts.ledger.Transact([&](Transaction& tx) -> Done {
    // Ended in the same transaction as what follows from it: a worker that dies in between sends
    // nothing twice.
    LATCHKEY_ASSIGN(const bool ours, ledger::EndIntake(tx, intake.id, parts.store.clock.Now()));
    if (!ours) return {};
    LATCHKEY_ASSIGN(auto account, FindNamed(tx, parts, intake.identifier));
    const bool asked = intake.kind == ledger::IntakeKind::kRecovery ||
                       intake.kind == ledger::IntakeKind::kCallBack;
    // Tries at a password were counted when they were made.
    if (!account) return asked ? ledger::CountUnknownName(tx, parts.store) : Done();
    switch (intake.kind) {
      case ledger::IntakeKind::kRecovery:
        return AnswerRequest(tx, parts, intake, *account);
      case ledger::IntakeKind::kCallBack:
        return MarkCallBack(tx, parts, intake, *account, "");
      case ledger::IntakeKind::kPasswordsResting:
      case ledger::IntakeKind::kPasswordDisabled:
        return SayWhatGuessesDid(tx, parts, intake, *account);
    }
    return Fail(Reason::kInternal, "an intake is of no known kind");
  });
}

}  // namespace

Result<int64_t> DrainIntakes(const Parts& parts) {
  LATCHKEY_ASSIGN(auto leased, parts.ledger.Transact([&](Transaction& tx) {
    return ledger::LeaseIntakes(tx, parts.store, kBatch, parts.rules.lease);
  }));
  for (const Intake& intake : leased) {
    Done done = WorkOn(parts, intake);
    // It comes again when its lease ends; the others must not wait for it.
    if (!done.ok())
      log::Warning("intake.postponed", {{"intake", intake.id},
                                        {"attempts", intake.attempts},
                                        {"reason", done.reason()},
                                        {"detail", done.failure().detail}});
  }
  return static_cast<int64_t>(leased.size());
}

}  // namespace latchkey::recovery
