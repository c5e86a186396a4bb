// SPDX-License-Identifier: Apache-2.0
// The rooms that calls come to, each wired to those that it stands on.
#pragma once

#include "services/assist/assist.h"
#include "services/base/config.h"
#include "services/cases/cases.h"
#include "services/hotstate/hotstate.h"
#include "services/latchkeyd/wiring.h"
#include "services/ledger/accounts.h"
#include "services/ledger/ledger.h"
#include "services/proof/blocklist.h"
#include "services/recovery/recovery.h"
#include "services/recovery/spool.h"
#include "services/signin/guess.h"
#include "services/signin/hash_slots.h"
#include "services/signin/sign_in.h"

namespace latchkey {

// What they are given outlives them. Threads: as each of them says.
struct Rooms {
  Rooms(const Config& config, ledger::Ledger& ledger, hotstate::HotState& hot_state,
        const ledger::StoreContext& store, const proof::Blocklist& blocklist,
        recovery::Spool& spool)
      : slots(HashSlotsOf(config), store.keys, store.random, store.clock),
        gate(hot_state, GuessRulesOf(config), store.keys, store.clock),
        sign_in(SignInOptionsOf(config), ledger, store, hot_state, gate, slots),
        recovery{ledger,
                 hot_state,
                 gate,
                 slots,
                 blocklist,
                 spool,
                 store,
                 RecoveryRulesOf(config),
                 config.bank.display_name},
        cases(ledger, store, gate),
        assist(ledger, store, hot_state, gate, slots, cases, AssistRulesOf(config)) {}

  signin::HashSlots slots;
  signin::GuessGate gate;
  signin::SignIn sign_in;
  const recovery::Parts recovery;
  cases::Cases cases;
  assist::Assist assist;
};

}  // namespace latchkey
