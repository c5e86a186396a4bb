// SPDX-License-Identifier: Apache-2.0
// A terminal, or a pipe in its place, read line by line: hidden input, a time limit, Ctrl-C as an
// event.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "clients/common/line_editor.h"
#include "services/base/clock.h"

namespace latchkey::client {

// Owns the terminal's settings while it lives and gives them back, whatever happens. One for a
// process; one thread.
class Console {
 public:
  Console();
  ~Console();
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;

  // True when a person types, rather than a pipe.
  bool is_terminal() const { return is_terminal_; }

  // Writes lines and flushes, so that whoever reads a pipe sees them at once. On a screen they are
  // wrapped to its width; a pipe gets whole lines.
  void Print(const std::vector<std::string>& lines);
  // Forgets what the screen shows, as far as a terminal can. Nothing in a pipe.
  void Clear();

  enum class Event { kLine, kEnd, kInterrupted, kTimeUp, kTooLong };
  struct Input {
    Event event = Event::kEnd;
    std::string line;  // kLine: without its end
  };
  struct Wanted {
    std::string_view
        prompt;  // printed on a line of its own in a pipe, and not at all when it is empty
    std::string_view terminal_prompt;     // in its place on a terminal
    bool hidden = false;                  // not echoed
    std::optional<Millis> patience = {};  // how long to wait
  };
  Input Read(const Wanted& wanted);

 private:
  using Steady = std::chrono::steady_clock;

  void Ask(const Wanted& wanted);
  std::optional<Input> TakeInput(const Wanted& wanted);
  bool Wait(std::optional<Steady::time_point> until);
  std::optional<std::string> TakeLine();
  std::optional<std::string> TakeEdited(const Wanted& wanted);
  void Draw(const Wanted& wanted);

  bool is_terminal_;
  bool edits_;  // what is typed and where it is shown are both a terminal
  LineEditor editor_;
  bool ended_ = false;
  bool skipping_ = false;  // the rest of a line that was too long
  std::string buffer_;
};

}  // namespace latchkey::client
