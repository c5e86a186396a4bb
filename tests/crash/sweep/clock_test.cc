// SPDX-License-Identifier: Apache-2.0
// Lanes while the clock jumps: no failure is forgotten, no rest grows. (That nothing expired comes
// alive again, and no TOTP step twice, is held by tests/attacks, D06, and tests/unit/base.)
#include "tests/crash/sweep/harness.h"

namespace latchkey::crash {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

class JumpingClock : public ::testing::Test {
 protected:
  JumpingClock() : house_(folder_.path(), kStart) {
    log::CaptureForTest(&log_);
    house_.Furnish();
  }
  ~JumpingClock() override { log::CaptureForTest(nullptr); }

  // One more wrong guess from one more place, at the gate itself.
  Failure GuessWrong() {
    ++guesses_;
    return house_.gate
        .Try({.subject = {.id = 7, .name = {}},
              .kind = signin::SecretKind::kPassword,
              .source = "192.0.2." + std::to_string(guesses_)},
             Secret("wrong " + std::to_string(guesses_)),
             [](const signin::Counted&) -> Result<signin::Verdict> {
               return signin::Verdict::Wrong();
             })
        .failure();
  }

  std::string log_;
  Folder folder_;
  House house_;
  int guesses_ = 0;
};

// Fails without: ++record.failures in CountOne.
TEST_F(JumpingClock, GivesNoTryBackWhenItGoesBack) {
  for (int i = 0; i < 4; ++i) EXPECT_EQ(GuessWrong().reason, Reason::kWrong);
  house_.clock.Set(kStart - hours(1));
  EXPECT_EQ(GuessWrong().retry_at, kStart - hours(1) + minutes(15)) << "the fifth rests";
  EXPECT_EQ(GuessWrong().reason, Reason::kResting);
}

// As far as the clocks of two nodes may differ. Fails without: kClocksDiffer.
TEST_F(JumpingClock, KeepsARestAsItWasSaidWhenItGoesBackALittle) {
  for (int i = 0; i < 5; ++i) GuessWrong();
  house_.clock.Set(kStart - minutes(4));
  for (int i = 0; i < 20; ++i) EXPECT_EQ(GuessWrong().retry_at, kStart + minutes(15));
  house_.clock.Set(kStart + minutes(15));
  EXPECT_EQ(GuessWrong().reason, Reason::kWrong);
}

// A rest that reaches too far is not believed, and the next failure begins an honest one.
TEST_F(JumpingClock, GivesOneTryAtMostWhenItGoesBackFar) {
  for (int i = 0; i < 5; ++i) GuessWrong();
  house_.clock.Set(kStart - hours(24 * 30));
  int compared = 0;
  for (int i = 0; i < 20; ++i) compared += GuessWrong().reason == Reason::kWrong ? 1 : 0;
  EXPECT_LE(compared, 1);
}

TEST_F(JumpingClock, GivesFiveTriesAfterAJumpForwardAndNoMore) {
  for (int i = 0; i < 3; ++i) GuessWrong();
  house_.clock.Advance(hours(24 * 365));
  int compared = 0;
  for (int i = 0; i < 20; ++i) compared += GuessWrong().reason == Reason::kWrong ? 1 : 0;
  EXPECT_EQ(compared, 5);
}

}  // namespace
}  // namespace latchkey::crash
