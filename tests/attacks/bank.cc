// SPDX-License-Identifier: Apache-2.0
#include "tests/attacks/bank.h"

#include <grpc/grpc.h>
#include <sqlite3.h>

#include <cstdlib>
#include <utility>

#include "crypto/password.h"
#include "crypto/token.h"
#include "crypto/totp.h"
#include "services/base/log.h"
#include "services/latchkeyd/wiring.h"
#include "services/ledger/journal.h"
#include "services/ledger/staff.h"

namespace latchkey::attacks {
namespace {

constexpr uint32_t kCheapMemoryKib = 64;

std::filesystem::path NewFolder() {
  std::string made = (std::filesystem::temp_directory_path() / "latchkey-attack-XXXXXX").string();
  LATCHKEY_CHECK(mkdtemp(made.data()) != nullptr);
  return made;
}

Config ConfigIn(const std::filesystem::path& folder) {
  Config config;
  config.bank.domain = "bank.example";
  config.bank.display_name = "Harbour Bank";
  config.bank.portal_url = "https://" + std::string(kPortalHost);
  config.bank.phone = "+49 30 1234567";
  config.ledger.path = folder / "ledger.db";
  config.hotstate.path = folder / "hotstate.db";
  config.files.checkpoints = folder / "checkpoints";
  config.files.spool = folder / "spool";
  config.passwords.memory_kib = kCheapMemoryKib;
  config.passwords.passes = 1;
  config.passwords.hash_slots = 4;
  config.courier.from_address = "access@mail.harbour.example";
  return config;
}

}  // namespace

void Attack::SetUpTestSuite() {
  crypto::Start();
  // Once more than any server or channel does, for good: taking all of gRPC down and up again
  // between tests costs seconds.
  static const bool started = (grpc_init(), true);
  static_cast<void>(started);
}

Attack::Attack() : folder_(NewFolder()), outside_(NewFolder()), config_(ConfigIn(folder_)) {}

Attack::~Attack() {
  gateways_.clear();
  nodes_.clear();
  log::CaptureForTest(nullptr);
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
  std::filesystem::remove_all(outside_, ignored);
}

void Attack::SetUp() {
  Configure(config_);
  log::CaptureForTest(&log_);
  log::Start("attacked",
             {.level = Config::Log::Level::kDebug, .format = Config::Log::Format::kJson});
  SystemClock real;  // TLS knows no other
  authority_ = crypto::IssueAuthority("Harbour Bank", real.Now()).value();
  std::filesystem::create_directories(config_.files.spool);
  post_ = std::make_unique<Post>(outside_ / "mail", SmtpModes());
  for (const crypto::KeyUse use : crypto::kAllKeyUses)
    canaries_.Plant("a key", keys_.Current(use).Reveal(), "nobody");
  anna_ = AddCustomer("Annabel Adlerhorst", "anna", "10000001");
  bruno_ = AddCustomer("Brunhilde Bergfried", "bruno", "10000002");
}

void Attack::TearDown() {
  for (const Letter& letter : Letters())
    ADD_FAILURE() << "unexpected mail to " << letter.to() << ": " << letter.subject();
  for (auto& [name, node] : nodes_) node->KeepHouse();
  A().WriteCheckpoint();
  ExpectFewWarnings();
  gateways_.clear();
  for (auto& [name, node] : nodes_) node->Stop();
  ExpectUntouchedVerifiers();
  ExpectWholeJournal();
  ExpectNoCanary();
}

// R03, Law 6: whoever guesses brings the owner one message a day to each address, and nobody else
// any. It was journaled, and holds nothing that could be used.
void Attack::ExpectFewWarnings() {
  std::map<std::string, std::string> ids;  // by address and day
  for (const Letter& letter : warnings_) {
    const std::string day = letter.to() + " on " + letter.Day();
    const std::string& id = ids.try_emplace(day, letter.read["Message-ID"]).first->second;
    EXPECT_EQ(id, letter.read["Message-ID"]) << "two warnings to " << day;
    EXPECT_EQ(letter.link() + letter.stop_link() + letter.code(), "");
    const auto owner = owners_.find(letter.to());
    ASSERT_NE(owner, owners_.end()) << letter.to();
    EXPECT_GT(CountOf(owner->second, model::Event::kSignInResting), 0) << letter.to();
  }
}

void Attack::ExpectUntouchedVerifiers() {
  for (const auto& [id, verifier] : verifiers_)
    EXPECT_EQ(VerifierOf(id), verifier) << "the verifier of account " << id.value;
}

void Attack::ExpectWholeJournal() {
  const auto report = ledger::VerifyJournal(A().ledger(), keys_, config_.files.checkpoints,
                                            [](int64_t, int64_t) {});
  ASSERT_TRUE(report.ok()) << report.failure().detail;
  EXPECT_FALSE(report->first_fault) << report->first_fault->what;
  EXPECT_GT(report->entries, 0);
}

void Attack::ExpectNoCanary() {
  for (const std::string& line : canaries_.InAnswers()) ADD_FAILURE() << line;
  for (const std::string& line : canaries_.In("the log", log_)) ADD_FAILURE() << line;
  for (const std::string& line : canaries_.InFiles(folder_)) ADD_FAILURE() << line;
}

void Attack::TakeLogOf(Attack& other) {
  log_ += other.log_;
  log::CaptureForTest(&log_);
}

Node& Attack::NodeNamed(const std::string& name) {
  std::unique_ptr<Node>& node = nodes_[name];
  if (!node) {
    signin::SignInOptions sign_in = SignInOptionsOf(config_);
    ConfigureSignIn(sign_in);
    node = std::make_unique<Node>(Premises{.config = config_,
                                           .sign_in = sign_in,
                                           .clock = clock_,
                                           .keys = keys_,
                                           .authority = authority_,
                                           .relay = post_->relay()},
                                  name);
  }
  return *node;
}

Gateway& Attack::GatewayOf(Node& node) {
  std::unique_ptr<Gateway>& gateway = gateways_[&node];
  if (!gateway)
    gateway = std::make_unique<Gateway>(
        Channel(Leaf({std::string(kBankDomain), crypto::Role::kPortal, "", ""}), &node), clock_);
  return *gateway;
}

crypto::IssuedCertificate Attack::Leaf(const crypto::Identity& who) {
  SystemClock real;
  return crypto::IssueLeaf(authority_, who, {}, real.Now(), 30).value();
}

std::shared_ptr<grpc::Channel> Attack::Channel(const crypto::IssuedCertificate& leaf, Node* node) {
  grpc::SslCredentialsOptions tls;
  tls.pem_root_certs = authority_.certificate_pem;
  tls.pem_cert_chain = leaf.certificate_pem;
  tls.pem_private_key = std::string(leaf.key_pem.Reveal());
  grpc::ChannelArguments arguments;
  arguments.SetSslTargetNameOverride("localhost");
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return grpc::CreateCustomChannel((node == nullptr ? A() : *node).address(),
                                   grpc::SslCredentials(tls), arguments);
}

Caller Attack::As(const crypto::Identity& who, const std::string& party, Node* node) {
  const std::string uri = crypto::ToUri(who);
  if (!leaves_.contains(uri)) leaves_.emplace(uri, Leaf(who));
  return {party, Channel(leaves_.at(uri), node), canaries_};
}
Caller Attack::Web(const std::string& party, Node* node) {
  return As({std::string(kBankDomain), crypto::Role::kPortal, "", ""}, party, node);
}
Caller Attack::Phone(const std::string& party, Node* node) {
  return As({std::string(kBankDomain), crypto::Role::kIvr, "", ""}, party, node);
}
Caller Attack::Terminal(const std::string& branch, const std::string& terminal, Node* node) {
  return As({std::string(kBankDomain), crypto::Role::kBranch, branch, terminal},
            "terminal " + branch + "/" + terminal, node);
}
Caller Attack::Operator(Node* node) {
  return As({std::string(kBankDomain), crypto::Role::kOperator, "", ""}, "operator", node);
}

Visitor Attack::Browser(const std::string& party, const std::string& address, Node* node) {
  return {GatewayOf(node == nullptr ? A() : *node), canaries_, party, address};
}

std::string Attack::NextLoopback() {
  ++addresses_;
  return "127.1." + std::to_string(addresses_ / 250) + "." + std::to_string(addresses_ % 250 + 1);
}
std::string Attack::NextAddress() {
  ++addresses_;
  return "198.18." + std::to_string(addresses_ / 250) + "." + std::to_string(addresses_ % 250 + 1);
}

Customer Attack::AddCustomer(const std::string& name, const std::string& login,
                             const std::string& number, const std::string& pack) {
  Customer customer{.id = {},
                    .name = name,
                    .login = login,
                    .number = number,
                    .email = login + "@example.org",
                    .second_email = login + "@second.example",
                    .password = "seven green lanterns of " + login};
  ledger::NewAccount account;
  account.name = name;
  account.identifiers = {{model::IdentifierKind::kLogin, login},
                         {model::IdentifierKind::kCustomerNumber, number},
                         {model::IdentifierKind::kEmail, customer.email}};
  account.contacts = {{model::ContactKind::kEmail, customer.email},
                      {model::ContactKind::kEmail, customer.second_email}};
  account.verifier = crypto::HashPassword(
      Secret(customer.password), {.memory_kib = kCheapMemoryKib, .passes = 1}, keys_, random_);
  account.pack = pack;
  customer.id = Write(
      [&](ledger::Transaction& tx) { return ledger::InsertAccount(tx, A().store(), account); });
  canaries_.PlantPassword(customer.password);
  verifiers_[customer.id] = account.verifier;
  owners_[customer.email] = owners_[customer.second_email] = customer.id;
  return customer;
}

Teller Attack::AddTeller(const std::string& login, const std::string& branch,
                         AccountId own_account) {
  Teller teller{.id = {},
                .login = login,
                .password = "nine quiet harbours of " + login,
                .totp_key = Secret(random_.Take(crypto::kTotpKeyBytes))};
  const std::string verifier = crypto::HashPassword(
      Secret(teller.password), {.memory_kib = kCheapMemoryKib, .passes = 1}, keys_, random_);
  teller.id = Write([&](ledger::Transaction& tx) {
    return ledger::InsertStaff(tx, A().store(),
                               {.login = login,
                                .name = "Teller " + login,
                                .branch = branch,
                                .verifier = verifier,
                                .totp_key = teller.totp_key.Copy(),
                                .own_account_id = own_account});
  });
  canaries_.PlantPassword(teller.password);
  canaries_.Plant("a TOTP key", teller.totp_key.Reveal(), "nobody");
  canaries_.Plant("a TOTP key in base32", crypto::ToBase32(teller.totp_key.Reveal()), "nobody");
  return teller;
}

std::string Attack::Totp(const Teller& teller) {
  return std::string(crypto::TotpAt(teller.totp_key, clock_.Now()).Reveal());
}

void Attack::Deliver() {
  A().Drain();
  A().SendMail();
}

std::vector<Letter> Attack::Letters() {
  Deliver();
  std::vector<Letter> letters;
  for (Letter& letter : post_->Take(canaries_))
    (letter.WarnsOfGuesses() ? warnings_ : letters).push_back(std::move(letter));
  return letters;
}

std::vector<Letter> Attack::Warnings() {
  std::vector<Letter> others = Letters();
  for (const Letter& letter : others)
    ADD_FAILURE() << "mail beside warnings, to " << letter.to() << ": " << letter.subject();
  const size_t from = std::exchange(warnings_taken_, warnings_.size());
  return {warnings_.begin() + static_cast<std::ptrdiff_t>(from), warnings_.end()};
}

std::string Attack::LogTail() const {
  constexpr size_t kMuch = 2'000;
  return "; the log ends with:\n" + log_.substr(log_.size() - std::min(log_.size(), kMuch));
}

Letter Attack::OneLetter() {
  std::vector<Letter> letters = Letters();
  EXPECT_EQ(letters.size(), 1u) << LogTail();
  return letters.size() == 1 ? std::move(letters[0]) : Letter();
}

model::Account Attack::Load(const Customer& customer) {
  return A()
      .ledger()
      .Query([&](ledger::Transaction& tx) { return ledger::LoadAccount(tx, customer.id); })
      .value();
}

void Attack::Tamper(const std::string& sql) {
  sqlite3* file = nullptr;
  ASSERT_EQ(sqlite3_open(config_.ledger.path.c_str(), &file), SQLITE_OK);
  sqlite3_busy_timeout(file, 5'000);
  char* error = nullptr;
  EXPECT_EQ(sqlite3_exec(file, sql.c_str(), nullptr, nullptr, &error), SQLITE_OK)
      << sql << ": " << (error != nullptr ? error : "");
  sqlite3_free(error);
  sqlite3_close(file);
}

std::string Attack::VerifierOf(AccountId account) {
  const auto found = A().ledger()
                         .Query([&](ledger::Transaction& tx) {
                           return ledger::FindAuthenticator(tx, keys_, account,
                                                            model::AuthenticatorKind::kPassword);
                         })
                         .value();
  return found ? found->verifier : std::string();
}

bool Attack::PasswordIs(const Customer& customer, std::string_view password) {
  return crypto::VerifyPassword(Secret(password), VerifierOf(customer.id), keys_).value() ==
         crypto::Verification::kMatch;
}

int Attack::Count(const Customer& customer, model::Event event) {
  return CountOf(customer.id, event);
}

int Attack::CountOf(AccountId account, model::Event event) {
  const auto lines = A().ledger()
                         .Query([&](ledger::Transaction& tx) {
                           return ledger::LoadRecent(tx, keys_, account, 100'000);
                         })
                         .value();
  int count = 0;
  for (const auto& line : lines) count += line.entry.event == event ? 1 : 0;
  return count;
}

void Attack::SetState(const Customer& customer, model::AccountState state) {
  const model::AccountState from = Load(customer).state;
  LATCHKEY_CHECK(Write([&](ledger::Transaction& tx) {
    return ledger::ChangeAccountState(tx, customer.id, from, state);
  }));
}

void Attack::DisablePassword(const Customer& customer) {
  Write([&](ledger::Transaction& tx) {
    return tx.Run("UPDATE authenticators SET disabled_at = $2 WHERE account_id = $1", customer.id,
                  clock_.Now());
  });
}

void Attack::RemovePassword(const Customer& customer) {
  Write([&](ledger::Transaction& tx) {
    return tx.Run("DELETE FROM authenticators WHERE account_id = $1", customer.id);
  });
  MayChange(customer);
}

}  // namespace latchkey::attacks
