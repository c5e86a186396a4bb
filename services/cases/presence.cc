// SPDX-License-Identifier: Apache-2.0
#include "services/cases/presence.h"

#include <iterator>
#include <vector>

#include "services/ledger/recoveries.h"

namespace latchkey::cases {

Result<Presence> LoadPresence(ledger::Transaction& tx, const crypto::KeyRing& keys,
                              const model::Account& account, const model::Case& facts,
                              TimePoint now) {
  const ledger::EvidenceScope in_case{.account_id = account.id,
                                      .security_epoch = account.security_epoch,
                                      .recovery_id = {},
                                      .case_id = facts.id};
  LATCHKEY_ASSIGN(auto given, ledger::LoadEvidence(tx, keys, in_case, now));
  LATCHKEY_ASSIGN(auto live, ledger::FindLiveRecovery(tx, account.id, now));
  if (live) {
    const ledger::EvidenceScope elsewhere{.account_id = account.id,
                                          .security_epoch = account.security_epoch,
                                          .recovery_id = live->id,
                                          .case_id = {}};
    LATCHKEY_ASSIGN(auto more, ledger::LoadEvidence(tx, keys, elsewhere, now));
    given.insert(given.end(), std::make_move_iterator(more.begin()),
                 std::make_move_iterator(more.end()));
  }
  Presence presence;
  for (const model::Evidence& evidence : given) {
    if (evidence.kind == model::EvidenceKind::kDocumentInspected)
      presence.document_inspected = true;
    if (evidence.kind == model::EvidenceKind::kIssuedCode && evidence.contact_settled)
      presence.code_checked = true;
  }
  return presence;
}

}  // namespace latchkey::cases
