// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "crypto/token.h"
#include "services/assist/assist.h"
#include "services/cases/attend.h"
#include "services/ledger/journal.h"
#include "services/ledger/recoveries.h"
#include "services/ledger/tokens.h"
#include "services/proof/rule_pack.h"

namespace latchkey::assist {
namespace {

model::Evidence CodeGiven(const cases::Attended& attended, const model::Token& token,
                          StaffId staff_id, TimePoint now) {
  return {.id = {},
          .account_id = attended.account.id,
          .security_epoch = attended.account.security_epoch,
          .recovery_id = {},
          .case_id = attended.facts.id,
          .kind = model::EvidenceKind::kIssuedCode,
          .contact_id = token.contact_id,
          .contact_settled = true,  // SendCode sends to no other
          .channel = model::Channel::kBranch,
          .staff_id = staff_id,
          .at = now,
          .fresh_until = now + proof::PackNamed(attended.account.pack).evidence_fresh};
}

}  // namespace

Result<cases::View> Assist::CheckCode(const model::Staff& staff, const crypto::Identity& terminal,
                                      const cases::Act& act, const Secret& code) {
  if (!crypto::IsCode(code.Reveal(), crypto::kCodeDigits)) return Malformed("code", "8 digits");
  // A code opens once: without this, a right one whose answer was lost would be called wrong. It is
  // looked for again below, because the first try may end while this one waits.
  const cases::Named named{.method = "CheckCode", .act = act, .about = code.Reveal()};
  LATCHKEY_ASSIGN(const auto earlier, cases::FindEarlier(ledger_, context_, staff, named));
  if (earlier) return cases_.Read(earlier->case_id);
  LATCHKEY_ASSIGN(const auto attended, ledger_.Query([&](ledger::Transaction& tx) {
    return cases::Attend(tx, context_, staff, act.case_reference);
  }));
  const signin::Guess guess{.subject = signin::Subject::Customer(attended.account),
                            .kind = signin::SecretKind::kBranchCode,
                            .source = crypto::ToUri(terminal),
                            .context = attended.facts.reference};
  auto entry = [&](model::Event event, std::string details) {
    return model::Entry{.account_id = attended.account.id,
                        .event = event,
                        .channel = model::Channel::kBranch,
                        .staff_id = staff.id,
                        .case_id = attended.facts.id,
                        .details = std::move(details)};
  };

  auto compare = [&](const signin::Counted&) -> Result<signin::Verdict> {
    // Its own transaction: a try that is taken stays taken, whatever happens next (Law 4).
    LATCHKEY_ASSIGN(const auto candidates, ledger_.Transact([&](ledger::Transaction& tx) {
      return ledger::ReserveTries(tx, context_.keys,
                                  {.account_id = attended.account.id,
                                   .purpose = model::TokenPurpose::kBranchCode,
                                   .security_epoch = attended.account.security_epoch,
                                   .now = context_.clock.Now()});
    }));
    bool before = false;  // by the same request, while this one waited
    const auto match = ledger::MatchCode(context_.keys, candidates, code);
    LATCHKEY_ASSIGN(
        const bool given, ledger_.Transact([&](ledger::Transaction& tx) -> Result<bool> {
          const TimePoint now = context_.clock.Now();
          bool first = false;
          if (match && match->case_id == attended.facts.id) {
            // Two terminals with the same code at once: one of them ends it (Law 3).
            LATCHKEY_ASSIGN(first, ledger::ConsumeToken(tx, match->id, now));
          }
          if (!first) {
            LATCHKEY_ASSIGN(const auto meanwhile, cases::FindEarlier(tx, context_, staff, named));
            before = meanwhile.has_value();
            if (before) return false;
            LATCHKEY_TRY(ledger::Append(
                tx, context_, entry(model::Event::kProofFailed, "code said in the branch")));
            return false;
          }
          LATCHKEY_TRY(cases::Keep(tx, context_, staff, attended.facts.id, named));
          LATCHKEY_TRY(
              ledger::InsertEvidence(tx, context_, CodeGiven(attended, *match, staff.id, now)));
          LATCHKEY_TRY(ledger::Append(tx, context_,
                                      entry(model::Event::kProofGiven,
                                            "code said in the branch (" + attended.reason + ")")));
          return true;
        }));
    if (given) return signin::Verdict::Right();
    if (before) return signin::Verdict::RightBefore();
    // Remembered as wrong only if there was something to compare with: a code that is sent next may
    // be these digits.
    return candidates.empty() || match ? signin::Verdict::Refused() : signin::Verdict::Wrong();
  };
  LATCHKEY_TRY(gate_.Try(guess, code, compare));
  return cases_.Read(attended.facts.id);
}

}  // namespace latchkey::assist
