// SPDX-License-Identifier: Apache-2.0
#include "clients/branch/case_sheet.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "clients/branch/wording.h"

namespace latchkey::branch {
namespace {

// The web rounds up as well: two doors that name two minutes for one rest are not believed.
TEST(ACaseSheet, TellsTheEndOfARestRoundedUp) {
  constexpr int64_t kMinute = 60'000;
  constexpr int64_t kEnds = 1'796'299'500'000;  // a full minute
  for (int64_t before : {int64_t{0}, int64_t{1}, kMinute - 1}) {
    v1::Case one;
    one.set_sign_in_resting(true);
    one.set_resting_until_unix_ms(kEnds - before);
    const auto lines = CaseSheet(one);
    EXPECT_EQ(std::ranges::count(lines, "Sign-in: rests until " + TimeWords(kEnds)), 1) << before;
    client::Refused refused;
    refused.refusal.set_reason(v1::REFUSAL_REASON_RESTING);
    refused.refusal.set_retry_at_unix_ms(kEnds - before);
    EXPECT_NE(RefusalWords(refused, Command::kUnlock).find(" until " + UntilWords(kEnds)),
              std::string::npos);
    EXPECT_EQ(UntilWords(kEnds - before), TimeWords(kEnds));
  }
}

// "Unlocked" would be read as "works again" (Law 10).
TEST(ACaseSheet, SaysThatADisabledPasswordNeedsANewOne) {
  v1::Case one;
  one.set_password_state(v1::PASSWORD_STATE_DISABLED);
  const auto lines = CaseSheet(one);
  EXPECT_EQ(
      std::count_if(lines.begin(), lines.end(),
                    [](const std::string& line) {
                      return line.starts_with("Password state: disabled: unlocking does not help");
                    }),
      1);
}

}  // namespace
}  // namespace latchkey::branch
