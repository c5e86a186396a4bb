// SPDX-License-Identifier: Apache-2.0
// GetRecovery: what a session may still do, and whose account it is about.
#include <algorithm>
#include <string>

#include "services/recovery/recovery.h"
#include "services/recovery/session.h"
#include "services/recovery/standing.h"

namespace latchkey::recovery {
namespace {

constexpr size_t kTail = 3;

// Two links opened in one browser are two recoveries, and the later one has its pages: whoever
// looks after several accounts must see whose password it is. Whoever holds a session has proved
// themselves, and three digits name nobody to anybody else.
Result<std::string> TailOfNumber(ledger::Transaction& tx, const Parts& parts, AccountId id) {
  LATCHKEY_ASSIGN(const auto identifiers, ledger::LoadIdentifiers(tx, parts.store.keys, id));
  for (const model::Identifier& identifier : identifiers) {
    if (identifier.kind != model::IdentifierKind::kCustomerNumber) continue;
    return identifier.text.substr(identifier.text.size() - std::min(identifier.text.size(), kTail));
  }
  return std::string();
}

}  // namespace

Result<Proof> GetRecovery(const Parts& parts, const Secret& session) {
  LATCHKEY_ASSIGN(const model::Token token, FindSession(parts, session));
  return parts.ledger.Transact([&](ledger::Transaction& tx) -> Result<Proof> {
    LATCHKEY_ASSIGN(const Standing standing, LoadStanding(tx, parts, token));
    Proof proof = ProofOf(standing, token.expires_at);
    LATCHKEY_ASSIGN(proof.customer_number_tail, TailOfNumber(tx, parts, standing.account.id));
    return proof;
  });
}

}  // namespace latchkey::recovery
