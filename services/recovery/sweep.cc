// SPDX-License-Identifier: Apache-2.0
// Sweep: ends what is past its time and removes what nobody can use or ask about any more, a
// bounded batch at a time.
#include "services/ledger/intakes.h"
#include "services/ledger/outbox.h"
#include "services/ledger/recoveries.h"
#include "services/ledger/tokens.h"
#include "services/ledger/unknown_names.h"
#include "services/recovery/recovery.h"

namespace latchkey::recovery {

Result<int64_t> Sweep(const Parts& parts) {
  const TimePoint now = parts.store.clock.Now();
  const RecoveryRules& rules = parts.rules;
  const int batch = rules.sweep_batch;
  return parts.ledger.Transact([&](ledger::Transaction& tx) -> Result<int64_t> {
    LATCHKEY_ASSIGN(const int64_t expired, ledger::ExpireRecoveries(tx, now, batch));
    // Dead links explain themselves for a while before they are gone.
    LATCHKEY_ASSIGN(const int64_t tokens,
                    ledger::SweepTokens(tx, now - rules.dead_tokens_kept, batch));
    LATCHKEY_ASSIGN(const int64_t answers, ledger::SweepAnswers(tx, now, batch));
    // An intake is what a handle is found by, and what a repeated Begin is answered from.
    LATCHKEY_ASSIGN(const int64_t intakes, ledger::SweepIntakes(tx, now - rules.answers, batch));
    LATCHKEY_ASSIGN(const int64_t evidence,
                    ledger::SweepEvidence(tx, now - rules.dead_tokens_kept, batch));
    LATCHKEY_ASSIGN(const int64_t recoveries,
                    ledger::SweepRecoveries(tx, now - rules.ended_kept, batch));
    LATCHKEY_ASSIGN(const int64_t messages,
                    ledger::SweepMessages(tx, now - rules.ended_kept, batch));
    LATCHKEY_TRY(ledger::SummariseUnknownNames(tx, parts.store));
    return expired + tokens + answers + intakes + evidence + recoveries + messages;
  });
}

}  // namespace latchkey::recovery
