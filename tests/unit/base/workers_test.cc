// SPDX-License-Identifier: Apache-2.0
#include "services/base/workers.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

namespace latchkey {
namespace {

TEST(Workers, RefuseWhatTheQueueCannotHold) {
  std::promise<void> gate;
  std::promise<void> started;
  Workers workers(1, 1);
  ASSERT_TRUE(workers.Submit([&] {
    started.set_value();
    gate.get_future().wait();
  }));
  started.get_future().wait();
  EXPECT_TRUE(workers.Submit([] {}));
  EXPECT_FALSE(workers.Submit([] {}));
  gate.set_value();
}

TEST(Workers, RunEverythingThatWasAcceptedBeforeTheyEnd) {
  std::atomic<int> ran = 0;
  {
    Workers workers(2, 100);
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(workers.Submit([&] { ++ran; }));
  }
  EXPECT_EQ(ran, 100);
}

}  // namespace
}  // namespace latchkey
