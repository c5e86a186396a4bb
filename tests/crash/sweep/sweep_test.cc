// SPDX-License-Identifier: Apache-2.0
// For each use case on each engine: the N-th thing that it asks of a store or a channel fails, once
// and from then on, before and after it took effect, for every N until it asks no more. Afterwards
// the laws hold, and the same call with everything well comes to what it must (Laws 2, 3, 4, 11,
// 13; attack D04).
#include "tests/crash/sweep/harness.h"

namespace latchkey::crash {
namespace {

using testing::When;

TEST_P(Sweep, KeepsTheLawsWhateverFails) {
  const int64_t tried = TryAll(When::kBefore) + TryAll(When::kAfter);
  EXPECT_GE(tried, 2) << "it must ask for something";
  RecordProperty("trials", static_cast<int>(tried));
}

INSTANTIATE_TEST_SUITE_P(UseCases, Sweep,
                         ::testing::Combine(::testing::Values("sqlite", "postgres", "redis"),
                                            ::testing::Range(size_t{0}, AllCases().size())),
                         NameOf);

}  // namespace
}  // namespace latchkey::crash
