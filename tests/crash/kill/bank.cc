// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/kill/bank.h"

#include <sys/wait.h>

#include <cstdio>
#include <fstream>

#include "crypto/password.h"
#include "crypto/totp.h"
#include "services/base/check.h"
#include "services/ledger/intakes.h"
#include "services/ledger/journal.h"
#include "services/ledger/outbox.h"
#include "services/ledger/staff.h"

namespace latchkey::crash {
namespace {

// As cheap as the configuration allows.
constexpr crypto::Argon2Cost kCost{.memory_kib = 7168, .passes = 5};
constexpr size_t kAccountsPerCommit = 500;

std::string Padded(int number, size_t digits) {
  const std::string text = std::to_string(number);
  return std::string(digits - std::min(digits, text.size()), '0') + text;
}

template <typename F>
auto Must(ledger::Ledger& ledger, F&& work) {
  auto result = ledger.Query(std::forward<F>(work));
  LATCHKEY_CHECK(result.ok());
  return std::move(result).value();
}

}  // namespace

Bank::Bank(Options options) : options_(std::move(options)) {
  LATCHKEY_CHECK(Command({"init", "--dir", folder(), "--bank", "bank.example", "--portal-url",
                          "http://localhost:8080", "--phone", "'+44 20 7946 0000'", "--terminal",
                          "main/terminal-1"}) == 0);
  LATCHKEY_CHECK(Command({"certificate", "--authority", folder() / "ca", "--dns", "localhost",
                          "--out", options_.folder / "smtp"}) == 0);
}

int Bank::Command(const std::vector<std::string>& words, std::string* said) const {
  std::string line = (options_.programs / "latchkey").string() + " --config " +
                     (folder() / "latchkey.toml").string();
  for (const std::string& word : words) line += " " + word;
  FILE* pipe = popen((line + " 2>&1").c_str(), "r");
  LATCHKEY_CHECK(pipe != nullptr);
  char bytes[4096];
  while (std::fgets(bytes, sizeof bytes, pipe) != nullptr) {
    if (said != nullptr) *said += bytes;
  }
  const int status = pclose(pipe);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void Bank::WriteConfiguration(uint16_t smtp_port) const {
  std::ofstream file(folder() / "latchkey.toml");
  file << "[bank]\ndomain = \"bank.example\"\ndisplay_name = \"" << kBankName
       << "\"\nportal_url = \"http://localhost:8080\"\nphone = \"+44 20 7946 0000\"\n"
          "[listen]\nport = "
       << options_.port
       << "\n[tls]\nauthority = \"ca/authority.crt\"\ncertificate = \"tls/service.crt\"\n"
          "key = \"tls/service.key\"\n[ledger]\n";
  if (options_.conninfo.empty()) {
    file << "path = \"data/ledger.db\"\n";
  } else {
    file << "engine = \"postgres\"\nconninfo = \"" << options_.conninfo << "\"\n";
  }
  file << "[hotstate]\n";
  if (options_.redis_socket.empty()) {
    file << "path = \"data/hotstate.db\"\n";
  } else {
    file << "engine = \"redis\"\nsocket = \"" << options_.redis_socket << "\"\n";
  }
  file << "[files]\nkeys = \"keys/keyring\"\ncheckpoints = \"data/checkpoints\"\n"
          "spool = \"data/spool\"\n[passwords]\nargon2_memory_kib = "
       << kCost.memory_kib << "\nargon2_passes = " << kCost.passes << "\nhash_queue = 16"
       << "\n[recovery]\nmessages_per_hour = 10\n[lanes]\nrequests_per_minute = 6000\n"
          "[workers]\nthreads = 8\n[courier]\nfrom_address = "
          "\"no-reply@bank.example\"\ntimeout_seconds = 5\n"
          "attempts = 100\n[[courier.relays]]\nhost = \"localhost\"\nport = "
       << smtp_port
       << "\ntls = \"implicit\"\nauthority = \"ca/authority.crt\"\n[metrics]\naddress = \"\"\n"
          "[journal]\ncheckpoint_every_seconds = 5\n";
}

std::unique_ptr<ledger::Ledger> Bank::OpenLedger() const {
  return ledger::Open({.engine = options_.conninfo.empty() ? "sqlite" : "postgres",
                       .path = folder() / "data/ledger.db",
                       .conninfo = options_.conninfo,
                       .connections = 2})
      .value();
}

void Bank::Open(uint16_t smtp_port) {
  WriteConfiguration(smtp_port);
  LATCHKEY_CHECK(Command({"migrate"}) == 0);
  keys_ =
      std::make_unique<crypto::KeyRing>(crypto::KeyRing::Load(folder() / "keys/keyring").value());
  TakeIn(*OpenLedger());
}

void Bank::TakeIn(ledger::Ledger& ledger) {
  const std::string password = "seven green lanterns";
  const std::string verifier = crypto::HashPassword(Secret(password), kCost, *keys_, random_);
  const ledger::StoreContext store{clock_, random_, ids_, *keys_};
  for (int i = 0; i < options_.customers; ++i) {
    auto one = std::make_unique<Customer>();
    one->login = "c" + Padded(i, 6);
    one->number = Padded(10'000'000 + i, 8);
    one->mail = {one->login + "@example.org", one->login + "@second.example"};
    one->password = password;
    customers_.push_back(std::move(one));
  }
  for (size_t from = 0; from < customers_.size(); from += kAccountsPerCommit) {
    const size_t to = std::min(from + kAccountsPerCommit, customers_.size());
    LATCHKEY_CHECK(ledger
                       .Commit([&](ledger::Transaction& tx) -> Done {
                         for (size_t i = from; i < to; ++i) {
                           Customer& one = *customers_[i];
                           ledger::NewAccount account;
                           account.name = "Customer " + std::to_string(i);
                           account.identifiers = {
                               {model::IdentifierKind::kLogin, one.login},
                               {model::IdentifierKind::kCustomerNumber, one.number},
                               {model::IdentifierKind::kEmail, one.mail[0]}};
                           account.contacts = {{model::ContactKind::kEmail, one.mail[0]},
                                               {model::ContactKind::kEmail, one.mail[1]}};
                           account.verifier = verifier;
                           LATCHKEY_ASSIGN(one.id, ledger::InsertAccount(tx, store, account));
                         }
                         return {};
                       })
                       .ok());
  }
  for (int i = 0; i < options_.tellers; ++i) {
    auto one = std::make_unique<Teller>();
    one->login = "t" + Padded(i, 4);
    one->password = password;
    one->totp_key = Secret(random_.Take(crypto::kTotpKeyBytes));
    LATCHKEY_CHECK(ledger
                       .Transact([&](ledger::Transaction& tx) {
                         return ledger::InsertStaff(tx, store,
                                                    {.login = one->login,
                                                     .name = "Teller " + std::to_string(i),
                                                     .branch = "main",
                                                     .verifier = verifier,
                                                     .totp_key = one->totp_key.Copy()});
                       })
                       .ok());
    tellers_.push_back(std::move(one));
  }
}

void Bank::EndLeases() {
  const TimePoint now = clock_.Now();
  LATCHKEY_CHECK(
      OpenLedger()
          ->Commit([&](ledger::Transaction& tx) -> Done {
            LATCHKEY_TRY(tx.Run(
                "UPDATE outbox SET next_at = $1 WHERE ended_at IS NULL AND next_at > $1", now));
            LATCHKEY_TRY(tx.Run(
                "UPDATE intakes SET next_at = $1 WHERE done_at IS NULL AND next_at > $1", now));
            return {};
          })
          .ok());
}

Bank::Waiting Bank::CountWaiting() {
  if (look_ == nullptr) look_ = OpenLedger();
  return Must(*look_, [](ledger::Transaction& tx) -> Result<Waiting> {
    Waiting waiting;
    LATCHKEY_ASSIGN(waiting.intakes, ledger::CountIntakes(tx));
    LATCHKEY_ASSIGN(const ledger::OutboxCounts outbox, ledger::CountOutbox(tx));
    waiting.messages = outbox.waiting;
    waiting.set_aside = outbox.set_aside;
    return waiting;
  });
}

size_t Bank::Midnights() {
  using std::chrono::days;
  return static_cast<size_t>(
      (std::chrono::floor<days>(clock_.Now()) - std::chrono::floor<days>(made_at_)).count());
}

std::string Bank::DamageInFiles() {
  if (!options_.conninfo.empty()) return {};
  if (look_ == nullptr) look_ = OpenLedger();
  return Must(*look_, [](ledger::Transaction& tx) -> Result<std::string> {
    LATCHKEY_ASSIGN(ledger::Rows rows, tx.Run("PRAGMA integrity_check"));
    const std::string said = rows.front().Text(0);
    return said == "ok" ? std::string() : said;
  });
}

bool Bank::PasswordIs(const Customer& customer, const std::string& password) {
  const auto authenticator = Must(*look_, [&](ledger::Transaction& tx) {
    return ledger::FindAuthenticator(tx, *keys_, customer.id, model::AuthenticatorKind::kPassword);
  });
  return crypto::VerifyPassword(Secret(password), authenticator->verifier, *keys_).value() ==
         crypto::Verification::kMatch;
}

model::AccountState Bank::StateOf(const Customer& customer) {
  return Must(*look_, [&](ledger::Transaction& tx) { return ledger::LoadAccount(tx, customer.id); })
      .state;
}

std::map<model::Event, int> Bank::EventsOf(const Customer& customer) {
  std::map<model::Event, int> events;
  for (const model::JournalLine& line : Must(*look_, [&](ledger::Transaction& tx) {
         return ledger::LoadRecent(tx, *keys_, customer.id, 10'000);
       })) {
    ++events[line.entry.event];
  }
  return events;
}

}  // namespace latchkey::crash
