// SPDX-License-Identifier: Apache-2.0
#include "clients/branch/case_sheet.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>

#include "clients/branch/wording.h"
#include "tests/unit/branch/terminal.h"

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

// Seen to fail without the zone: a terminal in another one than the bank's told another time.
TEST(ACaseSheet, NamesTheZoneOfItsTimes) {
  const std::string words = TimeWords(1'796'299'500'000);
  tzset();
  EXPECT_TRUE(words.ends_with(std::string(" ") + tzname[0]) ||
              words.ends_with(std::string(" ") + tzname[1]))
      << words;
}

// Seen to fail with "settled" alone, and `send 2` refused under it.
TEST(ACaseSheet, MarksAContactThatTakesNoCodes) {
  v1::Case one = OpenCase();
  one.add_contacts()->set_index(3);
  one.mutable_contacts(2)->set_kind(v1::CONTACT_KIND_PHONE);
  one.mutable_contacts(2)->set_masked("••• 0002");
  const auto lines = CaseSheet(one);
  for (const char* line : {"Contact 1: e-mail a•••@example.org, settled",
                           "Contact 2: phone ••• 4711, settled, for calls only",
                           "Contact 3: phone ••• 0002, too new to prove anything, for calls only"})
    EXPECT_EQ(std::ranges::count(lines, line), 1) << line;
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
