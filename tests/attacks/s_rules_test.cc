// SPDX-License-Identifier: Apache-2.0
// Attacks across banks, and on the rules for new passwords.
#include <map>
#include <memory>

#include "tests/attacks/bank.h"

namespace latchkey::attacks {
namespace {

// A second bank in the same process, with its own keys, authority and stores.
class OtherBank : public Attack {
 public:
  void TestBody() override {}
  using Attack::anna_;
  using Attack::BeginFor;
  using Attack::Leaf;
  using Attack::OneLetter;
  using Attack::SetUp;
  using Attack::TearDown;

  void Configure(Config& config) override { config.bank.domain = "other.example"; }
  // The other bank's own gateway.
  Caller OwnWeb() { return As({"other.example", crypto::Role::kPortal, "", ""}, "other web"); }
};

class TwoBanks : public Attack {
 protected:
  void SetUp() override {
    Attack::SetUp();
    other_ = std::make_unique<OtherBank>();
    other_->SetUp();
  }
  // What the process logged holds no secret of either bank.
  void TearDown() override {
    other_->TearDown();
    TakeLogOf(*other_);
    Attack::TearDown();
  }

  std::unique_ptr<OtherBank> other_;
};

// S09. Fails without: the bank's name in Callers::Identify (seen: it let them in). With a line of
// the log that holds the token, in OpenLink: either bank's scan found its own (seen). Each bank is
// its own installation: there is no row, key or file that two of them share.
TEST_F(TwoBanks, S09_NothingOfOneBankOpensAnother) {
  OtherBank& other = *other_;
  // The same customer number, the same login and the same address at both.
  ASSERT_EQ(other.anna_.number, anna_.number);
  Caller web = Web(), there = other.OwnWeb();
  const auto begun = there.Call(&v1::Recovery::Stub::Begin, other.BeginFor("anna", "192.0.2.1"));
  ASSERT_TRUE(begun.ok());
  const Letter letter = other.OneLetter();
  const auto unknown_link = web.Call(&v1::Recovery::Stub::OpenLink, OpenBy(std::string(43, 'A')));
  const auto foreign_link = web.Call(&v1::Recovery::Stub::OpenLink, OpenBy(letter.link()));
  EXPECT_EQ(foreign_link.Bytes(), unknown_link.Bytes());
  EXPECT_EQ(web.Call(&v1::Recovery::Stub::SubmitCode,
                     CodeBy(begun.value().handle(), letter.code(), "192.0.2.1"))
                .reason(),
            v1::REFUSAL_REASON_WRONG);
  const auto proof = there.Call(&v1::Recovery::Stub::OpenLink, OpenBy(letter.link()));
  ASSERT_TRUE(proof.ok());
  const std::string session = proof.value().recovery_session();
  EXPECT_EQ(web.Call(&v1::Recovery::Stub::SetPassword, SetBy(session, kNewPassword)).reason(),
            v1::REFUSAL_REASON_EXPIRED);
  const auto signed_in =
      there.Call(&v1::SignIn::Stub::SignIn, SignInAs("anna", other.anna_.password, "192.0.2.1"));
  ASSERT_TRUE(signed_in.ok());
  v1::GetSessionRequest look;
  look.set_session_token(signed_in.value().session_token());
  EXPECT_EQ(web.Call(&v1::SignIn::Stub::GetSession, look).reason(), v1::REFUSAL_REASON_EXPIRED);
  // A certificate for the other bank, signed by ours; and one of theirs, signed by theirs.
  Caller ours_for_them = As({"other.example", crypto::Role::kPortal, "", ""}, "stranger");
  EXPECT_EQ(ours_for_them.Call(&v1::Recovery::Stub::Begin, BeginFor("anna", "192.0.2.1")).reason(),
            v1::REFUSAL_REASON_NOT_ALLOWED);
  Caller theirs("stranger",
                Channel(other.Leaf({std::string(kBankDomain), crypto::Role::kPortal, "", ""})),
                canaries_);
  EXPECT_EQ(
      theirs.Call(&v1::Recovery::Stub::Begin, BeginFor("anna", "192.0.2.1")).status.error_code(),
      grpc::StatusCode::UNAVAILABLE);
}

// S10. Fails without: CheckNewPassword in Judge (seen: all but the unreadable were taken). Of what
// was in force before, only the last password is known: no history is kept.
TEST_F(Attack, S10_OnePolicyJudgesEveryNewPassword) {
  const std::map<std::string, v1::PasswordIssue> bad = {
      {"short", v1::PASSWORD_ISSUE_TOO_SHORT},
      {"x", v1::PASSWORD_ISSUE_TOO_SHORT},
      {"fourteen chars", v1::PASSWORD_ISSUE_TOO_SHORT},
      {std::string(1025, 'y'), v1::PASSWORD_ISSUE_TOO_LONG},
      {"tab\tand many more words", v1::PASSWORD_ISSUE_NOT_TEXT},
      {"line\nand many more words", v1::PASSWORD_ISSUE_NOT_TEXT},
      {"bell\x07 and many more words", v1::PASSWORD_ISSUE_NOT_TEXT},
      {"delete\x7f and many more", v1::PASSWORD_ISSUE_NOT_TEXT},
      {"Anna@Example.ORG", v1::PASSWORD_ISSUE_CONTEXT},
      {"annaannaannaanna", v1::PASSWORD_ISSUE_CONTEXT},
      {"Annabel Adlerhorst", v1::PASSWORD_ISSUE_CONTEXT},
      {"AdlerhorstAnnabel1", v1::PASSWORD_ISSUE_CONTEXT},
      {"harbourbank123456", v1::PASSWORD_ISSUE_CONTEXT},
      {"Harbour Bank 2026", v1::PASSWORD_ISSUE_CONTEXT},
      {"1000000110000001", v1::PASSWORD_ISSUE_CONTEXT},
      {"passwordpassword", v1::PASSWORD_ISSUE_GUESSABLE},
      {"passwordpassword1", v1::PASSWORD_ISSUE_GUESSABLE},
      {"qwertyuiopasdfgh", v1::PASSWORD_ISSUE_GUESSABLE},
      {"1234567890123456", v1::PASSWORD_ISSUE_GUESSABLE},
      {"aaaaaaaaaaaaaaaa", v1::PASSWORD_ISSUE_GUESSABLE},
      {"abcabcabcabcabcabc", v1::PASSWORD_ISSUE_GUESSABLE},
      {"abcdefghijklmnop", v1::PASSWORD_ISSUE_GUESSABLE},
      {"iloveyouiloveyou", v1::PASSWORD_ISSUE_GUESSABLE},
      {"letmeinletmeinletmein", v1::PASSWORD_ISSUE_GUESSABLE},
      {"monkeymonkeymonkey", v1::PASSWORD_ISSUE_GUESSABLE},
      {"zxcvbnmzxcvbnmzxcvbnm", v1::PASSWORD_ISSUE_GUESSABLE},
      {"1qaz2wsx1qaz2wsx", v1::PASSWORD_ISSUE_GUESSABLE},
      {"sunshinesunshine", v1::PASSWORD_ISSUE_GUESSABLE},
      {"                ", v1::PASSWORD_ISSUE_GUESSABLE},
      {anna_.password, v1::PASSWORD_ISSUE_UNCHANGED},
  };
  ASSERT_GE(bad.size(), 30u);
  Caller web = Web("owner");
  std::string link, session;
  const std::string before = VerifierOf(anna_.id);
  int judged = 0;
  for (const auto& [password, issue] : bad) {
    // Ten offers are what one recovery bears.
    if (judged++ % 5 == 0) {
      clock_.Advance(std::chrono::hours(2));
      web.Call(&v1::Recovery::Stub::Begin, BeginFor("anna", "192.0.2.1"));
      link = OneLetter().link();
      session = web.Call(&v1::Recovery::Stub::OpenLink, OpenBy(link)).value().recovery_session();
    }
    const auto refused = web.Call(&v1::Recovery::Stub::SetPassword, SetBy(session, password));
    EXPECT_EQ(refused.refused().refusal.password_issue(), issue) << password.substr(0, 40);
    Visitor browser = Browser("owner");
    browser.OpenLink(link);
    EXPECT_EQ(browser.SetPassword(password).status, 422) << password.substr(0, 40);
    EXPECT_EQ(VerifierOf(anna_.id), before) << password.substr(0, 40);
  }
}

}  // namespace
}  // namespace latchkey::attacks
