// SPDX-License-Identifier: Apache-2.0
// OpenLink: a link for a session. Mail scanners open, run and submit such pages (attack L07), so
// nothing is used up here; the link dies when the new password is committed (Law 3).
#include "services/recovery/recovery.h"
#include "services/recovery/standing.h"

namespace latchkey::recovery {

Result<Proof> OpenLink(const Parts& parts, const Secret& link_token, const model::Source& source) {
  LATCHKEY_ASSIGN(const model::Token link,
                  FindGenuineToken(parts, model::TokenPurpose::kRecoveryLink, link_token));
  return parts.ledger.Transact([&](ledger::Transaction& tx) -> Result<Proof> {
    return AcceptProof(tx, parts, {.token = link, .case_id = {}, .channel = source.channel});
  });
}

}  // namespace latchkey::recovery
