// SPDX-License-Identifier: Apache-2.0
// Counts what is asked of the doors to the outside, and says which of it fails. The one place for
// faults: FaultyLedger asks here, and so do the doors beside it.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <utility>

namespace latchkey::testing {

// Before an operation took effect, or after: then it happened, and nobody learns of it.
enum class When { kBefore, kAfter };

// Threads: any.
class Faults {
 public:
  struct Plan {
    When when = When::kBefore;
    int64_t at = 0;             // the n-th operation from now; 0: none
    bool from_then_on = false;  // and every later one
  };
  void Arm(const Plan& plan) {
    std::lock_guard lock(mutex_);
    plan_ = plan;
    seen_ = 0;
    struck_ = false;
  }
  void Disarm() { Arm({}); }
  // Is called after each operation that took effect.
  void Watch(std::function<void()> after) { after_ = std::move(after); }
  // One more operation of this kind; true: it fails.
  bool Strikes(When when) {
    if (when == When::kAfter && after_) after_();
    std::lock_guard lock(mutex_);
    if (plan_.at == 0 || when != plan_.when) return false;
    ++seen_;
    const bool strikes = plan_.from_then_on ? seen_ >= plan_.at : seen_ == plan_.at;
    struck_ = struck_ || strikes;
    return strikes;
  }
  // Whether anything failed since it was armed: otherwise there were fewer operations than that.
  bool struck() {
    std::lock_guard lock(mutex_);
    return struck_;
  }

 private:
  std::function<void()> after_;
  std::mutex mutex_;
  Plan plan_;
  int64_t seen_ = 0;
  bool struck_ = false;
};

}  // namespace latchkey::testing
