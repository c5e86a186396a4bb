// SPDX-License-Identifier: Apache-2.0
// A small bank for the tests of sign-in: real stores in a folder of their own, a clock that is set,
// cheap hashes.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/password.h"
#include "crypto/random.h"
#include "services/base/check.h"
#include "services/hotstate/sql/sql_hot_state.h"
#include "services/ledger/accounts.h"
#include "services/ledger/journal.h"
#include "services/ledger/sqlite/sqlite.h"
#include "services/signin/sign_in.h"
#include "tests/unit/recovery/faulty_ledger.h"

namespace latchkey::signin {

class Folder {
 public:
  Folder() {
    std::string made = (std::filesystem::temp_directory_path() / "latchkey-signin-XXXXXX").string();
    LATCHKEY_CHECK(mkdtemp(made.data()) != nullptr);
    path_ = made;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

class World : public ::testing::Test {
 protected:
  static constexpr crypto::Argon2Cost kCost{.memory_kib = 64, .passes = 1};
  static constexpr std::string_view kPassword = "seven green lanterns";

  World() {
    LATCHKEY_CHECK(ledger_.Migrate().ok());
    anna_ = AddCustomer("Anna Adler", "anna", Hash(kPassword));
  }

  std::string Hash(std::string_view password, crypto::Argon2Cost cost = kCost) {
    return crypto::HashPassword(Secret(password), cost, keys_, random_);
  }

  // With the login name `login`, the e-mail address login@example.org, and this verifier (empty: no
  // password).
  AccountId AddCustomer(const std::string& name, const std::string& login,
                        const std::string& verifier) {
    ledger::NewAccount account;
    account.name = name;
    account.identifiers = {{model::IdentifierKind::kLogin, login},
                           {model::IdentifierKind::kEmail, login + "@example.org"}};
    account.verifier = verifier;
    return ledger_
        .Transact(
            [&](ledger::Transaction& tx) { return ledger::InsertAccount(tx, context_, account); })
        .value();
  }

  model::Account Load(AccountId id) {
    return ledger_.Query([&](ledger::Transaction& tx) { return ledger::LoadAccount(tx, id); })
        .value();
  }
  model::Authenticator Password(AccountId id) {
    return *ledger_
                .Query([&](ledger::Transaction& tx) {
                  return ledger::FindAuthenticator(tx, context_.keys, id,
                                                   model::AuthenticatorKind::kPassword);
                })
                .value();
  }
  // The account's own lane for passwords.
  hotstate::LaneState Lane(AccountId id) {
    return gate_.Peek(Subject::Customer(Load(id)), SecretKind::kPassword).value();
  }
  void SetState(AccountId id, model::AccountState state) {
    const model::AccountState from = Load(id).state;
    ASSERT_TRUE(ledger_
                    .Transact([&](ledger::Transaction& tx) {
                      return ledger::ChangeAccountState(tx, id, from, state);
                    })
                    .ok());
  }
  // What a completed recovery does to the account.
  void Reset(AccountId id, std::string_view password) {
    const std::string verifier = Hash(password);
    ASSERT_TRUE(ledger_
                    .Transact([&](ledger::Transaction& tx) -> Done {
                      LATCHKEY_ASSIGN(model::Account account, ledger::LoadAccount(tx, id));
                      LATCHKEY_TRY(ledger::AdvanceSecurityEpoch(tx, id, account.security_epoch));
                      LATCHKEY_TRY(ledger::AdvanceLaneEpoch(tx, id));
                      return ledger::PutVerifier(
                          tx, context_, id, {.verifier = verifier, .set_at = context_.clock.Now()});
                    })
                    .ok());
  }
  // What was kept for owners to be told, told already or not.
  int64_t ToldOfRests() {
    return ledger_
        .Query([](ledger::Transaction& tx) -> Result<int64_t> {
          LATCHKEY_ASSIGN(auto rows, tx.Run("SELECT COUNT(*) FROM intakes"));
          return rows.front().Int(0);
        })
        .value();
  }
  // How often an event stands in the journal of an account (0: the service's own).
  int64_t Journaled(AccountId id, model::Event event) {
    auto lines = ledger_
                     .Query([&](ledger::Transaction& tx) {
                       return ledger::LoadRecent(tx, keys_, id, 10'000);
                     })
                     .value();
    return std::count_if(lines.begin(), lines.end(),
                         [&](const model::JournalLine& line) { return line.entry.event == event; });
  }

  Result<SignedIn> Enter(const std::string& name, std::string_view password,
                         const std::string& address = "192.0.2.1",
                         const Secret& device = Secret()) {
    return sign_in_.SignInByPassword(
        {.identifier = name,
         .password = Secret(password),
         .source = {.channel = model::Channel::kWeb, .address = address, .language = "en"},
         .device_token = device.Copy(),
         .deadline = clock_.Now() + std::chrono::seconds(10)});
  }
  void GuessWrong(const std::string& name, const std::string& password,
                  const std::string& address) {
    EXPECT_EQ(Enter(name, password, address).reason(), Reason::kWrong);
  }
  // A new address each time.
  std::string NextAddress() {
    ++addresses_;
    return "198.51." + std::to_string(addresses_ / 250 % 250) + "." +
           std::to_string(addresses_ % 250);
  }

  Folder folder_;
  ManualClock clock_;
  crypto::SystemRandom random_;
  IdMaker ids_{clock_, random_};
  crypto::KeyRing keys_ = crypto::KeyRing::Generate(random_);
  ledger::StoreContext context_{clock_, random_, ids_, keys_};
  recovery::FaultyLedger ledger_{
      ledger::OpenSqlite({.path = folder_.path() / "ledger.db", .survive_power_loss = false})
          .value()};
  std::unique_ptr<hotstate::HotState> hot_state_ =
      hotstate::OpenInFile(folder_.path() / "hot.db").value();
  GuessGate gate_{*hot_state_, GuessRules::Default(), keys_, clock_};
  HashSlots slots_{
      {.slots = 2, .longest_queue = 1'000, .longest_wait = Millis(60'000), .cost = kCost},
      keys_,
      random_,
      clock_};
  SignIn sign_in_{{}, ledger_, context_, *hot_state_, gate_, slots_};
  AccountId anna_;
  int addresses_ = 0;
};

}  // namespace latchkey::signin
