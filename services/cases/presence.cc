// SPDX-License-Identifier: Apache-2.0
#include "services/cases/presence.h"

#include "services/ledger/recoveries.h"

namespace latchkey::cases {

Result<Presence> LoadPresence(ledger::Transaction& tx, const crypto::KeyRing& keys,
                              const model::Account& account, const model::Case& facts,
                              TimePoint now) {
  LATCHKEY_ASSIGN(const auto live, ledger::FindLiveRecovery(tx, account.id, now));
  LATCHKEY_ASSIGN(const auto given,
                  ledger::LoadEvidence(tx, keys,
                                       {.account_id = account.id,
                                        .security_epoch = account.security_epoch,
                                        .recovery_id = live ? live->id : RecoveryId{},
                                        .case_id = facts.id},
                                       now));
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
