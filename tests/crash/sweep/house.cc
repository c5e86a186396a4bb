// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/sweep/house.h"

#include "crypto/password.h"
#include "services/hotstate/open.h"
#include "services/ledger/journal.h"
#include "services/ledger/open.h"
#include "services/ledger/staff.h"
#include "tests/unit/courier/samples.h"

namespace latchkey::crash {
namespace {

constexpr crypto::Argon2Cost kCost{.memory_kib = 64, .passes = 1};

const crypto::KeyRing& Keys() {
  static crypto::SystemRandom random;
  static const crypto::KeyRing keys = crypto::KeyRing::Generate(random);
  return keys;
}

const courier::Renderer& Words() {
  static const auto renderer = courier::Renderer::Make(courier::Harbour()).value();
  return *renderer;
}

// Each row as one text, alike on every engine: booleans are not, nor is the order of groups.
constexpr ledger::Sql kLooks[] = {
    "SELECT 'account ' || a.state || ', epochs ' || a.security_epoch || ' ' || a.lane_epoch"
    " || ', failures ' || p.consecutive_failures || ', verifier ' || length(p.verifier_sealed)"
    " || CASE WHEN p.disabled_at IS NULL THEN '' ELSE ', disabled' END"
    " || CASE WHEN p.changed_at > a.made_at THEN ', new' ELSE '' END"
    " FROM accounts a LEFT JOIN authenticators p ON p.account_id = a.id ORDER BY a.id",
    "SELECT 'token ' || purpose || CASE WHEN used_at IS NULL THEN ', live: ' ELSE ', used: ' END"
    " || COUNT(*) || ', tries ' || SUM(tries) FROM tokens GROUP BY purpose, used_at IS NULL"
    " ORDER BY purpose, used_at IS NULL",
    "SELECT 'recovery ' || state || ' ' || intent || ': ' || COUNT(*) FROM recoveries"
    " GROUP BY state, intent ORDER BY state, intent",
    "SELECT 'evidence ' || kind || ': ' || COUNT(*) FROM evidence GROUP BY kind ORDER BY kind",
    "SELECT 'sessions: ' || COUNT(*) FROM sessions",
    "SELECT 'devices: ' || COUNT(*) FROM devices",
    "SELECT CASE WHEN done_at IS NULL THEN 'intakes waiting: ' ELSE 'intakes done: ' END"
    " || COUNT(*) FROM intakes GROUP BY done_at IS NULL ORDER BY done_at IS NULL",
    "SELECT 'message ' || template || ' ' || state || ': ' || COUNT(*) FROM outbox"
    " GROUP BY template, state ORDER BY template, state",
    "SELECT 'answers: ' || COUNT(*) FROM answers",
    "SELECT CASE WHEN closed_at IS NULL THEN 'case, waits for ' ELSE 'closed case, waits for ' END"
    " || COALESCE(waiting_for, 0) || ': ' || COUNT(*) FROM cases GROUP BY closed_at IS NULL, "
    "waiting_for"
    " ORDER BY closed_at IS NULL, waiting_for",
    "SELECT 'staff sessions: ' || COUNT(*) FROM staff_sessions",
    "SELECT CASE WHEN totp_last_step > 0 THEN 'totp used' ELSE 'totp not used' END FROM staff"
    " ORDER BY id",
    "SELECT 'entry of ' || CASE WHEN account_id > 0 THEN 'an account ' ELSE 'the service ' END"
    " || kind || ': ' || COUNT(*) FROM journal GROUP BY account_id > 0, kind"
    " ORDER BY account_id > 0, kind",
    "SELECT 'unknown names: ' || COALESCE(SUM(attempts), 0) FROM unknown_names",
};

}  // namespace

House::House(const std::filesystem::path& where, TimePoint now, const Servers& servers)
    : clock(now),
      keys(Keys()),
      folder(where),
      opened_(ledger::Open({.engine = servers.conninfo.empty() ? "sqlite" : "postgres",
                            .path = where / "ledger.db",
                            .conninfo = servers.conninfo,
                            .connections = 4})
                  .value()),
      plain(*opened_),
      ledger(std::move(opened_)),
      hot(hotstate::Open({.engine = !servers.conninfo.empty()        ? "ledger"
                                    : !servers.redis_address.empty() ? "redis"
                                                                     : "sqlite",
                          .path = where / "hot.db",
                          .redis_address = servers.redis_address},
                         plain)
              .value(),
          faults),
      slots({.slots = 2, .longest_queue = 100, .longest_wait = Millis(60'000), .cost = kCost}, keys,
            random, clock),
      courier(ledger, store, Words(), {&channel}, {}) {
  ledger.Watch(faults);
}

void House::Furnish() {
  LATCHKEY_CHECK(plain.Migrate().ok());
  AddCustomer("anna", "10000001", crypto::HashPassword(Secret(kPassword), kCost, keys, random));
}

AccountId House::AddCustomer(const std::string& login, const std::string& number,
                             const std::string& verifier) {
  ledger::NewAccount account;
  account.name = "Anna Adler";
  account.identifiers = {{model::IdentifierKind::kLogin, login},
                         {model::IdentifierKind::kCustomerNumber, number},
                         {model::IdentifierKind::kEmail, login + "@example.org"}};
  account.contacts = {{model::ContactKind::kEmail, login + "@example.org"},
                      {model::ContactKind::kEmail, login + "@second.example"}};
  account.verifier = verifier;
  return plain
      .Transact([&](ledger::Transaction& tx) { return ledger::InsertAccount(tx, store, account); })
      .value();
}

model::Staff House::AddTeller(const std::string& login) {
  const StaffId id =
      plain
          .Transact([&](ledger::Transaction& tx) {
            return ledger::InsertStaff(
                tx, store,
                {.login = login,
                 .name = "Tessa Teller",
                 .branch = "west",
                 .verifier = crypto::HashPassword(Secret(kPassword), kCost, keys, random),
                 .totp_key = Secret(kTotpKey)});
          })
          .value();
  return {.id = id,
          .login = login,
          .name = "Tessa Teller",
          .branch = "west",
          .own_account_id = {},
          .disabled_at = {}};
}

model::Source House::From(const std::string& address) const {
  return {.channel = model::Channel::kWeb, .address = address, .language = "en"};
}

Result<recovery::Begun> House::Ask(const std::string& name, model::Intent intent) {
  return recovery::Begin(
      parts,
      {.identifier = name, .intent = intent, .source = From(), .idempotency_key = random.Take(16)});
}

void House::Drain() {
  while (recovery::DrainIntakes(parts).value() > 0) {
  }
}

std::vector<ledger::LeasedMessage> House::TakeMessages() {
  return plain
      .Transact([&](ledger::Transaction& tx) -> Result<std::vector<ledger::LeasedMessage>> {
        LATCHKEY_ASSIGN(auto messages,
                        ledger::LeaseMessages(tx, store, 1000, std::chrono::hours(1)));
        for (const auto& message : messages)
          LATCHKEY_TRY(
              ledger::EndMessage(tx, message.id, ledger::MessageState::kAccepted, clock.Now(), ""));
        return messages;
      })
      .value();
}

Result<signin::SignedIn> House::Enter(const std::string& name, std::string_view password,
                                      const std::string& address) {
  return sign_in.SignInByPassword({.identifier = name,
                                   .password = Secret(password),
                                   .source = From(address),
                                   .device_token = {},
                                   .deadline = clock.Now() + std::chrono::seconds(10)});
}

int64_t House::CountedFailures(AccountId id, signin::SecretKind kind) {
  const auto account =
      plain.Query([&](ledger::Transaction& tx) { return ledger::LoadAccount(tx, id); }).value();
  return gate.Peek(signin::Subject::Customer(account), kind)->failures;
}

std::string House::Picture() {
  std::string picture;
  LATCHKEY_CHECK(plain
                     .Read([&](ledger::Transaction& tx) -> Done {
                       picture.clear();
                       for (const ledger::Sql& look : kLooks) {
                         LATCHKEY_ASSIGN(const ledger::Rows rows, tx.Run(look));
                         for (const ledger::Row& row : rows.rows) picture += row.Text(0) + "\n";
                       }
                       return {};
                     })
                     .ok());
  return picture;
}

std::string House::JournalFault() {
  const auto report =
      ledger::VerifyJournal(plain, keys, folder / "checkpoints", [](int64_t, int64_t) {});
  if (!report.ok()) return report.failure().detail;
  return report->first_fault ? report->first_fault->what : std::string();
}

}  // namespace latchkey::crash
