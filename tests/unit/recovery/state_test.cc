// SPDX-License-Identifier: Apache-2.0
#include "services/recovery/state.h"

#include <gtest/gtest.h>

namespace latchkey::recovery {
namespace {

using model::RecoveryState;

constexpr auto kOpen = RecoveryState::kOpen;
constexpr auto kProven = RecoveryState::kProven;
constexpr auto kCompleted = RecoveryState::kCompleted;
constexpr auto kStopped = RecoveryState::kStopped;
constexpr auto kExpired = RecoveryState::kExpired;

// Attack S01: no step can be skipped, because only the legal ones are in the table.
TEST(RecoveryStates, FollowTheTable) {
  struct Row {
    Event event;
    std::optional<RecoveryState> from_open, from_proven;
  };
  const Row table[] = {
      {Event::kProofSuffices, kProven, kProven}, {Event::kPasswordSet, {}, kCompleted},
      {Event::kUnlocked, {}, kCompleted},        {Event::kSecurityEvent, kStopped, kStopped},
      {Event::kTimePassed, kExpired, kExpired},
  };
  for (const Row& row : table) {
    EXPECT_EQ(Apply(kOpen, row.event), row.from_open);
    EXPECT_EQ(Apply(kProven, row.event), row.from_proven);
    // An end is an end.
    for (RecoveryState end : {kCompleted, kStopped, kExpired})
      EXPECT_EQ(Apply(end, row.event), std::nullopt);
  }
}

TEST(RecoveryStates, SayWhyNothingMayBeDone) {
  const TimePoint now = FromUnixMillis(1'800'000'000'000);
  struct Row {
    const char* what;
    RecoveryState state;
    model::AccountState account;
    int64_t epoch;
    Millis left;
    std::optional<Reason> refused;
  };
  const auto kActive = model::AccountState::kActive;
  const Row table[] = {
      {"open", kOpen, kActive, 3, Millis(1), {}},
      {"proven", kProven, kActive, 3, Millis(1), {}},
      {"completed", kCompleted, kActive, 4, Millis(1), Reason::kUsed},
      {"stopped", kStopped, kActive, 4, Millis(1), Reason::kStopped},
      {"expired", kExpired, kActive, 3, Millis(-1), Reason::kExpired},
      {"past its time and not yet swept", kOpen, kActive, 3, Millis(0), Reason::kExpired},
      {"of an earlier epoch", kProven, kActive, 4, Millis(1), Reason::kStopped},
      {"frozen", kProven, model::AccountState::kFrozen, 3, Millis(1), Reason::kStopped},
      {"closed", kProven, model::AccountState::kClosed, 3, Millis(1), Reason::kStopped},
      {"frozen and past its time", kOpen, model::AccountState::kFrozen, 3, Millis(-1),
       Reason::kStopped},
  };
  for (const Row& row : table) {
    model::Recovery recovery;
    recovery.state = row.state;
    recovery.security_epoch = 3;
    recovery.expires_at = now + row.left;
    model::Account account;
    account.state = row.account;
    account.security_epoch = row.epoch;
    const Done live = CheckLive(recovery, account, now);
    EXPECT_EQ(live.ok(), !row.refused.has_value()) << row.what;
    if (row.refused) {
      EXPECT_EQ(live.reason(), *row.refused) << row.what;
    }
  }
}

}  // namespace
}  // namespace latchkey::recovery
