// SPDX-License-Identifier: Apache-2.0
// Load: so many callers that each wait for their answer, or so many calls a second whether or not
// the earlier ones were answered.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace latchkey::bench {

struct Tally {
  double seconds = 0;
  int64_t answered = 0;             // good answers within the measured time
  int64_t refused = 0;              // refusals and errors within it
  std::vector<double> millis = {};  // of the good answers; in an open loop since they were due

  double per_second() const { return seconds > 0 ? static_cast<double>(answered) / seconds : 0; }
  // The time that `share` of the answers did not exceed.
  double percentile(double share) const;
};

struct Span {
  double warm_up = 0;  // seconds before anything counts
  double seconds = 0;
};

using Done = std::function<void(bool good)>;
// Starts one call and returns; `done` is called once, from any thread. `number` counts the calls.
using Call = std::function<void(uint64_t number, Done done)>;

// `callers` at once; each starts its next call when its last one was answered.
Tally ClosedLoop(size_t callers, Span span, const Call& call);

// `per_second` calls, started when they are due. More than `most_at_once` unanswered ones are not
// started but count as refused: a generator that ends itself measures nothing.
struct Pace {
  double per_second = 0;
  size_t most_at_once = 20'000;
};
Tally OpenLoop(Pace pace, Span span, const Call& call);

// Each of `count` calls once, `callers` at once, to its end; how many were good.
int64_t Each(uint64_t count, size_t callers, const Call& call,
             const std::function<void(uint64_t done)>& progress = nullptr);

// Work on several threads for a time; returns how often a second it was done in all.
double Repeat(size_t threads, double seconds, const std::function<void(size_t thread)>& work);

}  // namespace latchkey::bench
