// SPDX-License-Identifier: Apache-2.0
// Where a recovery stands for whoever holds one of its tokens, and what a proof adds to that.
#pragma once

#include <vector>

#include "services/proof/rule_pack.h"
#include "services/recovery/recovery.h"

namespace latchkey::recovery {

// A token of 32 bytes as it was made: alive or dead, but genuine. kWrong when there is none. A row
// that somebody has edited counts as absent, and is logged and journaled (attack D07).
Result<model::Token> FindGenuineToken(const Parts& parts, model::TokenPurpose purpose,
                                      const Secret& secret);

struct Standing {
  model::Recovery recovery;
  model::Account account;
  proof::Decision reset;
  bool may_unlock = false;
  unsigned min_characters = 0;
};
// What the holder of this session may do. Takes the recovery's row until the transaction ends, so
// that the decision still holds when it is acted upon. kExpired, kUsed, kStopped when nothing may
// be done any more.
//
// A session that came by a branch token also has what was verified in that token's case. Others do
// not: whoever reads the customer's mail must not gain from the customer standing in a branch at
// that moment.
Result<Standing> LoadStanding(ledger::Transaction& tx, const Parts& parts,
                              const model::Token& session);
// Without a session token.
Proof ProofOf(const Standing& standing, TimePoint expires_at);

struct GivenProof {
  model::Token token;  // the link or code
  CaseId case_id;      // of the branch token that asked for the code; 0: none
  model::Channel channel = model::Channel::kNone;
};
// Records that a message reached its contact, once for each contact while that is fresh for longer
// than a session, and opens a new session (attack S04), which takes the place of the oldest when
// there are many: its holder opens the link again. kExpired, kUsed, kStopped.
Result<Proof> AcceptProof(ledger::Transaction& tx, const Parts& parts, const GivenProof& given);

// Whether there is a password that lets its owner in. Unlocking helps nobody else: they would be
// told that all is well, and stand before the same door (Law 10).
Result<bool> HasPasswordInUse(ledger::Transaction& tx, const Parts& parts, AccountId id);

// Whether a code that goes to this contact counts.
bool MayReceive(const model::Contact& contact, const model::Account& account, TimePoint now);

}  // namespace latchkey::recovery
