// SPDX-License-Identifier: Apache-2.0
// A wall clock that jumps (attack D06): nothing expired comes alive again, and no time stands
// still. Fails without: the maximum in ForwardTime::At, or with a clock that waits at its last
// moment.
#include "services/base/clock.h"

#include <gtest/gtest.h>

namespace latchkey {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(SystemClock, NeverGoesBack) {
  SystemClock clock;
  TimePoint last = clock.Now();
  for (int i = 0; i < 1000; ++i) {
    TimePoint now = clock.Now();
    EXPECT_GE(now, last);
    last = now;
  }
}

// What another clock has seen, before a restart or on another node, is past for this one too.
TEST(SystemClock, GoesOnFromAMomentThatIsKnownToHaveBeen) {
  SystemClock clock;
  const TimePoint ahead = clock.Now() + minutes(5);
  clock.NotBefore(ahead);
  const TimePoint now = clock.Now();
  EXPECT_GE(now, ahead);
  EXPECT_LT(now, ahead + minutes(1)) << "from there, and not from further";
  clock.NotBefore(ahead - minutes(1));
  EXPECT_GE(clock.Now(), now);
  EXPECT_LT(clock.Wall(), ahead) << "what others show stays what it is";
}

// Two clocks that the test moves.
struct Jumps : ::testing::Test {
  TimePoint After(Millis passed) {
    wall += passed;
    steady += passed;
    return time.At(wall, steady);
  }

  TimePoint start = FromUnixMillis(1'800'000'000'000);
  ForwardTime::Reading wall = start;
  ForwardTime::Steady steady{hours(1'000)};
  ForwardTime time{wall, steady};
};

TEST_F(Jumps, FollowsTheWallClockForwards) {
  EXPECT_EQ(After(seconds(1)), start + seconds(1));
  wall += hours(24);
  EXPECT_EQ(After(seconds(1)), start + seconds(2) + hours(24));
}

TEST_F(Jumps, GoesOnAtHalfPaceAfterACorrectionUntilTheWallClockHasCaughtUp) {
  wall += hours(24);
  const TimePoint ahead = After(Millis(0));
  wall -= hours(24);
  EXPECT_EQ(After(Millis(0)), ahead) << "never back";
  EXPECT_EQ(After(seconds(10)), ahead + seconds(5)) << "and never still";
  EXPECT_EQ(After(hours(2) - seconds(10)), ahead + hours(1));
  EXPECT_EQ(After(hours(46)), ahead + hours(24));
  EXPECT_EQ(ahead + hours(24), start + hours(48)) << "healed: both show the same";
  EXPECT_EQ(After(seconds(10)), start + hours(48) + seconds(10));
}

TEST_F(Jumps, LosesNoTimeToManyReadings) {
  wall += hours(1);
  const TimePoint ahead = After(Millis(0));
  wall -= hours(1);
  for (int i = 0; i < 3'000; ++i) {
    wall += std::chrono::microseconds(333);
    steady += std::chrono::microseconds(333);
    time.At(wall, steady);
  }
  EXPECT_EQ(After(Millis(0)), ahead + Millis(499));
}

TEST_F(Jumps, GoesOnFromAKnownMomentHoweverLongItWasNotRead) {
  After(minutes(10));
  time.NotBefore(start + hours(1));
  EXPECT_EQ(After(Millis(0)), start + hours(1));
  EXPECT_EQ(After(minutes(2)), start + hours(1) + minutes(1));
}

}  // namespace
}  // namespace latchkey
