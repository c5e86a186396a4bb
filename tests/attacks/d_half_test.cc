// SPDX-License-Identifier: Apache-2.0
// Attacks on the moment of a reset: the store fails in the middle of it, or in saying that it was
// done.
#include <optional>
#include <set>
#include <string>

#include "services/ledger/accounts.h"
#include "tests/attacks/bank.h"

namespace latchkey::attacks {
namespace {

class Half : public Attack {
 protected:
  // A recovery whose holder may set a password, and a session of somebody who signed in before.
  void Prepare() {
    clock_.Advance(std::chrono::hours(2));
    signed_in_ =
        owner_->Call(&v1::SignIn::Stub::SignIn, SignInAs("anna", anna_.password, NextAddress()))
            .value()
            .session_token();
    owner_->Call(&v1::Recovery::Stub::Begin, BeginFor("anna", NextAddress()));
    recovery_ = owner_->Call(&v1::Recovery::Stub::OpenLink, OpenBy(OneLetter().link()))
                    .value()
                    .recovery_session();
  }
  bool IsSignedIn() {
    v1::GetSessionRequest look;
    look.set_session_token(signed_in_);
    return owner_->Call(&v1::SignIn::Stub::GetSession, look).ok();
  }
  bool IsInRecovery() {
    v1::GetRecoveryRequest look;
    look.set_recovery_session(recovery_);
    return owner_->Call(&v1::Recovery::Stub::GetRecovery, look).ok();
  }
  void SetUp() override {
    Attack::SetUp();
    owner_.emplace(Web("owner"));
  }
  void ExpectAllOfIt() {
    EXPECT_TRUE(PasswordIs(anna_, kNewPassword));
    EXPECT_EQ(Count(anna_, model::Event::kPasswordReset), 1);
    EXPECT_FALSE(IsSignedIn());
    EXPECT_FALSE(IsInRecovery());
    std::set<std::string> told;
    for (const Letter& letter : Letters()) EXPECT_TRUE(told.insert(letter.to()).second);
    EXPECT_EQ(told, (std::set<std::string>{anna_.email, anna_.second_email}));
  }

  std::optional<Caller> owner_;
  std::string signed_in_, recovery_;
};

// D04: whichever statement of a reset fails, nothing of it has happened: password, sessions,
// recovery, journal and notices are as before, and the next try does all of it.
// Fails without: the one transaction in SetOnce: with the verifier, or with the notices, in one of
// its own (seen each).
TEST_F(Half, D04_AResetThatFailsAnywhereHasNotHappened) {
  const std::string before = VerifierOf(anna_);
  int64_t n = 1;
  for (;; ++n) {
    if (n % 8 == 1) Prepare();  // ten offers are what one recovery bears
    A().ledger().FailAtStatement(n);
    const auto set = owner_->Call(&v1::Recovery::Stub::SetPassword, SetBy(recovery_, kNewPassword));
    const bool went_through = A().ledger().statements() < n;
    A().ledger().FailAtStatement(0);
    if (went_through) {
      ASSERT_TRUE(set.ok());
      break;
    }
    SCOPED_TRACE("statement " + std::to_string(n));
    ASSERT_FALSE(set.ok());
    ASSERT_EQ(VerifierOf(anna_), before);
    ASSERT_TRUE(IsSignedIn());
    ASSERT_TRUE(IsInRecovery());
    ASSERT_EQ(Count(anna_, model::Event::kPasswordReset), 0);
    ASSERT_TRUE(Letters().empty());
  }
  EXPECT_GT(n, 20) << "there are that many things to do";
  MayChange(anna_);
  ExpectAllOfIt();
}

// D04: a reset that was done and could not say so is not done again: the other node gives the same
// request the same answer.
// Fails without: KeepAnswer in SetPassword's transaction: the other node refused it (seen).
TEST_F(Half, D04_AResetWhoseAnswerWasLostIsDoneOnce) {
  Prepare();
  MayChange(anna_);
  const v1::SetPasswordRequest set = SetBy(recovery_, kNewPassword);
  A().ledger().LoseAnswerAfter(1);  // the first commit only looks
  const auto first = owner_->Call(&v1::Recovery::Stub::SetPassword, set);
  EXPECT_TRUE(PasswordIs(anna_, kNewPassword));
  const auto second = Web("owner", &B()).Call(&v1::Recovery::Stub::SetPassword, set);
  ASSERT_TRUE(second.ok());
  EXPECT_TRUE(!first.ok() || first.value().reference() == second.value().reference());
  ExpectAllOfIt();
}

}  // namespace
}  // namespace latchkey::attacks
