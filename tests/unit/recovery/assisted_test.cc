// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>

#include "services/ledger/cases.h"
#include "tests/unit/recovery/world.h"

namespace latchkey::recovery {
namespace {

// Carla's account asks for two proofs.
class BranchToken : public World {
 protected:
  BranchToken() { carla_ = AddCustomer("Carla Conti", "carla", "10000003", "strong"); }

  // What the branch does before it hands out a token.
  std::string Issue(AccountId id) {
    const Secret token = crypto::NewCode(random_, crypto::kAssistedDigits);
    Run([&](ledger::Transaction& tx) -> Done {
      LATCHKEY_ASSIGN(auto open_case, ledger::OpenOrJoinCase(tx, store_, id));
      LATCHKEY_ASSIGN(const auto account, ledger::LoadAccount(tx, id));
      LATCHKEY_TRY(
          ledger::InsertEvidence(tx, store_,
                                 {.id = {},
                                  .account_id = id,
                                  .security_epoch = account.security_epoch,
                                  .recovery_id = {},
                                  .case_id = open_case.id,
                                  .kind = model::EvidenceKind::kDocumentInspected,
                                  .contact_id = {},
                                  .contact_settled = false,
                                  .channel = model::Channel::kBranch,
                                  .staff_id = StaffId{5},
                                  .at = clock_.Now(),
                                  .fresh_until = clock_.Now() + std::chrono::minutes(30)}));
      auto made = ledger::InsertToken(tx, store_,
                                      {.purpose = model::TokenPurpose::kAssisted,
                                       .account_id = id,
                                       .recovery_id = {},
                                       .case_id = open_case.id,
                                       .contact_id = {},
                                       .security_epoch = account.security_epoch,
                                       .expires_at = clock_.Now() + std::chrono::hours(24)},
                                      token);
      return made.ok() ? Done() : Done(made.failure());
    });
    return std::string(token.Reveal());
  }
  Result<Begun> Redeem(const std::string& number, const std::string& token,
                       const std::string& address = "192.0.2.9", const std::string& key = {}) {
    return RedeemAssisted(parts_, {.customer_number = number,
                                   .token = Secret(token),
                                   .idempotency_key = key.empty() ? Key() : key,
                                   .source = From(address),
                                   .device_token = {}});
  }
  std::string CodeFromMail() {
    const auto messages = TakeMessages();
    LATCHKEY_CHECK(messages.size() == 1);
    EXPECT_EQ(messages[0].template_name, courier::kAssistedCode);
    return ValueOf(messages[0], courier::kCode);
  }

  AccountId carla_;
};

TEST_F(BranchToken, LeadsToANewPasswordWithTheCodeFromTheMail) {
  auto begun = Redeem("10000003", Issue(carla_));
  ASSERT_TRUE(begun.ok());
  auto proof = Submit(begun->handle, CodeFromMail());
  ASSERT_TRUE(proof.ok());
  EXPECT_TRUE(proof->may_set_password);
  EXPECT_TRUE(Set(proof->session).ok());
  EXPECT_TRUE(PasswordIs(carla_, kNewPassword));
}

// Law 8: whoever issued the token, or watched it being used, holds nothing that opens anything.
TEST_F(BranchToken, IsWorthNothingWithoutTheCode) {
  const std::string token = Issue(carla_);
  auto begun = Redeem("10000003", token);
  ASSERT_TRUE(begun.ok());
  const std::string code = CodeFromMail();
  EXPECT_EQ(ReasonOf(Submit(begun->handle, WrongCode(code))), Reason::kWrong);
  EXPECT_EQ(ReasonOf(Submit(begun->handle, token)), Reason::kWrong);
  EXPECT_EQ(ReasonOf(GetRecovery(parts_, begun->handle)), Reason::kExpired);
  EXPECT_EQ(ReasonOf(Set(begun->handle)), Reason::kExpired);
  EXPECT_TRUE(PasswordIs(carla_, kOldPassword));
}

// The browser holds the handle of a later request too. Fails without: the case in GuessAt (seen).
TEST_F(BranchToken, IsCompletedByItsCodeThoughThatWasTypedAtAnotherFormBefore) {
  const Secret device = SignInWith("anna", kOldPassword)->device_token.Copy();
  const auto submit = [&](const Secret& handle, const std::string& code) {
    return SubmitCode(parts_, {.handle = handle.Copy(),
                               .identifier = {},
                               .code = Secret(code),
                               .idempotency_key = Key(),
                               .source = From(),
                               .device_token = device.Copy()});
  };
  const auto begun = Redeem("10000001", Issue(anna_));
  const std::string code = CodeFromMail();
  const Mail other = AskForMail("anna");
  EXPECT_EQ(submit(other.handle, code).reason(), Reason::kWrong);
  EXPECT_TRUE(submit(begun->handle, code).ok());
}

// Law 7, attack L06: where two proofs are asked, whoever reads the mail alone does not get in, not
// even while the customer stands in the branch and uses the token.
TEST_F(BranchToken, GivesNothingToWhoeverOnlyReadsTheMail) {
  const Mail mail = AskForMail("carla");
  auto thief = Open(mail.link);
  ASSERT_TRUE(thief.ok());
  EXPECT_FALSE(thief->may_set_password);
  EXPECT_EQ(ReasonOf(Set(thief->session)), Reason::kMoreProof);

  auto begun = Redeem("10000003", Issue(carla_));
  ASSERT_TRUE(begun.ok());
  const std::string code = CodeFromMail();
  EXPECT_EQ(ReasonOf(Set(thief->session)), Reason::kMoreProof);
  EXPECT_EQ(ReasonOf(Set(Open(mail.link)->session)), Reason::kMoreProof);
  EXPECT_EQ(ReasonOf(SubmitFor("carla", code)), Reason::kWrong) << "without the token's handle";
  EXPECT_TRUE(PasswordIs(carla_, kOldPassword));
}

// Law 5: whoever only reads the mail opens its link as often as they like.
// Fails without: the case in KeepNewestSessions (seen).
TEST_F(BranchToken, KeepsItsSessionThoughALinkIsOpenedOften) {
  const Mail mail = AskForMail("carla");
  auto begun = Redeem("10000003", Issue(carla_));
  ASSERT_TRUE(begun.ok());
  auto proof = Submit(begun->handle, CodeFromMail());
  ASSERT_TRUE(proof.ok());
  for (int i = 0; i < 30; ++i) ASSERT_TRUE(Open(mail.link).ok());
  EXPECT_TRUE(Set(proof->session).ok());
}

// Law 7: where two proofs are asked, no mail carries both, whoever asks for it. The token itself
// goes to the web.
TEST_F(BranchToken, TravelsInNoLink) {
  const std::string token = Issue(carla_);
  auto begun = Redeem("10000003", token);
  ASSERT_TRUE(begun.ok());
  auto proof = Submit(begun->handle, CodeFromMail());
  ASSERT_TRUE(proof.ok() && proof->may_set_password);
  const LinkRequest request{
      .session = proof->session.Copy(), .idempotency_key = Key(), .source = From()};
  EXPECT_EQ(ReasonOf(SendLink(parts_, request)), Reason::kMoreProof);
  EXPECT_TRUE(TakeMessages().empty());
  EXPECT_TRUE(Redeem("10000003", token, "192.0.2.10").ok());
}

// Where one proof is enough, the phone may take token and code, and the web the rest.
TEST_F(BranchToken, IsFinishedByALinkWhereOneProofIsEnough) {
  auto begun = Redeem("10000001", Issue(anna_));
  ASSERT_TRUE(begun.ok());
  auto proof = Submit(begun->handle, CodeFromMail());
  ASSERT_TRUE(proof.ok());
  const LinkRequest request{
      .session = proof->session.Copy(), .idempotency_key = Key(), .source = From()};
  ASSERT_TRUE(SendLink(parts_, request)->queued);
  const auto messages = TakeMessages();
  ASSERT_EQ(messages.size(), 1u);
  auto opened = Open(TokenIn(messages[0], courier::kLinkToken));
  ASSERT_TRUE(opened.ok());
  EXPECT_TRUE(Set(opened->session).ok());
}

// Attack C01 for tokens, and one answer for everything that is wrong (attack E06).
TEST_F(BranchToken, IsCountedAndRefusedAlikeForStrangers) {
  const std::string token = Issue(carla_);
  for (int i = 1; i <= 6; ++i) {
    const std::string address = "198.51.100." + std::to_string(i);
    std::string wrong = token;
    wrong[11] = static_cast<char>('0' + (wrong[11] - '0' + 1) % 10);
    wrong[0] = static_cast<char>('0' + i);
    auto known = Redeem("10000003", wrong, address);
    auto unknown = Redeem("99999999", wrong, address);
    auto odd = Redeem("no number at all", wrong, address);
    ASSERT_FALSE(known.ok() || unknown.ok() || odd.ok());
    EXPECT_EQ(known.reason(), Reason::kWrong);
    EXPECT_EQ(unknown.reason(), known.reason());
    EXPECT_EQ(odd.reason(), known.reason());
  }
  EXPECT_TRUE(TakeMessages().empty());
  EXPECT_TRUE(Redeem("10000003", token).ok()) << "a few wrong ones do not end it (K07)";
}

// A flood of guesses must not push what else happened out of an account's history. Fails without:
// the allowance in NoteWrongToken (all forty were entered).
TEST_F(BranchToken, LeavesFiveOfManyWrongOnesInTheHistory) {
  const std::string token = Issue(carla_);
  const auto guess = [&](int n) {
    std::string wrong = token;
    wrong[0] = wrong[0] == '1' ? '2' : '1';
    wrong.replace(4, 3, std::to_string(100 + n));
    return ReasonOf(Redeem("10000003", wrong, "198.51.100." + std::to_string(n)));
  };
  for (int n = 0; n < 40; ++n) EXPECT_EQ(guess(n), Reason::kWrong);
  EXPECT_EQ(CountEvents(carla_, model::Event::kProofFailed), 5);
  clock_.Advance(parts_.rules.noted_tokens.refill);
  for (int n = 40; n < 45; ++n) guess(n);
  EXPECT_EQ(CountEvents(carla_, model::Event::kProofFailed), 6);
  EXPECT_TRUE(Redeem("10000003", token).ok());
}

// Law 11, attack P08: the answer was lost, and the same request comes again.
// Fails without: FindEarlierHandle in RedeemAssisted; KeepToken in Start.
TEST_F(BranchToken, GetsTheSameHandleAndOneCodeWhenItComesAgain) {
  const std::string token = Issue(carla_), key = Key();
  auto first = Redeem("10000003", token, "192.0.2.9", key);
  ASSERT_TRUE(first.ok());
  for (int i = 0; i < 30; ++i) {
    auto again = Redeem("10000003", token, "192.0.2.10", key);
    ASSERT_TRUE(again.ok()) << i << ": it is no guess";
    EXPECT_EQ(again->handle.Reveal(), first->handle.Reveal());
    EXPECT_EQ(again->expires_at, first->expires_at);
  }
  EXPECT_EQ(CountEvents(carla_, model::Event::kProofGiven), 1);
  EXPECT_TRUE(Submit(first->handle, CodeFromMail()).ok());
  auto other = Redeem("10000003", token);
  ASSERT_TRUE(other.ok());
  EXPECT_NE(other->handle.Reveal(), first->handle.Reveal()) << "another key, another request";
}

// Law 3: the handle is kept by the commit that makes it, though nobody heard of it.
TEST_F(BranchToken, GetsTheHandleThatACommitCouldNotGive) {
  const std::string token = Issue(carla_), key = Key();
  ledger_.LoseAnswerAfter(1);  // the first takes a try
  EXPECT_EQ(ReasonOf(Redeem("10000003", token, "192.0.2.9", key)), Reason::kUnavailable);
  auto again = Redeem("10000003", token, "192.0.2.9", key);
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(Submit(again->handle, CodeFromMail()).ok());
}

// Law 4: whoever has the key and the number but not the digits guesses like anybody.
// Fails without: the digits in RepeatableGuess.
TEST_F(BranchToken, IsCountedLikeAnyGuessUnderAKeyThatWasAnswered) {
  const std::string token = Issue(carla_), key = Key();
  ASSERT_TRUE(Redeem("10000003", token, "192.0.2.9", key).ok());
  std::string wrong = token;
  wrong[0] = wrong[0] == '1' ? '2' : '1';
  EXPECT_EQ(ReasonOf(Redeem("10000003", wrong, "192.0.2.10", key)), Reason::kWrong);
  EXPECT_EQ(CountEvents(carla_, model::Event::kProofFailed), 1);
  EXPECT_EQ(ReasonOf(Redeem("10000001", token, "192.0.2.10", key)), Reason::kWrong);
}

// Fails without: `used` in FindEarlierHandle; `token_answers` in KeepToken.
TEST_F(BranchToken, IsAnsweredAgainForMinutesAndOnlyWhileItsHandleLives) {
  const std::string token = Issue(carla_), key = Key();
  auto begun = Redeem("10000003", token, "192.0.2.9", key);
  ASSERT_TRUE(begun.ok());
  clock_.Advance(std::chrono::minutes(5));
  auto later = Redeem("10000003", token, "192.0.2.9", key);
  ASSERT_TRUE(later.ok());
  EXPECT_NE(later->handle.Reveal(), begun->handle.Reveal());
  auto proof = Submit(later->handle, ValueOf(TakeMessages().at(1), courier::kCode));
  ASSERT_TRUE(proof.ok() && Set(proof->session).ok());
  EXPECT_EQ(ReasonOf(Redeem("10000003", token, "192.0.2.9", key)), Reason::kWrong)
      << "after the new password";
}

TEST_F(BranchToken, OpensOnlyItsOwnCustomer) {
  const std::string token = Issue(carla_);
  EXPECT_EQ(ReasonOf(Redeem("10000001", token)), Reason::kWrong);
  EXPECT_TRUE(Redeem("10000003", token).ok());
}

// Law 5: whoever knows a name can wear out the codes of that name, but not those that follow a
// branch token, nor the messages that carry them.
TEST_F(BranchToken, WorksWhateverStrangersDo) {
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(Ask("carla").ok());
  Drain();
  TakeMessages();
  auto begun = Redeem("10000003", Issue(carla_));
  ASSERT_TRUE(begun.ok());
  const std::string code = CodeFromMail();
  for (int i = 1; i <= 20; ++i) {
    (void)SubmitFor("carla", WrongCode(code, i), "198.51.100." + std::to_string(i));
    (void)SubmitFor("carla", code, "198.51.100." + std::to_string(i));
  }
  auto proof = Submit(begun->handle, code);
  ASSERT_TRUE(proof.ok());
  EXPECT_TRUE(proof->may_set_password);
}

// Law 4: redeeming the token again brings new handles and codes, but no fresh guesses.
TEST_F(BranchToken, HasOneBudgetForAllItsHandles) {
  const std::string token = Issue(carla_);
  int compared = 0;
  for (int i = 0; i < 3; ++i) {
    auto begun = Redeem("10000003", token);
    ASSERT_TRUE(begun.ok());
    for (int guess = 0; guess < 4; ++guess) {
      const std::string wrong = WrongCode("00000000", 4 * i + guess + 1);
      compared += ReasonOf(Submit(begun->handle, wrong)) == Reason::kWrong;
    }
  }
  EXPECT_EQ(compared, 5);
}

// A handle from before a freeze must not lend its case to what follows.
TEST_F(BranchToken, LeavesNoHandleBehind) {
  auto begun = Redeem("10000003", Issue(carla_));
  ASSERT_TRUE(begun.ok());
  auto proof = Submit(begun->handle, CodeFromMail());
  ASSERT_TRUE(proof.ok());
  ASSERT_TRUE(Set(proof->session).ok());
  TakeMessages();
  const Mail later = AskForMail("carla");
  EXPECT_EQ(ReasonOf(Submit(begun->handle, later.code)), Reason::kExpired);
}

// It may be used again while the mail is slow; it dies with the new password.
TEST_F(BranchToken, DiesWithTheNewPassword) {
  const std::string token = Issue(carla_);
  ASSERT_TRUE(Redeem("10000003", token).ok());
  auto begun = Redeem("10000003", token, "192.0.2.10");
  ASSERT_TRUE(begun.ok());
  const auto messages = TakeMessages();
  ASSERT_EQ(messages.size(), 2u);
  auto proof = Submit(begun->handle, ValueOf(messages[0], courier::kCode));
  ASSERT_TRUE(proof.ok()) << "either code will do";
  ASSERT_TRUE(Set(proof->session).ok());
  EXPECT_EQ(ReasonOf(Redeem("10000003", token, "192.0.2.11")), Reason::kWrong);
}

TEST_F(BranchToken, EndsAtItsTimeAndWithAFreeze) {
  const std::string late = Issue(carla_);
  clock_.Advance(std::chrono::hours(24));
  EXPECT_EQ(ReasonOf(Redeem("10000003", late)), Reason::kWrong);
  const std::string frozen = Issue(carla_);
  Run([&](ledger::Transaction& tx) -> Done {
    auto changed = ledger::ChangeAccountState(tx, carla_, model::AccountState::kActive,
                                              model::AccountState::kFrozen);
    return changed.ok() ? Done() : Done(changed.failure());
  });
  EXPECT_EQ(ReasonOf(Redeem("10000003", frozen)), Reason::kWrong);
}

// An inspection that has gone stale by the time of the password is none.
TEST_F(BranchToken, NeedsAFreshInspection) {
  const std::string token = Issue(carla_);
  clock_.Advance(std::chrono::minutes(25));
  auto begun = Redeem("10000003", token);
  ASSERT_TRUE(begun.ok());
  auto proof = Submit(begun->handle, CodeFromMail());
  ASSERT_TRUE(proof.ok());
  EXPECT_TRUE(proof->may_set_password);
  clock_.Advance(std::chrono::minutes(6));
  EXPECT_EQ(ReasonOf(Set(proof->session)), Reason::kMoreProof);
}

}  // namespace
}  // namespace latchkey::recovery
