// SPDX-License-Identifier: Apache-2.0
// Whoever types wrong passwords learns that they rest; the owner, who may be somebody else, is told
// by message.
#pragma once

#include "services/base/clock.h"
#include "services/base/result.h"
#include "services/ledger/accounts.h"
#include "services/ledger/ledger.h"
#include "services/model/account.h"
#include "services/signin/lanes.h"

namespace latchkey::signin {

// A rest that a wrong password began.
struct BegunRest {
  Subject subject;
  model::Identifier identifier;  // as it was typed, canonical
  model::Source source;
  TimePoint until;
};

// Keeps that this must be told; a worker finds out later whom it concerns, as it does for every
// request (recovery/drain.cc). So it costs as much for a name that nobody has, and nobody who
// guesses waits for mail (Law 6). Once a day for each account, by whatever name: a second time on
// the same day nothing is kept, so that nobody fills a mailbox by guessing (attack R03).
Done TellOwner(ledger::Transaction& tx, const ledger::StoreContext& context, const BegunRest& rest);

// Keeps that the failure counted in this transaction disabled the password of whom `identifier`
// names. It does so once, and so it is told once.
Done TellOwnerOfDisabled(ledger::Transaction& tx, const ledger::StoreContext& context,
                         const model::Identifier& identifier, const model::Source& source);

}  // namespace latchkey::signin
