// SPDX-License-Identifier: Apache-2.0
#include "services/assist/assist.h"
#include "services/cases/attend.h"
#include "services/ledger/journal.h"
#include "services/ledger/recoveries.h"
#include "services/proof/rule_pack.h"

namespace latchkey::assist {
namespace {

constexpr size_t kTailCharacters = 4;

// Upper case; nullopt unless it is four ASCII letters or digits.
std::optional<std::string> CanonicalTail(std::string_view typed) {
  if (typed.size() != kTailCharacters) return std::nullopt;
  std::string tail(typed);
  for (char& c : tail) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (!(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9')) return std::nullopt;
  }
  return tail;
}

}  // namespace

Result<cases::View> Assist::RecordInspection(const model::Staff& staff, const cases::Act& act,
                                             const Inspection& inspection) {
  const auto tail = CanonicalTail(inspection.number_tail);
  if (!tail) return Malformed("document_number_tail", "the last four letters or digits");
  const std::string said = std::string(Words(inspection.kind)) + ", number ends in " + *tail;
  const cases::Named named{.method = "RecordInspection", .act = act, .about = said};
  const auto act_once = [&]() -> Result<CaseId> {
    return ledger_.Transact([&](ledger::Transaction& tx) -> Result<CaseId> {
      LATCHKEY_ASSIGN(const auto attended, cases::Attend(tx, context_, staff, act.case_reference));
      LATCHKEY_TRY(cases::Keep(tx, context_, staff, attended.facts.id, named));
      const TimePoint now = context_.clock.Now();
      LATCHKEY_TRY(ledger::InsertEvidence(
          tx, context_,
          {.id = {},
           .account_id = attended.account.id,
           .security_epoch = attended.account.security_epoch,
           .recovery_id = {},
           .case_id = attended.facts.id,
           .kind = model::EvidenceKind::kDocumentInspected,
           .contact_id = {},
           .contact_settled = false,
           .channel = model::Channel::kBranch,
           .staff_id = staff.id,
           .at = now,
           .fresh_until = now + proof::PackNamed(attended.account.pack).evidence_fresh}));
      LATCHKEY_TRY(ledger::Append(tx, context_,
                                  {.account_id = attended.account.id,
                                   .event = model::Event::kDocumentInspected,
                                   .channel = model::Channel::kBranch,
                                   .staff_id = staff.id,
                                   .case_id = attended.facts.id,
                                   .details = said + " (" + attended.reason + ")"}));
      return attended.facts.id;
    });
  };
  LATCHKEY_ASSIGN(const CaseId id, cases::Once(ledger_, context_, staff, named, act_once));
  return cases_.Read(id);
}

}  // namespace latchkey::assist
