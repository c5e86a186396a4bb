// SPDX-License-Identifier: Apache-2.0
// A courier with everything around it real: a ledger in a file, the demonstration's mail server,
// and relays that behave badly. Only the time is set.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "crypto/certificates.h"
#include "crypto/keyring.h"
#include "crypto/random.h"
#include "services/courier/courier.h"
#include "services/courier/smtp.h"
#include "services/courier/templates.h"
#include "services/ledger/journal.h"
#include "services/ledger/sqlite/sqlite.h"
#include "tests/unit/courier/mail_reader.h"
#include "tests/unit/courier/process.h"
#include "tests/unit/courier/samples.h"
#include "tests/unit/recovery/faulty_ledger.h"

namespace latchkey::courier {

namespace fs = std::filesystem;

inline std::string ReadAll(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}
inline void WriteAll(const fs::path& path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}
// The files of a folder whose names end so, by the number that they begin with.
inline std::vector<std::string> FilesIn(const fs::path& folder, std::string_view end) {
  std::map<int64_t, std::string> found;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == end)
      found[std::stoll(entry.path().stem().string())] = ReadAll(entry.path());
  }
  std::vector<std::string> texts;
  for (auto& [number, text] : found) texts.push_back(std::move(text));
  return texts;
}

struct ServerFiles {
  std::string certificate, key, authority;  // paths
};
// A server's certificate from an authority of its own.
inline ServerFiles IssueFor(const fs::path& folder, TimePoint at) {
  fs::create_directories(folder);
  const auto authority = crypto::IssueAuthority("Harbour Bank", at).value();
  const auto server = crypto::IssueServer(authority, {}, at, 30).value();
  WriteAll(folder / "authority.pem", authority.certificate_pem);
  WriteAll(folder / "server.pem", server.certificate_pem);
  WriteAll(folder / "server.key", server.key_pem.Reveal());
  return {folder / "server.pem", folder / "server.key", folder / "authority.pem"};
}

// One relay that a test talks to. Mails stand in it in the order in which they came.
class Relay {
 public:
  static std::string Here(const char* name) {
    return fs::absolute(fs::path(__FILE__).parent_path() / name).lexically_normal();
  }
  // tests/unit/courier/hostile_smtp.py; see there for the modes.
  static std::unique_ptr<Relay> Hostile(const fs::path& folder, std::vector<std::string> modes,
                                        std::vector<std::string> more = {}) {
    std::vector<std::string> words = {Here("hostile_smtp.py"), "--folder", folder};
    words.insert(words.end(), more.begin(), more.end());
    words.insert(words.end(), modes.begin(), modes.end());
    std::unique_ptr<Relay> relay(new Relay(folder, ".mail", words));
    relay->port_ = static_cast<uint16_t>(std::stoi(relay->process_.ReadLine()));
    return relay;
  }
  // The demonstration's own; under TLS and with a password, if given.
  static std::unique_ptr<Relay> Mailbox(const fs::path& folder, const ServerFiles* tls = nullptr) {
    std::vector<std::string> words = {Here("../../../deploy/mailbox/mailbox"),
                                      "--smtp-port",
                                      "0",
                                      "--http-port",
                                      "0",
                                      "--dir",
                                      folder};
    if (tls != nullptr) {
      fs::create_directories(folder);
      WriteAll(folder / "credentials", "courier\ncorrect horse\n");
      for (const std::string& word :
           {std::string("--certificate"), tls->certificate, std::string("--key"), tls->key,
            std::string("--credentials"), (folder / "credentials").string()})
        words.push_back(word);
    }
    std::unique_ptr<Relay> relay(new Relay(folder, ".eml", words));
    const std::string line = relay->process_.ReadLine();  // "mailbox: smtp 40001 http 40002"
    LATCHKEY_CHECK(line.starts_with("mailbox: smtp "));
    relay->port_ = static_cast<uint16_t>(std::stoi(line.substr(14)));
    return relay;
  }

  RelayOptions Plain() const {
    return {.host = "127.0.0.1",
            .port = port_,
            .tls = RelayTls::kNone,
            .authority = {},
            .user = {},
            .password = {}};
  }
  RelayOptions UnderTls(const fs::path& authority, std::string_view password = "correct horse",
                        const std::string& host = "127.0.0.1") const {
    return {.host = host,
            .port = port_,
            .tls = RelayTls::kStartTls,
            .authority = authority,
            .user = "courier",
            .password = Secret(password)};
  }
  std::vector<std::string> mails() const { return FilesIn(folder_, end_); }
  // What clients said, one text for each conversation.
  std::vector<std::string> heard() const { return FilesIn(folder_, ".heard"); }
  std::vector<std::string> message_ids() const {
    std::vector<std::string> ids;
    for (const auto& mail : mails()) ids.push_back(ReadMailText(mail)["Message-ID"]);
    return ids;
  }
  Process& process() { return process_; }

 private:
  Relay(fs::path folder, std::string end, const std::vector<std::string>& words)
      : folder_(std::move(folder)), end_(std::move(end)), process_(words) {}

  fs::path folder_;
  std::string end_;
  Process process_;
  uint16_t port_ = 0;
};

class PostOffice : public ::testing::Test {
 protected:
  static constexpr Millis kTimeout = std::chrono::seconds(20);

  PostOffice() {
    std::string made = (fs::temp_directory_path() / "latchkey-courier-XXXXXX").string();
    LATCHKEY_CHECK(mkdtemp(made.data()) != nullptr);
    folder_ = made;
    OpenLedger();
    LATCHKEY_CHECK(ledger_->Migrate().ok());
    anna_ = AddCustomer("anna");
  }
  ~PostOffice() override {
    ledger_.reset();
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  void OpenLedger() {
    ledger_ = std::make_unique<recovery::FaultyLedger>(
        ledger::OpenSqlite({.path = folder_ / "ledger.sqlite"}).value());
  }

  template <typename F>
  auto Write(F&& work) {
    auto result = ledger_->Transact(std::forward<F>(work));
    LATCHKEY_CHECK(result.ok());
    return std::move(result).value();
  }

  struct Customer {
    AccountId account;
    std::vector<ContactId> contacts;
  };
  // With NAME@example.org and a phone number.
  Customer AddCustomer(const std::string& name, const std::string& language = "en") {
    ledger::NewAccount account;
    account.name = "Canary Adler";
    account.identifiers = {{model::IdentifierKind::kLogin, name}};
    account.contacts = {{model::ContactKind::kEmail, name + "@example.org"},
                        {model::ContactKind::kPhone, "+491701234567"}};
    account.language = language;
    Customer customer;
    customer.account =
        Write([&](ledger::Transaction& tx) { return ledger::InsertAccount(tx, store_, account); });
    const auto contacts = Write(
        [&](ledger::Transaction& tx) { return ledger::LoadContacts(tx, keys_, customer.account); });
    for (const auto& contact : contacts) customer.contacts.push_back(contact.id);
    return customer;
  }
  void Run(const ledger::Work& work) { LATCHKEY_CHECK(ledger_->Commit(work).ok()); }

  MessageId Enqueue(std::string_view name, Millis lives = std::chrono::hours(24)) {
    return Enqueue(name, {.account_id = anna_.account, .contact_id = anna_.contacts[0]}, lives);
  }
  MessageId Enqueue(std::string_view name, const Recipient& to,
                    Millis lives = std::chrono::hours(24)) {
    ledger::NewMessage message = ComposeSample(name, to);
    message.expires_at = clock_.Now() + lives;
    return Write([&](ledger::Transaction& tx) { return ledger::Enqueue(tx, store_, message); });
  }
  static std::string MessageIdOf(MessageId id) {
    return "<" + std::to_string(id.value) + ".latchkey@mail.harbour.example>";
  }

  template <typename... Options>
  std::unique_ptr<SmtpChannel> Through(Millis timeout, Options... relay) {
    SmtpOptions options;
    (options.relays.push_back(std::move(relay)), ...);
    options.timeout = timeout;
    return SmtpChannel::Make(Harbour(), std::move(options), clock_).value();
  }
  std::unique_ptr<SmtpChannel> Through(RelayOptions relay) {
    return Through(kTimeout, std::move(relay));
  }
  std::unique_ptr<Courier> Employ(Channel& channel, const CourierOptions& options = {}) {
    return std::make_unique<Courier>(*ledger_, store_, *renderer_, std::vector<Channel*>{&channel},
                                     options);
  }
  // How many one look into the outbox handled.
  static int Look(Courier& courier) {
    const auto handled = courier.RunOnce();
    return handled.ok() ? *handled : -1;
  }
  int Look(Channel& channel) { return Look(*Employ(channel)); }

  struct Row {
    ledger::MessageState state{};
    bool holds_payload = false;
    int64_t attempts = 0;
    TimePoint next_at;
    std::string last_error;
  };
  Row RowOf(MessageId id) {
    return ledger_
        ->Query([&](ledger::Transaction& tx) -> Result<Row> {
          LATCHKEY_ASSIGN(ledger::Rows rows,
                          tx.Run("SELECT state, payload_sealed, attempts, next_at, last_error"
                                 " FROM outbox WHERE id = $1",
                                 id));
          const ledger::Row& row = rows.front();
          return Row{.state = row.Enumerated<ledger::MessageState>(0),
                     .holds_payload = !row.IsNull(1),
                     .attempts = row.Int(2),
                     .next_at = row.Time(3),
                     .last_error = row.Text(4)};
        })
        .value();
  }
  // The details of the journal's entries of one kind.
  std::vector<std::string> Journal(model::Event event) { return Journal(event, anna_.account); }
  std::vector<std::string> Journal(model::Event event, AccountId account) {
    const auto lines = ledger_
                           ->Query([&](ledger::Transaction& tx) {
                             return ledger::LoadRecent(tx, keys_, account, 1000);
                           })
                           .value();
    std::vector<std::string> details;
    for (const auto& line : lines) {
      if (line.entry.event == event) details.push_back(line.entry.details);
    }
    return details;
  }
  void Freeze() {
    LATCHKEY_CHECK(Write([&](ledger::Transaction& tx) {
      return ledger::ChangeAccountState(tx, anna_.account, model::AccountState::kActive,
                                        model::AccountState::kFrozen);
    }));
  }

  fs::path folder_;
  ManualClock clock_{kSampleTime};
  crypto::SystemRandom random_;
  IdMaker ids_{clock_, random_};
  crypto::KeyRing keys_ = crypto::KeyRing::Generate(random_);
  ledger::StoreContext store_{clock_, random_, ids_, keys_};
  std::unique_ptr<recovery::FaultyLedger> ledger_;
  const std::unique_ptr<Renderer> renderer_ = Renderer::Make(Harbour()).value();
  Customer anna_;
};

}  // namespace latchkey::courier
