// SPDX-License-Identifier: Apache-2.0
#include "services/operator/terminal.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <ostream>
#include <utility>

#include "crypto/private_file.h"
#include "services/base/nearest.h"

namespace latchkey::operate {
namespace {

constexpr Millis kRedrawEvery{100};
constexpr size_t kBarWidth = 24;
constexpr size_t kLongestPasswordFile = 4096;

// The controlling terminal, with echo switched off as long as this lives.
class SilentTerminal {
 public:
  SilentTerminal() : fd_(open("/dev/tty", O_RDWR | O_CLOEXEC)) {
    if (fd_ < 0 || tcgetattr(fd_, &before_) != 0) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    works_ = tcsetattr(fd_, TCSAFLUSH, &silent) == 0;
  }
  ~SilentTerminal() {
    if (works_) tcsetattr(fd_, TCSAFLUSH, &before_);
    if (fd_ >= 0) close(fd_);
  }
  SilentTerminal(const SilentTerminal&) = delete;
  SilentTerminal& operator=(const SilentTerminal&) = delete;

  bool works() const { return works_; }
  Secret Ask(std::string_view prompt) {
    Write(prompt);
    std::string line;
    line.reserve(kLongestPasswordFile);  // never moved, so no copy stays behind
    char c;
    while (line.size() < kLongestPasswordFile && read(fd_, &c, 1) == 1 && c != '\n') line += c;
    Write("\n");
    return Secret::Adopt(line);
  }

 private:
  void Write(std::string_view text) {
    while (!text.empty()) {
      ssize_t wrote = write(fd_, text.data(), text.size());
      if (wrote <= 0) return;
      text.remove_prefix(static_cast<size_t>(wrote));
    }
  }
  int fd_;
  termios before_{};
  bool works_ = false;
};

}  // namespace

Exit Refuse(Terminal& terminal, const Failure& failure) {
  std::string words = failure.detail;
  if (words.empty())
    words = failure.field.empty() ? "this did not work" : failure.field + " is not usable";
  terminal.notes << "latchkey: " << words << "\n";
  return Exit::kCouldNotRun;
}

std::string NoSuchCommand(std::string_view program, std::string_view word,
                          const std::vector<std::string>& commands) {
  std::string said = std::string(program) + " needs a command";
  if (!word.empty()) {
    said = "there is no command \"" + std::string(program) + " " + std::string(word) + "\"";
    const std::string nearest = Nearest(word, commands);
    if (!nearest.empty()) said += "; did you mean \"" + nearest + "\"?";
  }
  if (!said.ends_with('?')) said += '.';
  said += " There are: ";
  for (const std::string& command : commands) said += command + ", ";
  said.resize(said.size() - 2);
  return said;
}

std::string NoSuchOption(std::string_view program, std::string_view option,
                         const std::vector<std::string>& options) {
  const std::string_view name = option.substr(0, option.find('='));
  const std::string nearest = Nearest(name, options);
  return "there is no option \"" + std::string(name) + "\"" +
         (nearest.empty() ? "." : "; did you mean \"" + nearest + "\"?") + " " +
         std::string(program) + " --help lists all of them.";
}

std::string Grouped(uint64_t number) {
  std::string digits = std::to_string(number);
  for (size_t at = digits.size(); at > 3;) digits.insert(at -= 3, ",");
  return digits;
}

std::string Counted(uint64_t number, std::string_view one, std::string_view many) {
  return Grouped(number) + " " + std::string(number == 1 ? one : many);
}

std::string ClockText(Millis span) {
  int64_t seconds = std::max<int64_t>(0, span.count() / 1000);
  auto two = [](int64_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  std::string minutes_text = seconds >= 3600
                                 ? std::to_string(seconds / 3600) + ":" + two(seconds / 60 % 60)
                                 : std::to_string(seconds / 60);
  return minutes_text + ":" + two(seconds % 60);
}

Progress::Progress(Terminal& terminal, std::string what, std::string unit)
    : terminal_(terminal),
      what_(std::move(what)),
      unit_(std::move(unit)),
      started_(terminal.clock.Now()) {}

Progress::~Progress() { Clear(); }

void Progress::Clear() {
  if (on_screen_) terminal_.notes << "\r\x1b[K" << std::flush;
  on_screen_ = false;
}

void Progress::Show(uint64_t done, uint64_t all, uint64_t counted) {
  TimePoint now = terminal_.clock.Now();
  if (!terminal_.shows_progress || all == 0 || now - drawn_ < kRedrawEvery) return;
  drawn_ = now;
  done = std::min(done, all);
  double part = static_cast<double>(done) / static_cast<double>(all);
  auto elapsed = static_cast<double>((now - started_).count());
  auto rate =
      elapsed > 0 ? static_cast<uint64_t>(static_cast<double>(counted) * 1000 / elapsed) : 0;
  size_t filled = static_cast<size_t>(part * kBarWidth);
  terminal_.notes << "\r\x1b[K" << what_ << "  [" << std::string(filled, '#')
                  << std::string(kBarWidth - filled, '.') << "]  " << static_cast<int>(part * 100)
                  << " %  " << Grouped(counted) << " " << unit_ << ", " << Grouped(rate) << "/s";
  if (part > 0.01) {
    terminal_.notes << "  " << ClockText(Millis(static_cast<int64_t>(elapsed / part - elapsed)))
                    << " left";
  }
  terminal_.notes << std::flush;
  on_screen_ = true;
}

Result<Secret> AskNewPassword(std::string_view prompt) {
  SilentTerminal terminal;
  if (!terminal.works()) {
    return Fail(Reason::kUnavailable, "there is no terminal to ask at; use --password-file FILE");
  }
  Secret first = terminal.Ask(std::string(prompt) + ": ");
  Secret second = terminal.Ask("the same again: ");
  if (!first.Matches(second)) return Malformed("password", "the two differ; nothing was changed");
  return first;
}

}  // namespace latchkey::operate
