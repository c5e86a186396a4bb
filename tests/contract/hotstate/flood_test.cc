// SPDX-License-Identifier: Apache-2.0
// Names that nobody has, by the hundred thousand, in the lanes that sign-in counts them in.
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <memory>
#include <string>
#include <thread>

#include "crypto/random.h"
#include "services/signin/lanes.h"
#include "tests/contract/hotstate/engines.h"

namespace latchkey::hotstate {
namespace {

using signin::Guess;
using signin::Subject;

constexpr double kBuckets = 1 << 20;

struct Engine {
  latchkey::testing::HotStateEngineKind kind;
  int names;  // as many as it takes in fifteen seconds of two busy cores
};
// The others have the same contract and the same statements, and would take minutes.
std::vector<Engine> Engines() {
  std::vector<Engine> engines;
  for (const auto& kind : latchkey::testing::AllHotStateEngines()) {
    if (kind.name == "Memory") engines.push_back({kind, 1'000'000});
    if (kind.name == "SqliteFile") engines.push_back({kind, 100'000});
  }
  return engines;
}

class Flood : public ::testing::TestWithParam<Engine> {
 protected:
  std::vector<Lane> LanesFor(const Subject& subject, int number) {
    const Guess guess{.subject = subject,
                      .source = "2001:db8:" + std::to_string(number / 9999) + ":" +
                                std::to_string(number % 9999) + "::/64"};
    return signin::LanesOf(guess, rules_, keys_);
  }
  static Subject Nobody(int number) {
    return Subject::UnknownName({.text = "nobody" + std::to_string(number)});
  }

  const std::unique_ptr<latchkey::testing::HotStateEngine> engine_ = GetParam().kind.make();
  const std::unique_ptr<HotState> hot_ = engine_->Open();
  crypto::SystemRandom random_;
  const crypto::KeyRing keys_ = crypto::KeyRing::Generate(random_);
  const signin::GuessRules rules_ = signin::GuessRules::Default();
  const Subject anna_{.kind = Subject::Kind::kCustomer, .id = 1, .lane_epoch = 0, .name = {}};
  const TimePoint now_ = FromUnixMillis(1'800'000'000'000);
};

INSTANTIATE_TEST_SUITE_P(Engines, Flood, ::testing::ValuesIn(Engines()),
                         [](const auto& each) { return each.param.kind.name; });

// K04. Fails without: the fold in Bucket, or forget_at in the DELETE of SqlHotState::Sweep (seen
// each).
TEST_P(Flood, TakesSoManyRowsAndPushesNoCountOut) {
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(hot_->Reserve(LanesFor(anna_, i), 0, now_)->granted);
  std::atomic<int> next = 0, failed = 0;
  std::vector<std::thread> guessers;
  for (int t = 0; t < 8; ++t) {
    guessers.emplace_back([&] {
      for (int i = next++; i < GetParam().names; i = next++)
        failed += hot_->Reserve(LanesFor(Nobody(i), i), 0, now_).ok() ? 0 : 1;
    });
  }
  for (std::thread& guesser : guessers) guesser.join();
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(hot_->Sweep(now_).value(), 0) << "only what has ended is taken away";
  EXPECT_EQ(hot_->Peek(LanesFor(anna_, 0)[0], now_)->failures, 4);
  EXPECT_TRUE(hot_->Reserve(LanesFor(anna_, 4), 0, now_)->granted);
  EXPECT_FALSE(hot_->Reserve(LanesFor(anna_, 5), 0, now_)->granted) << "the sixth";

  // So many of the buckets of each of two kinds are hit by as many names (1 - e^(-names/buckets)),
  // but for names that one of their buckets turned away because it rests.
  const double rows = 2 * kBuckets * -std::expm1(-GetParam().names / kBuckets);
  const auto swept = static_cast<double>(hot_->Sweep(now_ + std::chrono::hours(100)).value());
  EXPECT_NEAR(swept, rows, rows / 50);
}

}  // namespace
}  // namespace latchkey::hotstate
