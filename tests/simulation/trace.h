// SPDX-License-Identifier: Apache-2.0
// What happened: a digest of all answers, the last steps in words, and the end of a run that found
// something.
#pragma once

#include <sodium.h>

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "services/base/clock.h"

namespace latchkey::simulation {

struct RunOptions {
  uint64_t seed = 1;
  uint64_t steps = 100'000;
  bool verbose = false;
};

class Trace {
 public:
  // `first`: steps of the run that came before.
  Trace(const RunOptions& options, uint64_t first);

  // A step begins: `who` does `what`. A step within a step (another node in between) is one too.
  void Begin(TimePoint now, std::string_view who, std::string_view what, std::string details);
  // What was answered to the newest step that has no answer yet.
  void Answer(std::string_view answer);
  // Goes into the digest and nowhere else.
  void Note(std::string_view bytes);

  uint64_t steps() const { return steps_; }
  std::string Digest();

  // A law is broken: prints seed, step, what was expected, the last steps and the command that
  // shows it again, and ends the program with 1.
  [[noreturn]] void Broken(std::string_view law, const std::string& what);

 private:
  struct Line {
    uint64_t step = 0;
    TimePoint at;
    std::string who, what, details, answer;
    int depth = 0;
  };
  void Print(const Line& line) const;

  const RunOptions options_;
  uint64_t steps_;
  int depth_ = 0;
  std::deque<Line> last_;
  crypto_generichash_state hash_;
};

}  // namespace latchkey::simulation
