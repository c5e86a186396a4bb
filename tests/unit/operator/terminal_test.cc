// SPDX-License-Identifier: Apache-2.0
#include "services/operator/terminal.h"

#include <gtest/gtest.h>

#include <sstream>

namespace latchkey::operate {
namespace {

TEST(NoSuchCommand, NamesTheNearestAndAll) {
  const std::vector<std::string> all = {"import", "init", "journal"};
  EXPECT_EQ(NoSuchCommand("latchkey", "imprt", all),
            "there is no command \"latchkey imprt\"; did you mean \"import\"? "
            "There are: import, init, journal");
  EXPECT_EQ(NoSuchCommand("latchkey", "frobnicate", all),
            "there is no command \"latchkey frobnicate\". There are: import, init, journal");
  EXPECT_EQ(NoSuchCommand("latchkey journal", "", {"verify"}),
            "latchkey journal needs a command. There are: verify");
}

TEST(NoSuchOption, NamesTheNearest) {
  const std::vector<std::string> all = {"--bank", "--name"};
  EXPECT_EQ(NoSuchOption("latchkey init", "--bnk=x", all),
            "there is no option \"--bnk\"; did you mean \"--bank\"? "
            "latchkey init --help lists all of them.");
  EXPECT_EQ(NoSuchOption("latchkey init", "--frobnicate", all),
            "there is no option \"--frobnicate\". latchkey init --help lists all of them.");
}

TEST(Words, NumbersAndTimesReadWell) {
  EXPECT_EQ(Grouped(0), "0");
  EXPECT_EQ(Grouped(999), "999");
  EXPECT_EQ(Grouped(1000), "1,000");
  EXPECT_EQ(Grouped(1234567), "1,234,567");
  EXPECT_EQ(ClockText(Millis(7'900)), "0:07");
  EXPECT_EQ(ClockText(Millis(750'000)), "12:30");
  EXPECT_EQ(ClockText(Millis(3'723'000)), "1:02:03");
}

TEST(ProgressBar, ShowsPartRateAndWhatIsLeft) {
  std::ostringstream out, notes;
  ManualClock clock;
  Terminal terminal{out, notes, clock, true};
  Progress progress(terminal, "importing", "lines");
  clock.Advance(std::chrono::seconds(10));
  progress.Show(50, 200, 1000);
  EXPECT_NE(notes.str().find("25 %  1,000 lines, 100/s  0:30 left"), std::string::npos)
      << notes.str();
  std::string once = notes.str();
  progress.Show(51, 200, 1001);  // at most ten times a second
  EXPECT_EQ(notes.str(), once);
}

TEST(ProgressBar, IsSilentWhereNobodyLooks) {
  std::ostringstream out, notes;
  ManualClock clock;
  Terminal terminal{out, notes, clock, false};
  Progress progress(terminal, "importing", "lines");
  clock.Advance(std::chrono::seconds(10));
  progress.Show(50, 200, 1000);
  EXPECT_EQ(notes.str(), "");
}

}  // namespace
}  // namespace latchkey::operate
