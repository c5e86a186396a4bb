// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "crypto/token.h"
#include "services/assist/assist.h"
#include "services/cases/attend.h"
#include "services/ledger/journal.h"
#include "services/ledger/recoveries.h"
#include "services/ledger/tokens.h"
#include "services/proof/rule_pack.h"

namespace latchkey::assist {
namespace {

// The act in progress: who heard a code, on whose case.
struct Hearing {
  const ledger::StoreContext& context;
  const model::Staff& staff;
  const cases::Named& named;
  const cases::Attended& attended;
};

model::Evidence CodeGiven(const Hearing& hearing, const model::Token& token, TimePoint now) {
  const cases::Attended& attended = hearing.attended;
  return {.id = {},
          .account_id = attended.account.id,
          .security_epoch = attended.account.security_epoch,
          .recovery_id = {},
          .case_id = attended.facts.id,
          .kind = model::EvidenceKind::kIssuedCode,
          .contact_id = token.contact_id,
          .contact_settled = true,  // SendCode sends to no other
          .channel = model::Channel::kBranch,
          .staff_id = hearing.staff.id,
          .at = now,
          .fresh_until = now + proof::PackNamed(attended.account.pack).evidence_fresh};
}

Done Journal(ledger::Transaction& tx, const Hearing& hearing, model::Event event,
             std::string details) {
  return ledger::Append(tx, hearing.context,
                        {.account_id = hearing.attended.account.id,
                         .event = event,
                         .channel = model::Channel::kBranch,
                         .staff_id = hearing.staff.id,
                         .case_id = hearing.attended.facts.id,
                         .details = std::move(details)});
}

// What follows from the comparison: the code is used up and becomes evidence, or nothing does.
// `match`: which of the candidates it was.
Result<signin::Verdict> Conclude(ledger::Transaction& tx, const Hearing& hearing,
                                 const std::vector<ledger::CodeCandidate>& candidates,
                                 const std::optional<model::Token>& match) {
  const ledger::StoreContext& context = hearing.context;
  const CaseId case_id = hearing.attended.facts.id;
  const TimePoint now = context.clock.Now();
  bool first = false;
  if (match && match->case_id == case_id) {
    // Two terminals with the same code at once: one of them ends it (Law 3).
    LATCHKEY_ASSIGN(first, ledger::ConsumeToken(tx, match->id, now));
  }
  if (first) {
    LATCHKEY_TRY(cases::Keep(tx, context, hearing.staff, case_id, hearing.named));
    LATCHKEY_TRY(ledger::InsertEvidence(tx, context, CodeGiven(hearing, *match, now)));
    LATCHKEY_TRY(Journal(tx, hearing, model::Event::kProofGiven,
                         "code said in the branch (" + hearing.attended.reason + ")"));
    return signin::Verdict::Right();
  }
  // The same request may have ended it while this one waited.
  LATCHKEY_ASSIGN(const auto meanwhile,
                  cases::FindEarlier(tx, context, hearing.staff, hearing.named));
  if (meanwhile) return signin::Verdict::RightBefore();
  LATCHKEY_TRY(Journal(tx, hearing, model::Event::kProofFailed, "code said in the branch"));
  // Remembered as wrong only if there was something to compare with: a code that is sent next may
  // be these digits.
  return candidates.empty() || match ? signin::Verdict::Refused() : signin::Verdict::Wrong();
}

}  // namespace

Result<cases::View> Assist::CheckCode(const model::Staff& staff, const crypto::Identity& terminal,
                                      const cases::Act& act, const Secret& code) {
  if (!crypto::IsCode(code.Reveal(), crypto::kCodeDigits)) return Malformed("code", "8 digits");
  // A code opens once: without this, a right one whose answer was lost would be called wrong. It is
  // looked for again in Conclude, because the first try may end while this one waits.
  const cases::Named named{.method = "CheckCode", .act = act, .about = code.Reveal()};
  LATCHKEY_ASSIGN(const auto earlier, cases::FindEarlier(ledger_, context_, staff, named));
  if (earlier) return cases_.Read(earlier->case_id);
  LATCHKEY_ASSIGN(const auto attended, ledger_.Query([&](ledger::Transaction& tx) {
    return cases::Attend(tx, context_, staff, act.case_reference);
  }));
  const Hearing hearing{context_, staff, named, attended};

  auto compare = [&](const signin::Counted&) -> Result<signin::Verdict> {
    // Its own transaction: a try that is taken stays taken, whatever happens next (Law 4).
    LATCHKEY_ASSIGN(const auto candidates, ledger_.Transact([&](ledger::Transaction& tx) {
      return ledger::ReserveTries(tx, context_.keys,
                                  {.account_id = attended.account.id,
                                   .purpose = model::TokenPurpose::kBranchCode,
                                   .security_epoch = attended.account.security_epoch,
                                   .now = context_.clock.Now()});
    }));
    const auto match = ledger::MatchCode(context_.keys, candidates, code);
    return ledger_.Transact(
        [&](ledger::Transaction& tx) { return Conclude(tx, hearing, candidates, match); });
  };
  const signin::Guess guess{.subject = signin::Subject::Customer(attended.account),
                            .kind = signin::SecretKind::kBranchCode,
                            .source = crypto::ToUri(terminal),
                            .context = attended.facts.reference};
  LATCHKEY_TRY(gate_.Try(guess, code, compare));
  return cases_.Read(attended.facts.id);
}

}  // namespace latchkey::assist
