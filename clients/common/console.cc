// SPDX-License-Identifier: Apache-2.0
#include "clients/common/console.h"

#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <utility>

#include "clients/common/typed.h"
#include "clients/common/wrapped.h"

namespace latchkey::client {
namespace {

constexpr size_t kLongestLine = 4096;
constexpr size_t kTypingRoom = 16;  // columns; a question that leaves fewer has a row of its own

volatile sig_atomic_t interrupted = 0;
void OnInterrupt(int) { interrupted = 1; }

termios before;  // the terminal's settings as they were found
bool have_before = false;

// The terminal says where a paste begins and ends (bracketed paste).
void TellOfPastes(bool on) {
  std::fputs(on ? "\033[?2004h" : "\033[?2004l", stdout);
  std::fflush(stdout);
}

void SetEcho(bool on) {
  if (!have_before) return;
  termios wanted = before;
  if (!on) wanted.c_lflag &= ~static_cast<tcflag_t>(ECHO);
  tcsetattr(STDIN_FILENO, TCSAFLUSH, &wanted);
}

// The terminal hands over each key and shows none. Ctrl-C stays a signal; those that would leave
// the terminal like this, or come back to one that shows what is typed, do not.
void HandOverKeys() {
  if (!have_before) return;
  termios wanted = before;
  wanted.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON);
  wanted.c_cc[VMIN] = 1;
  wanted.c_cc[VTIME] = 0;
  wanted.c_cc[VQUIT] = wanted.c_cc[VSUSP] = _POSIX_VDISABLE;
  tcsetattr(STDIN_FILENO, TCSANOW, &wanted);
}

// nullopt when the output is no terminal, or one that does not tell.
std::optional<size_t> ScreenWidth() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return std::nullopt;
  return size.ws_col;
}

}  // namespace

Console::Console()
    : is_terminal_(isatty(STDIN_FILENO) == 1), edits_(is_terminal_ && isatty(STDOUT_FILENO) == 1) {
  have_before = is_terminal_ && tcgetattr(STDIN_FILENO, &before) == 0;
  if (edits_) {
    HandOverKeys();  // now, so that what is typed ahead comes as keys too
    TellOfPastes(true);
  }
  struct sigaction action{};
  action.sa_handler = OnInterrupt;  // without SA_RESTART: a waiting read ends
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGHUP, &action, nullptr);
  action.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &action, nullptr);
}

Console::~Console() {
  if (edits_) TellOfPastes(false);
  SetEcho(true);
  sodium_memzero(buffer_.data(), buffer_.size());
}

void Console::Print(const std::vector<std::string>& lines) {
  const auto width = ScreenWidth();
  for (const std::string& line : lines) {
    for (const std::string& row : width ? Wrapped(line, *width) : std::vector{line}) {
      std::fwrite(row.data(), 1, row.size(), stdout);
      std::fputc('\n', stdout);
    }
  }
  std::fflush(stdout);
}

void Console::Clear() {
  if (!is_terminal_ || isatty(STDOUT_FILENO) != 1) return;
  std::fputs("\033[H\033[2J\033[3J", stdout);  // the screen and what was scrolled away
  std::fflush(stdout);
}

void Console::Draw(const Wanted& wanted) {
  if (wanted.hidden) return;
  const size_t prompt = Columns(wanted.terminal_prompt);
  const size_t width = ScreenWidth().value_or(80);
  const auto view = editor_.Shown(width > prompt + 1 ? width - prompt - 1 : 1);
  std::string row = "\r" + std::string(wanted.terminal_prompt) + view.text + "\033[K";
  if (view.left > 0) row += "\033[" + std::to_string(view.left) + "D";
  std::fwrite(row.data(), 1, row.size(), stdout);
  std::fflush(stdout);
}

// Keys behind the end of the line stay for the next one.
std::optional<std::string> Console::TakeEdited(const Wanted& wanted) {
  size_t used = 0;
  auto after = LineEditor::After::kTyping;
  while (used < buffer_.size() && after == LineEditor::After::kTyping)
    after = editor_.Feed(buffer_[used++]);
  std::string rest = buffer_.substr(used);
  sodium_memzero(buffer_.data(), buffer_.size());
  buffer_ = std::move(rest);
  if (editor_.size() > kLongestLine) {
    editor_.Forget();
    skipping_ = true;
  }
  if (used > 0) Draw(wanted);
  if (after == LineEditor::After::kEnd) ended_ = true;
  if (after != LineEditor::After::kEnter) return std::nullopt;
  return editor_.Take();
}

std::optional<std::string> Console::TakeLine() {
  const size_t end = buffer_.find('\n');
  if (end == std::string::npos) return std::nullopt;
  std::string line = buffer_.substr(0, end);
  std::string rest = buffer_.substr(end + 1);
  sodium_memzero(buffer_.data(), buffer_.size());
  buffer_ = std::move(rest);
  if (!line.empty() && line.back() == '\r') line.pop_back();
  return line;
}

// In a pipe a question is a line of its own; on a terminal the answer is typed behind it.
void Console::Ask(const Wanted& wanted) {
  if (is_terminal_) {
    std::fwrite(wanted.terminal_prompt.data(), 1, wanted.terminal_prompt.size(), stdout);
    std::fflush(stdout);
  } else if (!wanted.prompt.empty()) {
    Print({std::string(wanted.prompt)});
  }
  if (edits_) {
    HandOverKeys();
  } else if (wanted.hidden) {
    SetEcho(false);
  }
}

// What is there already; nullopt: more must be typed first.
std::optional<Console::Input> Console::TakeInput(const Wanted& wanted) {
  if (auto line = edits_ ? TakeEdited(wanted) : TakeLine()) {
    const bool cut = std::exchange(skipping_, false);
    return cut ? Input{.event = Event::kTooLong, .line = {}}
               : Input{.event = Event::kLine, .line = *std::move(line)};
  }
  if (buffer_.size() > kLongestLine) {
    sodium_memzero(buffer_.data(), buffer_.size());
    buffer_.clear();
    skipping_ = true;
  }
  if (interrupted) {
    interrupted = 0;
    return Input{.event = Event::kInterrupted, .line = {}};
  }
  if (!ended_) return std::nullopt;
  if (is_terminal_) ended_ = false;  // Ctrl-D ended this question, and the next is read again
  // A last line without its end counts, as it does in every other program.
  return edits_ || buffer_.empty() || skipping_
             ? Input{}
             : Input{.event = Event::kLine, .line = std::exchange(buffer_, {})};
}

// Waits until something is typed, a signal comes or some time has passed; false once it is `until`.
bool Console::Wait(std::optional<Steady::time_point> until) {
  int wait_ms = -1;
  if (until) {
    const auto left = std::chrono::duration_cast<Millis>(*until - Steady::now()).count();
    if (left <= 0) return false;
    wait_ms = static_cast<int>(std::min<int64_t>(left, 60'000));
  }
  pollfd waiting{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
  const int ready = poll(&waiting, 1, wait_ms);
  if (ready == 0 || (ready < 0 && errno == EINTR)) return true;
  std::array<char, 1024> chunk;
  const ssize_t got = read(STDIN_FILENO, chunk.data(), chunk.size());
  if (got > 0) {
    buffer_.append(chunk.data(), static_cast<size_t>(got));
    sodium_memzero(chunk.data(), chunk.size());
  } else if (got == 0 || errno != EINTR) {
    ended_ = true;
  }
  return true;
}

Console::Input Console::Read(const Wanted& asked) {
  Wanted wanted = asked;
  if (edits_ && Columns(asked.terminal_prompt) + kTypingRoom > ScreenWidth().value_or(80)) {
    Print({std::string(asked.terminal_prompt)});
    wanted.terminal_prompt = "> ";
  }
  Ask(wanted);
  std::optional<Steady::time_point> until;
  if (wanted.patience) until = Steady::now() + *wanted.patience;
  std::optional<Input> input = TakeInput(wanted);
  while (!input) {
    input = Wait(until) ? TakeInput(wanted) : Input{.event = Event::kTimeUp, .line = {}};
  }
  editor_.Forget();
  if (wanted.hidden && !edits_) SetEcho(true);
  if (edits_ || (is_terminal_ && (wanted.hidden || input->event != Event::kLine))) Print({""});
  return *std::move(input);
}

}  // namespace latchkey::client
