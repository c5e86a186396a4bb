// SPDX-License-Identifier: Apache-2.0
// Engines that are killed, away, or set up so that they would forget.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>

#include "services/base/check.h"
#include "services/hotstate/fallback.h"
#include "services/hotstate/open.h"
#include "services/hotstate/redis/redis_hot_state.h"
#include "services/hotstate/sql/sql_hot_state.h"
#include "services/ledger/sqlite/sqlite.h"
#include "tests/contract/engines/redis.h"

namespace latchkey::hotstate {
namespace {

using latchkey::testing::ThrowawayRedis;
using std::chrono::hours;
using std::chrono::minutes;

const TimePoint kNow = FromUnixMillis(1'800'000'000'000);
const Lane kLane{
    Bytes(std::string(32, 'a')),
    {.failures = 5, .window = hours(24), .first_rest = minutes(15), .longest_rest = hours(1)}};

class HotStateFaults : public ::testing::Test {
 protected:
  HotStateFaults() {
    std::string made = (std::filesystem::temp_directory_path() / "latchkey-faults-XXXXXX").string();
    LATCHKEY_CHECK(mkdtemp(made.data()) != nullptr);
    folder_ = made;
  }
  ~HotStateFaults() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path folder_;
};

TEST_F(HotStateFaults, AKilledProcessForgetsNoFailure) {  // K04, Law 11
  int told[2];
  ASSERT_EQ(pipe(told), 0);
  const pid_t child = fork();
  if (child == 0) {
    auto hot = OpenInFile(folder_ / "hot.db").value();
    for (int i = 0; i < 5; ++i) {
      if (!hot->Reserve({kLane}, 0, kNow).value().granted) _exit(1);
    }
    if (write(told[1], "x", 1) != 1) _exit(1);
    while (true) pause();
  }
  close(told[1]);
  char byte = 0;
  ASSERT_EQ(read(told[0], &byte, 1), 1);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  close(told[0]);
  auto hot = OpenInFile(folder_ / "hot.db").value();
  EXPECT_FALSE(hot->Reserve({kLane}, 0, kNow)->granted);
}

TEST_F(HotStateFaults, AKilledRedisIsUnavailableAndWorksWhenItIsBack) {
  ThrowawayRedis redis;
  auto hot = OpenRedis({.address = redis.address()}).value();
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(hot->Reserve({kLane}, 0, kNow)->granted);
  redis.Kill();
  EXPECT_EQ(hot->Reserve({kLane}, 0, kNow).reason(), Reason::kUnavailable);
  EXPECT_EQ(hot->Peek(kLane, kNow).reason(), Reason::kUnavailable);
  EXPECT_EQ(hot->Take({{.key = kLane.key, .capacity = 1, .refill = minutes(1)}}, kNow).reason(),
            Reason::kUnavailable);
  EXPECT_EQ(hot->Ping().reason(), Reason::kUnavailable);
  redis.Start();
  EXPECT_TRUE(hot->Reserve({kLane}, 0, kNow)->granted) << "the first call after the restart works";
  EXPECT_FALSE(hot->Reserve({kLane}, 0, kNow)->granted)
      << "and the four failures before it are remembered";
}

TEST_F(HotStateFaults, TheLedgerCountsWhileRedisIsAway) {  // fail closed, never open
  ThrowawayRedis redis;
  auto ledger = ledger::OpenSqlite({.path = folder_ / "ledger.db"}).value();
  auto hot = Open({.engine = "redis", .redis_address = redis.address()}, *ledger).value();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(hot->Reserve({kLane}, 0, kNow)->granted);
  redis.Kill();
  EXPECT_FALSE(hot->Ping().ok()) << "operators are told";
  int granted = 0;
  for (int i = 0; i < 50; ++i) granted += hot->Reserve({kLane}, 0, kNow)->granted ? 1 : 0;
  EXPECT_EQ(granted, 5) << "the whole number once more, and not one beyond";
  ASSERT_TRUE(hot->Release({kLane}, kNow).ok());
  EXPECT_FALSE(hot->Reserve({kLane}, 0, kNow)->granted)
      << "nothing is given back around a change of engines";
  redis.Start();
  const TimePoint later = kNow + std::chrono::seconds(2);
  EXPECT_EQ(hot->Peek(kLane, later)->failures, 3) << "Redis counts again from where it was";
  ASSERT_TRUE(hot->SettleRight({kLane}, later).ok());
  redis.Kill();
  EXPECT_TRUE(hot->Reserve({kLane}, 0, later + minutes(1))->granted) << "a success cleared both";
}

TEST_F(HotStateFaults, RefusesARedisThatWouldEvictCounts) {  // K04
  ThrowawayRedis redis;
  RedisPool pool({.address = redis.address(), .timeout = Millis(5'000)});
  ASSERT_TRUE(pool.Run({"CONFIG", "SET", "maxmemory-policy", "allkeys-lru"}).ok());
  EXPECT_EQ(OpenRedis({.address = redis.address()}).reason(), Reason::kUnavailable);
  ASSERT_TRUE(pool.Run({"CONFIG", "SET", "maxmemory-policy", "noeviction"}).ok());
  EXPECT_TRUE(OpenRedis({.address = redis.address()}).ok());
}

TEST_F(HotStateFaults, SendsItsScriptsAgainWhenRedisHasForgottenThem) {
  ThrowawayRedis redis;
  auto hot = OpenRedis({.address = redis.address()}).value();
  ASSERT_TRUE(hot->Reserve({kLane}, 0, kNow)->granted);
  RedisPool pool({.address = redis.address(), .timeout = Millis(5'000)});
  ASSERT_TRUE(pool.Run({"SCRIPT", "FLUSH"}).ok());
  ASSERT_TRUE(hot->Reserve({kLane}, 0, kNow)->granted);
  EXPECT_EQ(hot->Peek(kLane, kNow)->failures, 2);
}

TEST_F(HotStateFaults, GivesThePasswordAndSaysWhenItIsRefused) {
  ThrowawayRedis redis;
  RedisPool pool({.address = redis.address(), .timeout = Millis(5'000)});
  ASSERT_TRUE(pool.Run({"CONFIG", "SET", "requirepass", "sesame"}).ok());
  auto right = OpenRedis({.address = redis.address(), .password = Secret("sesame")}).value();
  EXPECT_TRUE(right->Ping().ok());
  auto wrong = OpenRedis({.address = redis.address(), .password = Secret("guess")}).value();
  const Done refused = wrong->Ping();
  ASSERT_EQ(refused.reason(), Reason::kUnavailable);
  EXPECT_NE(refused.failure().detail.find("refuses the password"), std::string::npos);
  EXPECT_EQ(refused.failure().detail.find("guess"), std::string::npos);  // Law 12
}

TEST_F(HotStateFaults, NamesAnAddressOrEngineThatCannotBe) {
  for (const char* address :
       {"", "6379", "host", "host:", "host:0", "host:65536", ":6379", "host:6379x"}) {
    auto hot = OpenRedis({.address = address}).value();
    EXPECT_EQ(hot->Ping().reason(), Reason::kMalformed) << address;
  }
  auto ledger = ledger::OpenSqlite({.path = folder_ / "ledger.db"}).value();
  EXPECT_EQ(Open({.engine = "memory"}, *ledger).reason(), Reason::kMalformed);
}

}  // namespace
}  // namespace latchkey::hotstate
