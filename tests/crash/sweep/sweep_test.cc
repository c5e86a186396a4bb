// SPDX-License-Identifier: Apache-2.0
// For each use case on each engine: the N-th thing that it asks of a store or a channel fails, once
// and from then on, before and after it took effect, for every N until it asks no more. Afterwards
// the laws hold, and the same call with everything well comes to what it must (Laws 2, 3, 4, 11,
// 13; attack D04).
#include <google/protobuf/descriptor.h>

#include <set>

#include "latchkey/v1/assist.pb.h"
#include "latchkey/v1/cases.pb.h"
#include "latchkey/v1/recovery.pb.h"
#include "latchkey/v1/signin.pb.h"
#include "latchkey/v1/staff.pb.h"
#include "tests/crash/sweep/harness.h"

namespace latchkey::crash {
namespace {

using testing::When;

TEST_P(Sweep, KeepsTheLawsWhateverFails) {
  const int64_t tried = TryAll(When::kBefore) + TryAll(When::kAfter);
  EXPECT_GE(tried, 2) << "it must ask for something";
  RecordProperty("trials", static_cast<int>(tried));
}

// Fails without: any of them in its list (seen: SendLink was in none).
TEST(EveryCall, IsAUseCase) {
  std::set<std::string> swept;
  for (const UseCase& one : AllCases()) swept.insert(one.name);
  // Of the operator's there is GetStatus, which looks.
  for (const auto* proto :
       {v1::BeginRequest::descriptor()->file(), v1::SignInRequest::descriptor()->file(),
        v1::SignInStaffRequest::descriptor()->file(), v1::GetCaseRequest::descriptor()->file(),
        v1::FindCustomerRequest::descriptor()->file()}) {
    for (int i = 0; i < proto->service(0)->method_count(); ++i) {
      const std::string name(proto->service(0)->method(i)->name());
      EXPECT_TRUE(swept.count(name)) << name << " is swept by nobody";
    }
  }
}

INSTANTIATE_TEST_SUITE_P(UseCases, Sweep,
                         ::testing::Combine(::testing::Values("sqlite", "postgres", "redis"),
                                            ::testing::Range(size_t{0}, AllCases().size())),
                         NameOf);

}  // namespace
}  // namespace latchkey::crash
