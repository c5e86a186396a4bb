// SPDX-License-Identifier: Apache-2.0
#include "services/cases/presence.h"

#include <iterator>
#include <vector>

#include "services/ledger/cases.h"
#include "services/ledger/recoveries.h"

namespace latchkey::cases {

Result<Presence> LoadPresence(ledger::Transaction& tx, const model::Case& facts, TimePoint now) {
  LATCHKEY_ASSIGN(auto given, ledger::LoadEvidence(
                                  tx, {.account_id = facts.account_id, .case_id = facts.id}, now));
  LATCHKEY_ASSIGN(auto live, ledger::FindLiveRecovery(tx, facts.account_id, now));
  if (live) {
    LATCHKEY_ASSIGN(
        auto elsewhere,
        ledger::LoadEvidence(tx, {.account_id = facts.account_id, .recovery_id = live->id}, now));
    given.insert(given.end(), std::make_move_iterator(elsewhere.begin()),
                 std::make_move_iterator(elsewhere.end()));
  }
  Presence presence;
  if (given.empty()) return presence;
  LATCHKEY_ASSIGN(const TimePoint cut, ledger::LastSecurityEventAt(tx, facts.account_id));
  for (const model::Evidence& evidence : given) {
    if (evidence.at <= cut || evidence.fresh_until <= now) continue;
    if (evidence.kind == model::EvidenceKind::kDocumentInspected)
      presence.document_inspected = true;
    if (evidence.kind == model::EvidenceKind::kIssuedCode && evidence.contact_settled)
      presence.code_checked = true;
  }
  return presence;
}

}  // namespace latchkey::cases
