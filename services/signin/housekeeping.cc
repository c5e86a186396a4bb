// SPDX-License-Identifier: Apache-2.0
// What is done now and then, on any node: the summary of tries at unknown names, and removing what
// is dead.
#include "services/ledger/unknown_names.h"
#include "services/signin/sign_in.h"

namespace latchkey::signin {

Result<int64_t> SignIn::FlushUnknownNames() {
  return ledger_.Transact(
      [&](ledger::Transaction& tx) { return ledger::SummariseUnknownNames(tx, context_); });
}

Result<int64_t> SignIn::Sweep() {
  const TimePoint now = context_.clock.Now();
  LATCHKEY_ASSIGN(int64_t rows, ledger_.Transact([&](ledger::Transaction& tx) {
    return ledger::SweepSessions(tx, now, now - options_.device, options_.sweep_batch);
  }));
  LATCHKEY_ASSIGN(int64_t lanes, hot_state_.Sweep(now));
  return rows + lanes;
}

}  // namespace latchkey::signin
