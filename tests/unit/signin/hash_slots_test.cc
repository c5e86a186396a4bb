// SPDX-License-Identifier: Apache-2.0
// Hash slots under a storm: bounded, first the known devices, and nobody's count is used up by
// waiting.
#include "services/signin/hash_slots.h"

#include <atomic>
#include <thread>

#include "tests/unit/signin/world.h"

namespace latchkey::signin {
namespace {

class Slots : public World {
 protected:
  HashSlots Make(size_t slots, size_t queue, Millis wait = Millis(60'000)) {
    return HashSlots({.slots = slots, .longest_queue = queue, .longest_wait = wait, .cost = kCost},
                     keys_, random_, clock_);
  }
  TimePoint Deadline() { return clock_.Now() + std::chrono::seconds(60); }
  static void WaitFor(const HashSlots& slots, size_t waiting) {
    while (slots.waiting() != waiting) std::this_thread::yield();
  }
};

TEST_F(Slots, RefuseAtOnceWhenTheQueueIsFullOrTheDeadlineIsOver) {  // R02
  HashSlots slots = Make(1, 0);
  {
    auto held = slots.Enter(Priority::kStranger, Deadline());
    ASSERT_TRUE(held.ok());
    EXPECT_EQ(slots.Enter(Priority::kKnownDevice, Deadline()).reason(), Reason::kBusy);
  }
  HashSlots patient = Make(1, 10);
  auto held = patient.Enter(Priority::kStranger, Deadline());
  EXPECT_EQ(patient.Enter(Priority::kStranger, clock_.Now()).reason(), Reason::kBusy);
  EXPECT_EQ(patient.waiting(), 0u);
}

TEST_F(Slots, AreGivenBackAndTakenAgain) {
  HashSlots slots = Make(2, 0);
  for (int i = 0; i < 10; ++i) {
    auto one = slots.Enter(Priority::kStranger, Deadline());
    auto two = slots.Enter(Priority::kStranger, Deadline());
    EXPECT_TRUE(one.ok() && two.ok());
    EXPECT_EQ(slots.Enter(Priority::kStranger, Deadline()).reason(), Reason::kBusy);
  }
}

TEST_F(Slots, ServeAKnownDeviceBeforeStrangersWhoCameEarlier) {  // Law 5, R02
  HashSlots slots = Make(1, 8);
  std::mutex mutex;
  std::vector<Priority> served;
  auto guess = [&](Priority priority) {
    auto slot = slots.Enter(priority, Deadline());
    ASSERT_TRUE(slot.ok());
    std::lock_guard lock(mutex);
    served.push_back(priority);
  };
  std::vector<std::thread> threads;
  {
    auto held = slots.Enter(Priority::kStranger, Deadline());
    threads.emplace_back(guess, Priority::kStranger);
    WaitFor(slots, 1);
    threads.emplace_back(guess, Priority::kStranger);
    WaitFor(slots, 2);
    threads.emplace_back(guess, Priority::kKnownDevice);
    WaitFor(slots, 3);
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_EQ(served.size(), 3u);
  EXPECT_EQ(served.front(), Priority::kKnownDevice);
}

TEST_F(Slots, KeepAQuarterOfTheQueueForKnownDevices) {
  HashSlots slots = Make(1, 4);
  std::vector<std::thread> threads;
  {
    auto held = slots.Enter(Priority::kStranger, Deadline());
    for (size_t i = 1; i <= 3; ++i) {
      threads.emplace_back([&] { EXPECT_TRUE(slots.Enter(Priority::kStranger, Deadline()).ok()); });
      WaitFor(slots, i);
    }
    EXPECT_EQ(slots.Enter(Priority::kStranger, Deadline()).reason(), Reason::kBusy);
    threads.emplace_back(
        [&] { EXPECT_TRUE(slots.Enter(Priority::kKnownDevice, Deadline()).ok()); });
    WaitFor(slots, 4);
    EXPECT_EQ(slots.Enter(Priority::kKnownDevice, Deadline()).reason(), Reason::kBusy);
  }
  for (std::thread& thread : threads) thread.join();
}

// So that no hash waits for what is written before it. Fails without: `ahead`.
TEST_F(Slots, LetMorePrepareThanHash) {
  HashSlots slots({.slots = 1, .ahead = 1, .longest_queue = 0, .cost = kCost}, keys_, random_,
                  clock_);
  auto first = slots.Enter(Priority::kStranger, Deadline());
  auto next = slots.Enter(Priority::kStranger, Deadline());
  ASSERT_TRUE(first.ok() && next.ok());
  EXPECT_EQ(slots.Enter(Priority::kKnownDevice, Deadline()).reason(), Reason::kBusy);
}

// Salt for new verifiers; holds each hash until it is let go.
class Door : public Random {
 public:
  void Shut() { shut_ = true; }
  void Open() { shut_ = false; }
  size_t inside() const { return inside_; }
  void Fill(void* bytes, size_t size) override {
    random_.Fill(bytes, size);
    ++inside_;
    while (shut_) std::this_thread::yield();
    --inside_;
  }

 private:
  crypto::SystemRandom random_;
  std::atomic<bool> shut_ = false;
  std::atomic<size_t> inside_ = 0;
};

// R02. Fails without: the number of threads (seen with one more).
TEST_F(Slots, HashSoManyAtOnceAndNoMore) {
  Door door;
  HashSlots slots({.slots = 2, .ahead = 6, .longest_queue = 0, .cost = kCost}, keys_, door, clock_);
  for (int round = 0; round < 20; ++round) {
    door.Shut();
    std::vector<std::thread> callers;
    for (int i = 0; i < 8; ++i) {
      callers.emplace_back([&] {
        auto place = slots.Enter(Priority::kStranger, Deadline());
        EXPECT_FALSE(slots.Hash(*place, Secret("a password of somebody")).empty());
      });
    }
    const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while ((door.inside() < 2 || door.inside() + slots.ready() < callers.size()) &&
           std::chrono::steady_clock::now() < patience)
      std::this_thread::yield();
    for (int i = 0; i < 1'000; ++i) std::this_thread::yield();  // for a third to come in
    EXPECT_EQ(door.inside(), 2u);
    door.Open();
    for (std::thread& caller : callers) caller.join();
  }
  EXPECT_EQ(slots.hashes(), 160);
}

// Law 12. Fails without: `before_idling` (seen).
TEST_F(Slots, LeaveNothingOfAHashBehindWhenNobodyWaits) {
  HashSlots slots({.slots = 4, .ahead = 4, .longest_queue = 0, .cost = kCost}, keys_, random_,
                  clock_);
  std::vector<std::thread> callers;
  for (int i = 0; i < 8; ++i) {
    callers.emplace_back([&] {
      auto place = slots.Enter(Priority::kStranger, Deadline());
      slots.Hash(*place, Secret("a password of somebody"));
    });
  }
  for (std::thread& caller : callers) caller.join();
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (crypto::WorkArea::dirty() > 0 && std::chrono::steady_clock::now() < patience)
    std::this_thread::yield();
  EXPECT_EQ(crypto::WorkArea::dirty(), 0);
}

TEST_F(Slots, HaveNoCountUsedUpByThoseTheyTurnAway) {  // R02: a storm locks nobody
  HashSlots full = Make(1, 0);
  SignIn sign_in({}, ledger_, context_, *hot_state_, gate_, full);
  auto held = full.Enter(Priority::kStranger, Deadline());
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(sign_in
                  .SignInByPassword({.identifier = "anna",
                                     .password = Secret("wrong " + std::to_string(i)),
                                     .source = {.channel = model::Channel::kWeb,
                                                .address = NextAddress(),
                                                .language = {}},
                                     .device_token = {},
                                     .deadline = Deadline()})
                  .reason(),
              Reason::kBusy);
  }
  EXPECT_EQ(full.hashes(), 0);
  EXPECT_EQ(Lane(anna_).failures, 0);
  EXPECT_EQ(Password(anna_).consecutive_failures, 0);
}

// Fails without: the first CheckRoom in SignInByPassword.
TEST_F(Slots, TurnStrangersAwayBeforeAnythingIsRead) {  // Law 5, R02
  HashSlots full = Make(1, 0);
  SignIn sign_in({}, ledger_, context_, *hot_state_, gate_, full);
  auto held = full.Enter(Priority::kStranger, Deadline());
  const int64_t before = ledger_.reads() + ledger_.commits();
  for (const char* name : {"anna", "nobody"}) {
    const auto answer = sign_in.SignInByPassword(
        {.identifier = name,
         .password = Secret(kPassword),
         .source = {.channel = model::Channel::kWeb, .address = NextAddress(), .language = {}},
         .device_token = {},
         .deadline = Deadline()});
    EXPECT_EQ(answer.reason(), Reason::kBusy);
    EXPECT_GT(answer.failure().retry_at, clock_.Now());
  }
  EXPECT_EQ(ledger_.reads() + ledger_.commits(), before);
}

}  // namespace
}  // namespace latchkey::signin
