// SPDX-License-Identifier: Apache-2.0
// The bank under load: its folder, customers and tellers, and direct looks into its ledger.
#pragma once

#include <array>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "crypto/keyring.h"
#include "crypto/random.h"
#include "services/ledger/accounts.h"
#include "services/ledger/open.h"
#include "services/model/journal.h"
#include "tests/crash/kill/sink.h"

namespace latchkey::crash {

inline constexpr std::string_view kBankName = "Crash Bank";

struct Range {
  size_t at_least = 0;
  size_t at_most = 0;
};

// A customer, and everything that was acknowledged to them. One journey has a customer at a time.
struct Customer {
  AccountId id;
  std::string login, number;
  std::array<std::string, 2> mail;
  std::string password;           // the one in force
  std::string old_password;       // empty: none yet
  int maybe_wrong_passwords = 0;  // at most so many failures stand counted
  int maybe_wrong_codes = 0;
  int branch_codes = 0;  // asked for, answered or not
  int journeys = 0;
  bool frozen = false;
  bool call_back_asked = false;
  bool resting = false;                // passwords or codes may rest: no journey any more
  std::map<model::Event, int> events;  // entries that the journal must hold, no more and no fewer
  std::map<Pile, Range> letters;       // messages that must have come, by Message-ID
};

struct Teller {
  std::string login, password;
  Secret totp_key;
  int64_t last_step = 0;  // of the TOTP that was tried last
  std::string session;
  TimePoint renew_at;  // a session that nobody uses ends by itself
  int tokens = 0;      // asked for, answered or not
  bool gone = false;
};

class Bank {
 public:
  struct Options {
    std::filesystem::path programs;
    std::filesystem::path folder;
    int customers = 0;
    int tellers = 0;
    uint16_t port = 0;
    std::string conninfo;      // PostgreSQL; empty: SQLite
    std::string redis_socket;  // empty: SQLite
  };
  explicit Bank(Options options);

  // Writes the configuration and takes everybody in. The mail server's port is known by now.
  void Open(uint16_t smtp_port);

  std::filesystem::path folder() const { return options_.folder / "bank"; }
  std::vector<std::unique_ptr<Customer>>& customers() { return customers_; }
  std::vector<std::unique_ptr<Teller>>& tellers() { return tellers_; }

  // The latchkey command with these words; its exit status, and what it said.
  int Command(const std::vector<std::string>& words, std::string* said = nullptr) const;

  // What time would do: leases of workers that were killed end now, and so do pauses.
  void EndLeases();
  struct Waiting {
    int64_t intakes = 0, messages = 0, set_aside = 0;
  };
  Waiting CountWaiting();
  // How many days (UTC) have begun since the bank was made.
  size_t Midnights();
  // The engine's own check of its file; empty: whole.
  std::string DamageInFiles();

  bool PasswordIs(const Customer& customer, const std::string& password);
  model::AccountState StateOf(const Customer& customer);
  std::map<model::Event, int> EventsOf(const Customer& customer);

 private:
  void WriteConfiguration(uint16_t smtp_port) const;
  std::unique_ptr<ledger::Ledger> OpenLedger() const;
  void TakeIn(ledger::Ledger& ledger);

  const Options options_;
  SystemClock clock_;
  const TimePoint made_at_ = clock_.Now();
  crypto::SystemRandom random_;
  IdMaker ids_{clock_, random_};
  std::unique_ptr<crypto::KeyRing> keys_;
  std::unique_ptr<ledger::Ledger> look_;  // for the audit
  std::vector<std::unique_ptr<Customer>> customers_;
  std::vector<std::unique_ptr<Teller>> tellers_;
};

}  // namespace latchkey::crash
