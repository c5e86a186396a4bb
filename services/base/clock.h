// SPDX-License-Identifier: Apache-2.0
// Time, the first of the five doors to the outside: everything that asks the time takes a Clock.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>

namespace latchkey {

using Millis = std::chrono::milliseconds;
using TimePoint = std::chrono::sys_time<Millis>;  // UTC

inline int64_t ToUnixMillis(TimePoint time) { return time.time_since_epoch().count(); }
inline TimePoint FromUnixMillis(int64_t unix_ms) { return TimePoint(Millis(unix_ms)); }

// Threads: any. Never goes backwards within a process: a wall clock that is set back stands still
// until it has caught up, so that nothing expired comes alive again (attack D06).
class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimePoint Now() = 0;
};

class SystemClock final : public Clock {
 public:
  TimePoint Now() override {
    auto now = std::chrono::time_point_cast<Millis>(std::chrono::system_clock::now());
    std::lock_guard lock(mutex_);
    if (now > last_) last_ = now;
    return last_;
  }
  // A moment that is known to have been, by whichever clock: this one stands at it until it has
  // caught up.
  void NotBefore(TimePoint known) {
    std::lock_guard lock(mutex_);
    if (known > last_) last_ = known;
  }

 private:
  std::mutex mutex_;
  TimePoint last_{};
};

// A clock that tests set. Threads: any.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(TimePoint start = FromUnixMillis(1'800'000'000'000)) : now_(start) {}
  TimePoint Now() override {
    std::lock_guard lock(mutex_);
    return now_;
  }
  void Advance(Millis by) {
    std::lock_guard lock(mutex_);
    now_ += by;
  }
  void Set(TimePoint to) {
    std::lock_guard lock(mutex_);
    now_ = to;
  }

 private:
  std::mutex mutex_;
  TimePoint now_;
};

}  // namespace latchkey
