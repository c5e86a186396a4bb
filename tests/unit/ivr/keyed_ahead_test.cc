// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/unit/ivr/caller.h"

namespace latchkey::ivr {
namespace {

// Fails without: each half of fresh_input in ListenAt (seen).
TEST_F(DialogueTest, T06_OnlyTheFirstMenusTakeKeysFromBeforeThem) {
  EXPECT_TRUE(last_.fresh_input) << "the number";
  Press("123#");
  EXPECT_EQ(Said(), "not-understood customer-number");
  EXPECT_TRUE(last_.fresh_input) << "the caller must hear that first";
  Press("10000001#");
  EXPECT_EQ(Said(), "menu");
  EXPECT_FALSE(last_.fresh_input);
  Press("9");
  EXPECT_EQ(Said(), "not-understood menu");
  EXPECT_TRUE(last_.fresh_input) << "the caller must hear that first";
  Press("1");
  EXPECT_EQ(Said(), "code-menu");
  EXPECT_FALSE(last_.fresh_input);
  Press("1");
  EXPECT_EQ(Said(), "enter-code");
  EXPECT_TRUE(last_.fresh_input) << "a secret";
  Press("12345678");
  Answer(Proof());
  EXPECT_EQ(Said(), "proven-menu");
  EXPECT_TRUE(last_.fresh_input) << "nobody knows what it offers";
  Press("3");
  EXPECT_EQ(Said(), "confirm-freeze");
  EXPECT_TRUE(last_.fresh_input) << "a confirmation";
}

}  // namespace
}  // namespace latchkey::ivr
