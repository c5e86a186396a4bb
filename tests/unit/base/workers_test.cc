// SPDX-License-Identifier: Apache-2.0
#include "services/base/workers.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <string>

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

// Law 12: what a thread keeps from one task to the next is wiped there. Fails without: the call of
// before_idling (seen to hang), or the question whether anything waits (seen).
TEST(Workers, SayWhenAThreadFoundNothingMoreToDo) {
  std::string done;  // by the one thread
  {
    std::promise<void> gate, idle;
    Workers workers(1, 10, {.before_idling = [&] {
                      done += 'i';
                      if (done.find('b') != std::string::npos) idle.set_value();
                    }});
    std::promise<void> started;
    ASSERT_TRUE(workers.Submit([&] {
      started.set_value();
      gate.get_future().wait();
      done += 'a';
    }));
    started.get_future().wait();
    ASSERT_TRUE(workers.Submit([&] { done += 'b'; }));
    gate.set_value();
    idle.get_future().wait();
  }
  EXPECT_EQ(done.substr(done.find('a')), "abi");
}

}  // namespace
}  // namespace latchkey
