// SPDX-License-Identifier: Apache-2.0
// Ending a session.
#include "services/ledger/journal.h"
#include "services/signin/sign_in.h"

namespace latchkey::signin {

Done SignIn::SignOut(const Secret& session_token, model::Channel channel) {
  const TimePoint now = context_.clock.Now();
  return ledger_.Transact([&](ledger::Transaction& tx) -> Done {
    LATCHKEY_ASSIGN(auto found, ledger::FindSession(tx, context_.keys, session_token, now));
    if (!found) return {};
    // Of two sign-outs at once one deletes, and writes the entry.
    LATCHKEY_ASSIGN(bool deleted, ledger::DeleteSession(tx, found->digest));
    if (!deleted) return {};
    return ledger::Append(tx, context_,
                          {.account_id = found->session.account_id,
                           .event = model::Event::kSignedOut,
                           .channel = channel});
  });
}

}  // namespace latchkey::signin
