// SPDX-License-Identifier: Apache-2.0
// The lanes as services/signin/README.md promises them, written apart from the code that keeps
// them.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "services/base/clock.h"
#include "services/hotstate/hotstate.h"
#include "services/signin/lanes.h"

namespace latchkey::simulation {

struct LaneNumbers {
  int64_t failures;
  Millis first_rest;
  Millis longest_rest;
};

// One row of the table "The numbers".
class ModelLane {
 public:
  explicit ModelLane(LaneNumbers numbers) : numbers_(numbers) {}
  void Use(LaneNumbers numbers) { numbers_ = numbers; }

  TimePoint RestsUntil(TimePoint now) {
    Forget(now);
    return rests_until_ > now ? rests_until_ : TimePoint{};
  }
  bool Knows(const std::string& guess, TimePoint now) {
    Forget(now);
    return std::find(wrong_.begin(), wrong_.end(), guess) != wrong_.end();
  }
  void Count(TimePoint now) {
    Forget(now);
    if (failures_ == 0) window_ends_ = now + kWindow;
    if (++failures_ >= numbers_.failures) {
      Millis rest = numbers_.first_rest;
      for (int i = 0; i < rests_; ++i) rest = std::min(rest * 2, numbers_.longest_rest);
      rests_until_ = now + rest;
      ++rests_;
    }
    quiet_from_ = std::max(now, rests_until_) + kWindow;
  }
  void GiveBack(TimePoint now) {
    Forget(now);
    if (failures_ == 0) return;
    --failures_;
    if (rests_until_ > now) {
      rests_until_ = {};
      --rests_;
    }
  }
  void RememberWrong(const std::string& guess, TimePoint now) {
    if (Knows(guess, now)) return;
    wrong_.push_back(guess);
    if (wrong_.size() > 8) wrong_.pop_front();
  }

 private:
  static constexpr Millis kWindow = std::chrono::hours(24);
  void Forget(TimePoint now) {
    if (quiet_from_ <= now) *this = ModelLane(numbers_);
    const bool over = rests_until_ != TimePoint{} ? rests_until_ <= now : window_ends_ <= now;
    if (!over) return;
    failures_ = 0;
    rests_until_ = {};
  }

  LaneNumbers numbers_;
  int64_t failures_ = 0;
  int rests_ = 0;
  TimePoint window_ends_{}, rests_until_{}, quiet_from_{};
  std::deque<std::string> wrong_;
};

// All lanes of one account, name or member of staff. A reset begins a new set.
struct LaneSet {
  std::map<std::string, ModelLane> lanes;
};

// A guess on its way through the gate, as the model sees it: which lanes it must be counted in, and
// what the gate has decided so far.
struct ModelGuess {
  std::shared_ptr<LaneSet> set;
  signin::SecretKind kind = signin::SecretKind::kPassword;
  std::string source;
  std::string device;  // of its own lane; empty: none
  // Nobody has signed in from it since the password was set. Perhaps: an answer was lost.
  bool device_is_older = false;
  bool device_is_doubtful = false;
  std::string value;

  enum class Gate { kNotReached, kRests, kRepeated, kCounted };
  Gate gate = Gate::kNotReached;
  TimePoint rests_until{};  // of a refusal, or of the rest that this guess began
  TimePoint counted_at{};
  bool settled = false;  // the lanes were told what came of it

  std::vector<ModelLane*> Lanes();
  ModelLane& Subject();
};

}  // namespace latchkey::simulation
