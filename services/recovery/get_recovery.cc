// SPDX-License-Identifier: Apache-2.0
// GetRecovery: what a session may still do.
#include "services/recovery/recovery.h"
#include "services/recovery/session.h"
#include "services/recovery/standing.h"

namespace latchkey::recovery {

Result<Proof> GetRecovery(const Parts& parts, const Secret& session) {
  LATCHKEY_ASSIGN(const model::Token token, FindSession(parts, session));
  return parts.ledger.Transact([&](ledger::Transaction& tx) -> Result<Proof> {
    LATCHKEY_ASSIGN(const Standing standing, LoadStanding(tx, parts, token));
    return ProofOf(standing, token.expires_at);
  });
}

}  // namespace latchkey::recovery
