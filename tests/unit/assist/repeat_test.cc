// SPDX-License-Identifier: Apache-2.0
// Acts whose answer was lost (Laws 2, 11): asked for again under their key, they are done once.
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <latch>
#include <thread>
#include <vector>

#include "tests/unit/assist/desk.h"

namespace latchkey::assist {
namespace {

using RepeatTest = AssistTest;

// Fails without: FindEarlier in SendCode or RecordInspection (seen).
TEST_F(RepeatTest, OneCodeGoesOutAndOneInspectionIsEntered) {
  const std::string reference = Find(tessa_)->facts.reference;
  const cases::Act inspect = Once(reference), send = Once(reference);
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(assist_.RecordInspection(tessa_, inspect, {.number_tail = "47AB"}).ok());
    EXPECT_TRUE(assist_.SendCode(tessa_, send, 1).ok()) << "more often than the allowance";
  }
  EXPECT_EQ(Journaled(ada_, model::Event::kDocumentInspected), 1);
  EXPECT_EQ(Post().size(), 1u);
}

// Fails without: FindEarlier in CheckCode, IssueToken or Unlock (seen).
TEST_F(RepeatTest, ARightCodeStaysRightAndATokenTheSame) {
  const std::string reference = Find(tessa_)->facts.reference;
  ASSERT_TRUE(assist_.RecordInspection(tessa_, Once(reference), {.number_tail = "47AB"}).ok());
  ASSERT_TRUE(assist_.SendCode(tessa_, Once(reference), 1).ok());
  const Secret code = CodeFromPost();
  const cases::Act check = Once(reference), issue = Once(reference), unlock = Once(reference);
  for (int i = 0; i < 2; ++i)
    EXPECT_TRUE(assist_.CheckCode(tessa_, Terminal("west"), check, code).ok());
  EXPECT_EQ(Journaled(ada_, model::Event::kProofGiven), 1);

  const auto first = assist_.IssueToken(tessa_, issue), second = assist_.IssueToken(tessa_, issue);
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(first->digits.Reveal(), second->digits.Reveal());
  EXPECT_EQ(first->expires_at, second->expires_at);

  for (int i = 0; i < 2; ++i) EXPECT_TRUE(assist_.Unlock(tessa_, unlock).ok());
  EXPECT_EQ(Journaled(ada_, model::Event::kUnlocked), 1);
}

// Fails without: the digest in FindEarlier (seen).
TEST_F(RepeatTest, AKeyIsGoodForOneActOfOnePersonForTenMinutes) {
  const std::string reference = Prove();
  ASSERT_TRUE(Find(toni_).ok());
  const cases::Act act = Once(reference);
  ASSERT_TRUE(assist_.SendCode(tessa_, act, 1).ok());
  EXPECT_EQ(assist_.SendCode(tessa_, act, 2).reason(), Reason::kConflict);
  EXPECT_EQ(assist_.SendCode(toni_, act, 1).reason(), Reason::kConflict);
  EXPECT_TRUE(assist_.Unlock(tessa_, act).ok()) << "another act has keys of its own";
  Post();
  clock_.Advance(std::chrono::minutes(10));
  ASSERT_TRUE(assist_.SendCode(tessa_, act, 1).ok());
  EXPECT_EQ(Post().size(), 1u);
}

// Fails without: AttendWithBothProofs and CheckStillGood before a token is shown again (seen).
TEST_F(RepeatTest, ATokenThatIsGoodNoMoreIsNotShownAgain) {
  const std::string reference = Prove();
  const cases::Act first = Once(reference);
  ASSERT_TRUE(assist_.IssueToken(tessa_, first).ok());
  clock_.Advance(std::chrono::minutes(1));
  ASSERT_TRUE(assist_.IssueToken(tessa_, Once(reference)).ok());
  EXPECT_EQ(assist_.IssueToken(tessa_, first).reason(), Reason::kUsed) << "another took its place";
  const cases::Act third = Once(reference);
  ASSERT_TRUE(assist_.IssueToken(tessa_, third).ok());
  Write([&](Transaction& tx) {
    return ledger::ChangeAccountState(tx, ada_, model::AccountState::kActive,
                                      model::AccountState::kFrozen);
  });
  EXPECT_EQ(assist_.IssueToken(tessa_, third).reason(), Reason::kStopped);
}

// A teller's terminal gave up waiting and asks again while the first request still runs.
// Fails without: FindEarlier in CheckCode's transaction (seen: entries of failed proofs), or the
// second look in Once (seen: kBusy).
TEST_F(RepeatTest, OneOfManyAtOnceActsAndAllAreAnsweredSo) {
  const std::string reference = Find(tessa_)->facts.reference;
  const cases::Act send = Once(reference), check = Once(reference);
  std::atomic<int> refused = 0;
  const auto at_once = [&](const std::function<bool()>& act) {
    std::vector<std::thread> all;
    for (int i = 0; i < 3; ++i) all.emplace_back([&] { refused += act() ? 0 : 1; });
    for (std::thread& thread : all) thread.join();
  };
  at_once([&] { return assist_.SendCode(tessa_, send, 1).ok(); });
  EXPECT_EQ(refused, 0);
  const auto letters = Post();
  ASSERT_EQ(letters.size(), 1u);
  const Secret code(letters.front().values.at(std::string(courier::kCode)));
  at_once([&] { return assist_.CheckCode(tessa_, Terminal("west"), check, code).ok(); });
  EXPECT_EQ(Journaled(ada_, model::Event::kProofGiven), 1);
  EXPECT_EQ(Journaled(ada_, model::Event::kProofFailed), 0);
}

// On PostgreSQL (tests/contract/assist), where each sees what was committed when its statement
// began. Fails without: the entry before the token in IssueToken (seen: two live ones).
TEST_F(RepeatTest, OfTwoOfficersAtOnceOneTokenLives) {
  const std::string reference = Prove();
  ASSERT_TRUE(Find(toni_).ok());
  for (int round = 0; round < 8; ++round) {
    std::latch together(2);
    std::vector<std::thread> officers;
    for (const model::Staff* staff : {&tessa_, &toni_}) {
      officers.emplace_back(
          [&, staff, act = Once(reference)] { EXPECT_TRUE(assist_.IssueToken(*staff, act).ok()); });
    }
    for (std::thread& officer : officers) officer.join();
    const auto live = Write([&](Transaction& tx) -> Result<int64_t> {
      LATCHKEY_ASSIGN(auto rows, tx.Run("SELECT COUNT(*) FROM tokens WHERE account_id = $1 AND "
                                        "purpose = $2 AND used_at IS NULL",
                                        ada_, model::TokenPurpose::kAssisted));
      return rows.front().Int(0);
    });
    EXPECT_EQ(live, 1);
  }
}

}  // namespace
}  // namespace latchkey::assist
