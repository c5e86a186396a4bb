// SPDX-License-Identifier: Apache-2.0
#include "services/rpc/errors.h"

#include <gtest/gtest.h>

#include "latchkey/v1/common.pb.h"

namespace latchkey::rpc {
namespace {

constexpr Reason kAll[] = {Reason::kMalformed,  Reason::kNotAllowed,  Reason::kWrong,
                           Reason::kResting,    Reason::kBusy,        Reason::kExpired,
                           Reason::kUsed,       Reason::kStopped,     Reason::kPasswordUnsuitable,
                           Reason::kMoreProof,  Reason::kConflict,    Reason::kNotFound,
                           Reason::kOwnAccount, Reason::kUnavailable, Reason::kInternal};

v1::Refusal RefusalOf(const Failure& failure) {
  v1::Refusal refusal;
  EXPECT_TRUE(refusal.ParseFromString(ToStatus(failure).error_details()));
  return refusal;
}

// Law 12: the detail is for the log alone.
TEST(ToStatus, NeverCarriesTheDetail) {
  for (Reason reason : kAll) {
    grpc::Status status = ToStatus(Fail(reason, "canary-detail"));
    EXPECT_EQ(status.error_message().find("canary"), std::string::npos);
    EXPECT_EQ(status.error_details().find("canary"), std::string::npos);
    EXPECT_FALSE(status.ok());
  }
}

// Law 10: who is kept out is told another way in.
TEST(ToStatus, NamesAWayOnWheneverACustomerIsKeptOut) {
  for (Reason reason :
       {Reason::kWrong, Reason::kResting, Reason::kBusy, Reason::kExpired, Reason::kUsed,
        Reason::kStopped, Reason::kMoreProof, Reason::kUnavailable, Reason::kInternal}) {
    v1::Refusal refusal = RefusalOf(Fail(reason));
    EXPECT_GE(refusal.ways_on_size(), 2) << ReasonName(reason);
  }
}

// Law 6: a bug looks like a busy service.
TEST(ToStatus, HidesWhatWentWrongInside) {
  grpc::Status bug = ToStatus(Fail(Reason::kInternal));
  grpc::Status away = ToStatus(Fail(Reason::kUnavailable));
  EXPECT_EQ(bug.error_code(), away.error_code());
  EXPECT_EQ(bug.error_message(), away.error_message());
  EXPECT_EQ(bug.error_details(), away.error_details());
}

TEST(ToStatus, SaysWhenItIsWorthTryingAgain) {
  EXPECT_EQ(RefusalOf(Resting(FromUnixMillis(1234))).retry_at_unix_ms(), 1234);
}

TEST(ToStatus, SaysWhyAPasswordIsUnsuitable) {
  Failure failure = Fail(Reason::kPasswordUnsuitable);
  failure.password = {.issue = PasswordIssue::kGuessable,
                      .weakness = PasswordWeakness::kDate,
                      .min_characters = 15};
  v1::Refusal refusal = RefusalOf(failure);
  EXPECT_EQ(refusal.password_issue(), v1::PASSWORD_ISSUE_GUESSABLE);
  EXPECT_EQ(refusal.weakness(), v1::PASSWORD_WEAKNESS_DATE);
  EXPECT_EQ(refusal.min_characters(), 15u);
}

}  // namespace
}  // namespace latchkey::rpc
