// SPDX-License-Identifier: Apache-2.0
#include "services/signin/tell_owner.h"

#include <chrono>

#include "crypto/digest.h"
#include "crypto/token.h"
#include "services/ledger/intakes.h"

namespace latchkey::signin {
namespace {

constexpr crypto::Purpose kDayPurpose{"latchkey/resting-told-on-a-day/1"};

int64_t DayOf(TimePoint time) {
  return std::chrono::floor<std::chrono::days>(time).time_since_epoch().count();
}

}  // namespace

Done TellOwner(ledger::Transaction& tx, const ledger::StoreContext& context,
               const BegunRest& rest) {
  const TimePoint now = context.clock.Now();
  const Subject& subject = rest.subject;
  // Of an account and not of a name or its lanes: another of its names, or a reset in between,
  // brings no second message. The key is unique, so of two nodes at once one keeps it.
  const Bytes once_a_day =
      crypto::KeyedDigest(context.keys.Current(crypto::KeyUse::kIdentifier), kDayPurpose,
                          {crypto::Part(static_cast<int64_t>(subject.kind)),
                           crypto::Part(subject.id), subject.name, crypto::Part(DayOf(now))});
  const ledger::Intake intake{.id = {},
                              .kind = ledger::IntakeKind::kPasswordsResting,
                              .identifier = rest.identifier,
                              .source = rest.source,
                              .handle = crypto::NewToken(context.random),  // nobody ever has it
                              .made_at = now,
                              .expires_at = rest.until};
  LATCHKEY_TRY(
      ledger::InsertIntake(tx, context, intake, {.request_key = once_a_day, .next_at = now}));
  return {};
}

Done TellOwnerOfDisabled(ledger::Transaction& tx, const ledger::StoreContext& context,
                         const model::Identifier& identifier, const model::Source& source) {
  const TimePoint now = context.clock.Now();
  const ledger::Intake intake{.id = {},
                              .kind = ledger::IntakeKind::kPasswordDisabled,
                              .identifier = identifier,
                              .source = source,
                              .handle = crypto::NewToken(context.random),  // nobody ever has it
                              .made_at = now,
                              .expires_at = now};
  const Bytes its_own = ledger::RequestKey("PasswordDisabled", intake.handle.Reveal());
  LATCHKEY_TRY(ledger::InsertIntake(tx, context, intake, {.request_key = its_own, .next_at = now}));
  return {};
}

}  // namespace latchkey::signin
