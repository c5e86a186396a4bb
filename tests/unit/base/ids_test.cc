// SPDX-License-Identifier: Apache-2.0
#include "services/base/ids.h"

#include <gtest/gtest.h>

#include <cstring>

namespace latchkey {
namespace {

class Zeros final : public Random {
 public:
  void Fill(void* out, size_t size) override { std::memset(out, 0, size); }
};

TEST(IdMaker, GrowsEvenWhenTimeAndRandomnessStandStill) {
  ManualClock clock;
  Zeros random;
  IdMaker ids(clock, random);
  AccountId last = ids.Next<AccountId>();
  for (int i = 0; i < 1000; ++i) {
    AccountId next = ids.Next<AccountId>();
    EXPECT_GT(next, last);
    last = next;
  }
}

// D06: a clock that is set back does not bring old ids back.
TEST(IdMaker, GrowsWhenTheClockIsSetBack) {
  ManualClock clock;
  Zeros random;
  IdMaker ids(clock, random);
  AccountId before = ids.Next<AccountId>();
  clock.Set(FromUnixMillis(1'000));
  EXPECT_GT(ids.Next<AccountId>(), before);
}

}  // namespace
}  // namespace latchkey
