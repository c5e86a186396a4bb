// SPDX-License-Identifier: Apache-2.0
#include "services/base/periodic.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

namespace latchkey {
namespace {

TEST(Periodic, GoesOnAtOnceWhileThereIsWork) {
  std::atomic<int> steps = 0;
  std::promise<void> done;
  Periodic periodic(std::chrono::hours(1), [&] {
    if (++steps == 5) done.set_value();
    return steps < 5;
  });
  done.get_future().wait();
  EXPECT_EQ(steps, 5);
}

TEST(Periodic, WakesWhenNudged) {
  std::promise<void> first, second;
  std::atomic<int> steps = 0;
  Periodic periodic(std::chrono::hours(1), [&] {
    if (++steps == 1) first.set_value();
    if (steps == 2) second.set_value();
    return false;
  });
  first.get_future().wait();
  periodic.Nudge();
  second.get_future().wait();
}

TEST(Periodic, StopsDuringAPause) {
  Periodic periodic(std::chrono::hours(1), [] { return false; });
  periodic.Stop();
}

}  // namespace
}  // namespace latchkey
