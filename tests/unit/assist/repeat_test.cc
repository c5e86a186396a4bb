// SPDX-License-Identifier: Apache-2.0
// Acts whose answer was lost (Laws 2, 11): asked for again under their key, they are done once.
#include <gtest/gtest.h>

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

}  // namespace
}  // namespace latchkey::assist
