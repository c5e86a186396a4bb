// SPDX-License-Identifier: Apache-2.0
// A small bank for the tests of recovery: real stores in a folder of their own, a clock that is
// set, cheap hashes.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/keyring.h"
#include "crypto/password.h"
#include "crypto/random.h"
#include "crypto/token.h"
#include "services/base/check.h"
#include "services/courier/templates.h"
#include "services/hotstate/sql/sql_hot_state.h"
#include "services/ledger/accounts.h"
#include "services/ledger/journal.h"
#include "services/ledger/outbox.h"
#include "services/ledger/recoveries.h"
#include "services/ledger/tokens.h"
#include "services/recovery/recovery.h"
#include "services/signin/sign_in.h"
#include "tests/unit/recovery/faulty_ledger.h"

namespace latchkey::recovery {

class Folder {
 public:
  Folder() {
    std::string made =
        (std::filesystem::temp_directory_path() / "latchkey-recovery-XXXXXX").string();
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

// The ledger that these tests run on: engine.cc of the test program says which. Empty, and the
// test's own.
std::unique_ptr<ledger::Ledger> OpenTestLedger(const std::filesystem::path& folder);

class World : public ::testing::Test {
 protected:
  static constexpr crypto::Argon2Cost kCost{.memory_kib = 64, .passes = 1};
  static constexpr std::string_view kOldPassword = "seven green lanterns";
  static constexpr std::string_view kNewPassword = "quite a lively herring";

  World() {
    LATCHKEY_CHECK(ledger_.Migrate().ok());
    anna_ = AddCustomer("Anna Adler", "anna", "10000001");
    bruno_ = AddCustomer("Bruno Berg", "bruno", "10000002");
  }

  template <typename F>
  auto Write(F&& work) {
    auto result = ledger_.Transact(std::forward<F>(work));
    LATCHKEY_CHECK(result.ok());
    return std::move(result).value();
  }

  // With a login name, a customer number, and NAME@example.org as identifier and contact.
  AccountId AddCustomer(const std::string& name, const std::string& login,
                        const std::string& number, const std::string& pack = "standard") {
    ledger::NewAccount account;
    account.name = name;
    account.identifiers = {{model::IdentifierKind::kLogin, login},
                           {model::IdentifierKind::kCustomerNumber, number},
                           {model::IdentifierKind::kEmail, login + "@example.org"}};
    account.contacts = {{model::ContactKind::kEmail, login + "@example.org"},
                        {model::ContactKind::kEmail, login + "@second.example"}};
    account.verifier = crypto::HashPassword(Secret(kOldPassword), kCost, keys_, random_);
    account.pack = pack;
    return Write(
        [&](ledger::Transaction& tx) { return ledger::InsertAccount(tx, store_, account); });
  }

  void Run(const std::function<Done(ledger::Transaction&)>& work) {
    LATCHKEY_CHECK(ledger_.Commit(work).ok());
  }

  model::Account Load(AccountId id) {
    return ledger_.Query([&](ledger::Transaction& tx) { return ledger::LoadAccount(tx, id); })
        .value();
  }
  model::Authenticator Password(AccountId id) {
    return *ledger_
                .Query([&](ledger::Transaction& tx) {
                  return ledger::FindAuthenticator(tx, keys_, id,
                                                   model::AuthenticatorKind::kPassword);
                })
                .value();
  }
  bool PasswordIs(AccountId id, std::string_view password) {
    return crypto::VerifyPassword(Secret(password), Password(id).verifier, keys_).value() ==
           crypto::Verification::kMatch;
  }
  int CountEvents(AccountId id, model::Event event) {
    auto lines = ledger_
                     .Query([&](ledger::Transaction& tx) {
                       return ledger::LoadRecent(tx, keys_, id, 10'000);
                     })
                     .value();
    int count = 0;
    for (const auto& line : lines) count += line.entry.event == event ? 1 : 0;
    return count;
  }

  std::string Key() { return random_.Take(16); }
  model::Source From(const std::string& address = "192.0.2.1",
                     model::Channel channel = model::Channel::kWeb) {
    return {.channel = channel, .address = address, .language = "en"};
  }

  Result<Begun> Ask(const std::string& identifier, model::Intent intent = model::Intent::kReset) {
    return Begin(
        parts_,
        {.identifier = identifier, .intent = intent, .source = From(), .idempotency_key = Key()});
  }
  void Drain() {
    while (DrainIntakes(parts_).value() > 0) {
    }
  }
  // What waits in the outbox, in order; taken out of it.
  std::vector<ledger::LeasedMessage> TakeMessages() {
    return Write([&](ledger::Transaction& tx) -> Result<std::vector<ledger::LeasedMessage>> {
      LATCHKEY_ASSIGN(auto messages,
                      ledger::LeaseMessages(tx, store_, 1000, std::chrono::hours(1)));
      for (const auto& message : messages)
        LATCHKEY_TRY(
            ledger::EndMessage(tx, message.id, ledger::MessageState::kAccepted, clock_.Now(), ""));
      return messages;
    });
  }
  static std::string ValueOf(const ledger::LeasedMessage& message, std::string_view name) {
    const auto found = message.values.find(std::string(name));
    return found == message.values.end() ? std::string() : found->second;
  }
  static Secret TokenIn(const ledger::LeasedMessage& message, std::string_view name) {
    return Secret(crypto::FromBase64Url(ValueOf(message, name)).value_or(""));
  }

  struct Mail {
    Secret handle;
    Secret link;
    std::string code;
    ContactId contact_id;
  };
  // Asks and reads the mail that comes of it.
  Mail AskForMail(const std::string& identifier, model::Intent intent = model::Intent::kReset) {
    auto begun = Ask(identifier, intent);
    LATCHKEY_CHECK(begun.ok());
    Drain();
    const auto messages = TakeMessages();
    LATCHKEY_CHECK(messages.size() == 1);
    return MailOf(std::move(*begun), messages[0]);
  }
  // The same among `notices`, which are lost to the test.
  Mail AskForMailAside(const std::string& identifier, std::optional<size_t> notices = {}) {
    auto begun = Ask(identifier);
    LATCHKEY_CHECK(begun.ok());
    Drain();
    const auto messages = TakeMessages();
    if (notices) EXPECT_EQ(messages.size(), *notices + 1);
    const auto asked = std::find_if(messages.rbegin(), messages.rend(), [](const auto& message) {
      return message.template_name == courier::kRecovery;
    });
    LATCHKEY_CHECK(asked != messages.rend());
    return MailOf(std::move(*begun), *asked);
  }
  static Mail MailOf(Begun begun, const ledger::LeasedMessage& message) {
    return {.handle = std::move(begun.handle),
            .link = TokenIn(message, courier::kLinkToken),
            .code = ValueOf(message, courier::kCode),
            .contact_id = message.contact_id};
  }
  Result<Proof> Open(const Secret& link) { return OpenLink(parts_, link, From()); }
  Result<Proof> Submit(const Secret& handle, const std::string& code,
                       const std::string& address = "192.0.2.1", const std::string& key = {}) {
    return SubmitCode(parts_, {.handle = handle.Copy(),
                               .identifier = {},
                               .code = Secret(code),
                               .idempotency_key = key.empty() ? Key() : key,
                               .source = From(address),
                               .device_token = {}});
  }
  Result<Proof> SubmitFor(const std::string& identifier, const std::string& code,
                          const std::string& address = "192.0.2.1", const std::string& key = {}) {
    return SubmitCode(parts_, {.handle = {},
                               .identifier = identifier,
                               .code = Secret(code),
                               .idempotency_key = key.empty() ? Key() : key,
                               .source = From(address),
                               .device_token = {}});
  }
  // Eight digits that are not `code`; another `n`, others.
  static std::string WrongCode(const std::string& code, int n = 1) {
    std::string text = std::to_string((std::stoll(code) + n) % 100'000'000);
    return std::string(8 - text.size(), '0') + text;
  }
  Result<std::string> Set(const Secret& session, std::string_view password = kNewPassword,
                          const std::string& key = {}) {
    return SetPassword(parts_, {.session = session.Copy(),
                                .new_password = Secret(password),
                                .idempotency_key = key.empty() ? Key() : key,
                                .source = From(),
                                .deadline = clock_.Now() + std::chrono::seconds(10)});
  }
  Result<std::string> UnlockBy(const Secret& session, const std::string& key = {}) {
    return Unlock(parts_, {.session = session.Copy(),
                           .idempotency_key = key.empty() ? Key() : key,
                           .source = From()});
  }
  Result<std::string> FreezeBy(const Secret& link) {
    return Freeze(parts_, {.link_token = link.Copy(), .session = {}, .source = From()});
  }
  Result<signin::SignedIn> SignInWith(const std::string& identifier, std::string_view password) {
    return sign_in_.SignInByPassword({.identifier = identifier,
                                      .password = Secret(password),
                                      .source = From(),
                                      .device_token = {},
                                      .deadline = clock_.Now() + std::chrono::seconds(10)});
  }

  static std::optional<Reason> ReasonOf(const auto& result) {
    return result.ok() ? std::nullopt : std::optional(result.reason());
  }

  Folder folder_;
  ManualClock clock_;
  crypto::SystemRandom random_;
  IdMaker ids_{clock_, random_};
  crypto::KeyRing keys_ = crypto::KeyRing::Generate(random_);
  FaultyLedger ledger_{OpenTestLedger(folder_.path())};
  ledger::StoreContext store_{clock_, random_, ids_, keys_};
  std::unique_ptr<hotstate::HotState> hot_state_ =
      hotstate::OpenInFile(folder_.path() / "hot.sqlite").value();
  signin::GuessGate gate_{*hot_state_, signin::GuessRules::Default(), keys_, clock_};
  signin::HashSlots slots_{
      {.slots = 4, .longest_queue = 1000, .longest_wait = Millis(60'000), .cost = kCost},
      keys_,
      random_,
      clock_};
  signin::SignIn sign_in_{{}, ledger_, store_, *hot_state_, gate_, slots_};
  proof::Blocklist blocklist_;
  Spool spool_{{.folder = folder_.path() / "spool"}, keys_, random_};
  Parts parts_{.ledger = ledger_,
               .hot_state = *hot_state_,
               .gate = gate_,
               .slots = slots_,
               .blocklist = blocklist_,
               .spool = spool_,
               .store = store_,
               .rules = {},
               .bank_name = "Musterbank"};
  // The same bank with another spool.
  Parts PartsWith(Spool& spool, hotstate::HotState& hot_state) {
    return {.ledger = ledger_,
            .hot_state = hot_state,
            .gate = gate_,
            .slots = slots_,
            .blocklist = blocklist_,
            .spool = spool,
            .store = store_,
            .rules = {},
            .bank_name = ""};
  }
  AccountId anna_;
  AccountId bruno_;
};

}  // namespace latchkey::recovery
