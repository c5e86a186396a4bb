// SPDX-License-Identifier: Apache-2.0
// Keys as callers press them: too many, too late, too slowly.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/unit/ivr/caller.h"

namespace latchkey::ivr {
namespace {

// A card has 16 digits, and the portal says that the customer number is printed on it.
// Fails without: kMostDigits (seen: a 0 among the rest asked for a person, and the call was over).
TEST_F(DialogueTest, HearsTooLongANumberToItsEndAndPressesNoKeyWithTheRest) {
  for (const char* keyed : {"4929123456780012#", "49291234567811120000999900001111"}) {
    Press(keyed);
    EXPECT_EQ(Said(), "not-understood customer-number") << keyed;
    EXPECT_FALSE(last_.request);
  }
  Press("123456789012#");
  EXPECT_EQ(Said(), "menu");
}

TEST_F(DialogueTest, StarRepeatsAndForgetsWhatWasKeyed) {
  Press("1000*");
  EXPECT_EQ(Said(), "customer-number");
  Press("10000001#");
  EXPECT_EQ(Said(), "menu");
  Press("*");
  EXPECT_EQ(Said(), "menu");
}

TEST_F(DialogueTest, AHashThatComesLateIsNoKey) {
  Press("10000001#");
  Press("2");
  Press("123456789012");
  v1::RedeemAssistedResponse redeemed;
  redeemed.set_handle(std::string(32, 't'));
  Answer(redeemed);
  Press("#");
  Press("12345678");
  EXPECT_EQ(Asked<v1::SubmitCodeRequest>().code(), "12345678");
}

TEST_F(DialogueTest, APauseEndsTheNumber) {
  for (char key : std::string_view("10000001")) last_ = dialogue_.Key(key);
  last_ = dialogue_.Silence();
  EXPECT_EQ(Said(), "menu");
}

}  // namespace
}  // namespace latchkey::ivr
