// SPDX-License-Identifier: Apache-2.0
// What a command shows and asks: lines, a progress bar, a password without echo.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/secret.h"
#include "services/base/clock.h"
#include "services/base/result.h"

namespace latchkey::operate {

// How a command ended, as its exit status.
enum class Exit { kDone = 0, kFoundFaults = 1, kCouldNotRun = 2 };

// Where a command writes. `out` is for results that other programs read, `notes` for people.
struct Terminal {
  std::ostream& out;
  std::ostream& notes;
  Clock& clock;
  bool shows_progress = false;  // `notes` is a terminal
};

// Says a failure as one line to `notes` and returns kCouldNotRun.
Exit Refuse(Terminal& terminal, const Failure& failure);

// What to say when `word` is none of the commands of `program`; empty: none was given.
std::string NoSuchCommand(std::string_view program, std::string_view word,
                          const std::vector<std::string>& commands);

// The same for an option.
std::string NoSuchOption(std::string_view program, std::string_view option,
                         const std::vector<std::string>& options);

// A line that is drawn anew at most ten times a second: "importing  [#####.....]  52 %  12,300
// rows/s  0:41 left".
class Progress {
 public:
  // `unit` names what is counted for the rate.
  Progress(Terminal& terminal, std::string what, std::string unit);
  ~Progress();
  // `done` of `all` of the work; `counted` units so far.
  void Show(uint64_t done, uint64_t all, uint64_t counted);
  // Takes the bar off the screen, so that a line can be printed.
  void Clear();

 private:
  Terminal& terminal_;
  std::string what_;
  std::string unit_;
  TimePoint started_;
  TimePoint drawn_{};
  bool on_screen_ = false;
};

// "1234567" as "1,234,567".
std::string Grouped(uint64_t number);
// "1 line", "26,500 lines".
std::string Counted(uint64_t number, std::string_view one, std::string_view many);
// "0:07", "12:30", "1:02:03".
std::string ClockText(Millis span);

// Asks twice on the controlling terminal without echo. kMalformed when the two differ, kUnavailable
// without a terminal.
Result<Secret> AskNewPassword(std::string_view prompt);

}  // namespace latchkey::operate
