// SPDX-License-Identifier: Apache-2.0
// A whole bank in one process, for attacks on it from outside: real stores, one or two nodes as
// latchkeyd wires them, mutual TLS, the real portal, terminal and telephone, a real SMTP receiver.
// Time is set, randomness is the system's.
//
// After each test: the mail sink got what the test took out and nothing else but what owners are
// told of guesses, which is once a day at most; every verifier is byte for byte what it was unless
// the test said otherwise, the journal verifies, and no secret of the test stands in an answer to
// somebody else, in a log line or in any file of the stores.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "latchkey/v1/assist.grpc.pb.h"
#include "latchkey/v1/cases.grpc.pb.h"
#include "latchkey/v1/operator.grpc.pb.h"
#include "latchkey/v1/recovery.grpc.pb.h"
#include "latchkey/v1/signin.grpc.pb.h"
#include "latchkey/v1/staff.grpc.pb.h"
#include "tests/attacks/caller.h"
#include "tests/attacks/canaries.h"
#include "tests/attacks/desk.h"
#include "tests/attacks/node.h"
#include "tests/attacks/post.h"
#include "tests/attacks/web.h"

namespace latchkey::attacks {

struct Customer {
  AccountId id;
  std::string name, login, number, email, second_email, password;
};
struct Teller {
  StaffId id;
  std::string login, password;
  Secret totp_key;
};

class Attack : public ::testing::Test {
 protected:
  static constexpr std::string_view kBankDomain = "bank.example";
  static constexpr std::string_view kNewPassword = "quite a lively herring";

  static void SetUpTestSuite();
  Attack();
  ~Attack() override;
  // Before anything is opened; for attacks that need another setting than the default.
  virtual void Configure(Config&) {}
  // What no setting of a bank reaches.
  virtual void ConfigureSignIn(signin::SignInOptions&) {}
  virtual std::vector<std::string> SmtpModes() { return {"accept"}; }
  void SetUp() override;
  void TearDown() override;

  // Nodes. B is opened when it is first asked for.
  Node& A() { return NodeNamed("a"); }
  Node& B() { return NodeNamed("b"); }

  // Callers by gRPC; `party` is whose answers these are in the canary scan. No node: A.
  Caller As(const crypto::Identity& who, const std::string& party, Node* node = nullptr);
  Caller Web(const std::string& party = "web", Node* node = nullptr);
  Caller Phone(const std::string& party = "phone", Node* node = nullptr);
  Caller Terminal(const std::string& branch = "west", const std::string& terminal = "one",
                  Node* node = nullptr);
  Caller Operator(Node* node = nullptr);
  // A channel with any certificate, for wrong ones.
  std::shared_ptr<grpc::Channel> Channel(const crypto::IssuedCertificate& leaf,
                                         Node* node = nullptr);
  crypto::IssuedCertificate Leaf(const crypto::Identity& who);

  // A browser before the portal of a node (A).
  Visitor Browser(const std::string& party = "browser", const std::string& address = "127.0.0.1",
                  Node* node = nullptr);
  // Another one of 127.1.0.0/16, or of 192.0.2.0/24 and on for callers by gRPC, each time.
  std::string NextLoopback();
  std::string NextAddress();

  Customer AddCustomer(const std::string& name, const std::string& login, const std::string& number,
                       const std::string& pack = "standard");
  Teller AddTeller(const std::string& login, const std::string& branch = "west",
                   AccountId own_account = {});
  std::string Totp(const Teller& teller);

  // Lets the background work on A: intakes, then mail.
  void Deliver();
  // Delivers, and gives what came since the last look. What is not taken fails the test, except for
  // warnings that passwords rest: most attacks guess, and they are kept apart.
  std::vector<Letter> Letters();
  // Delivers, and gives the warnings since the last look at them.
  std::vector<Letter> Warnings();
  // The one letter that came.
  Letter OneLetter();
  // For the message of an expectation.
  std::string LogTail() const;
  void ExpectNoMail() { EXPECT_TRUE(Letters().empty()); }

  // The state of things, read past the guards.
  model::Account Load(const Customer& customer);
  std::string VerifierOf(AccountId account);
  std::string VerifierOf(const Customer& customer) { return VerifierOf(customer.id); }
  bool PasswordIs(const Customer& customer, std::string_view password);
  int Count(const Customer& customer, model::Event event);
  int CountOf(AccountId account, model::Event event);
  void SetState(const Customer& customer, model::AccountState state);
  // As a hundred failures in a row do; and as somebody is imported who never had one.
  void DisablePassword(const Customer& customer);
  void RemovePassword(const Customer& customer);
  template <typename F>
  auto Write(F&& work) {
    auto result = A().ledger().Transact(std::forward<F>(work));
    LATCHKEY_CHECK(result.ok());
    if constexpr (!std::is_void_v<typename decltype(result)::Value>)
      return std::move(result).value();
  }
  // Writes to the database as somebody does who has the file and no key.
  void Tamper(const std::string& sql);
  // Takes over what another bank of the same process logged, and what is logged from now on.
  void TakeLogOf(Attack& other);
  // The password of this customer is meant to change in this test.
  void MayChange(const Customer& customer) { verifiers_.erase(customer.id); }

  // Requests with all that a good one has.
  v1::Source From(const std::string& address);
  v1::SignInRequest SignInAs(const std::string& identifier, std::string_view password,
                             const std::string& address);
  v1::BeginRequest BeginFor(const std::string& identifier, const std::string& address,
                            v1::Intent intent = v1::INTENT_RESET);
  v1::OpenLinkRequest OpenBy(const std::string& link_token);  // as it stands in a mail
  v1::SubmitCodeRequest CodeBy(const std::string& handle, const std::string& code,
                               const std::string& address);
  v1::SubmitCodeRequest CodeFor(const std::string& identifier, const std::string& code,
                                const std::string& address);
  v1::SetPasswordRequest SetBy(const std::string& session, std::string_view password);
  std::string Key() { return random_.Take(16); }
  // Another eight digits than `code`; another `n`, others.
  static std::string WrongCode(const std::string& code, int n = 1);

  std::filesystem::path folder_;   // of the stores: scanned
  std::filesystem::path outside_;  // of the mail server: not ours
  Config config_;
  ManualClock clock_{FromUnixMillis(1'500'000'000'000)};  // so long ago that no deadline is near
  crypto::SystemRandom random_;
  crypto::KeyRing keys_ = crypto::KeyRing::Generate(random_);
  crypto::IssuedCertificate authority_;
  Canaries canaries_;
  std::unique_ptr<Post> post_;
  Customer anna_, bruno_;

 private:
  Node& NodeNamed(const std::string& name);
  Gateway& GatewayOf(Node& node);
  void ExpectFewWarnings();
  void ExpectUntouchedVerifiers();
  void ExpectWholeJournal();
  void ExpectNoCanary();

  std::string log_;
  std::map<std::string, std::unique_ptr<Node>> nodes_;
  std::map<Node*, std::unique_ptr<Gateway>> gateways_;
  std::map<std::string, crypto::IssuedCertificate> leaves_;
  std::map<AccountId, std::string> verifiers_;
  std::map<std::string, AccountId> owners_;  // by address
  std::vector<Letter> warnings_;
  size_t warnings_taken_ = 0;
  int addresses_ = 0;
};

}  // namespace latchkey::attacks
