// SPDX-License-Identifier: Apache-2.0
// A whole service without its edge, with every door to the outside able to fail. Made anew on the
// same files and database, it is the same service a moment later.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "crypto/keyring.h"
#include "crypto/random.h"
#include "services/assist/assist.h"
#include "services/cases/cases.h"
#include "services/courier/courier.h"
#include "services/ledger/outbox.h"
#include "services/proof/blocklist.h"
#include "services/recovery/recovery.h"
#include "services/signin/sign_in.h"
#include "tests/crash/sweep/doors.h"
#include "tests/unit/recovery/faulty_ledger.h"

namespace latchkey::crash {

inline constexpr std::string_view kPassword = "seven green lanterns";
inline constexpr std::string_view kNewPassword = "quite a lively herring";
inline constexpr std::string_view kTotpKey = "12345678901234567890";

class House {
 public:
  // Ledger and hot state are files of the folder, unless a server is named here: then the ledger is
  // on PostgreSQL and the hot state with it, or the hot state on Redis. Spool and checkpoints are
  // files always.
  struct Servers {
    std::string conninfo = {}, redis_address = {};
  };
  House(const std::filesystem::path& where, TimePoint now, const Servers& servers);
  House(const std::filesystem::path& where, TimePoint now) : House(where, now, Servers()) {}

  // Only where nothing is yet: the tables, a customer and a teller.
  void Furnish();
  AccountId AddCustomer(const std::string& login, const std::string& number,
                        const std::string& verifier);
  model::Staff AddTeller(const std::string& login);

  model::Source From(const std::string& address = "192.0.2.1") const;
  Result<recovery::Begun> Ask(const std::string& name,
                              model::Intent intent = model::Intent::kReset);
  void Drain();
  std::vector<ledger::LeasedMessage> TakeMessages();
  Result<signin::SignedIn> Enter(const std::string& name, std::string_view password,
                                 const std::string& address = "192.0.2.1");
  int64_t CountedFailures(AccountId id, signin::SecretKind kind);
  int64_t HashesComputed() { return slots.hashes(); }

  // Everything that the ledger says about whether something happened: states, epochs, counts of
  // each kind of row. No ids, no times.
  std::string Picture();
  // What `latchkey journal verify` would say; empty: whole.
  std::string JournalFault();

  testing::Faults faults;
  ManualClock clock;
  crypto::SystemRandom random;
  IdMaker ids{clock, random};
  const crypto::KeyRing& keys;
  const std::filesystem::path folder;

 private:
  std::unique_ptr<ledger::Ledger> opened_;

 public:
  ledger::Ledger& plain;  // without faults
  recovery::FaultyLedger ledger;
  testing::FaultyHotState hot;
  ledger::StoreContext store{clock, random, ids, keys};
  signin::GuessGate gate{hot, signin::GuessRules::Default(), keys, clock};
  signin::HashSlots slots;
  signin::SignIn sign_in{{}, ledger, store, hot, gate, slots};
  proof::Blocklist blocklist;
  recovery::Spool spool{{.folder = folder / "spool"}, keys, random};
  recovery::Parts parts{.ledger = ledger,
                        .hot_state = hot,
                        .gate = gate,
                        .slots = slots,
                        .blocklist = blocklist,
                        .spool = spool,
                        .store = store,
                        .rules = {},
                        .bank_name = "Harbour Bank"};
  cases::Cases cases{ledger, store, gate};
  assist::Assist assist{ledger, store, hot, gate, slots, cases};
  testing::FaultyChannel channel{faults};
  courier::Courier courier;
};

}  // namespace latchkey::crash
