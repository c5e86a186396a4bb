// SPDX-License-Identifier: Apache-2.0
// Time, the first of the five doors to the outside: everything that asks the time takes a Clock.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <mutex>

namespace latchkey {

using Millis = std::chrono::milliseconds;
using TimePoint = std::chrono::sys_time<Millis>;  // UTC

inline int64_t ToUnixMillis(TimePoint time) { return time.time_since_epoch().count(); }
inline TimePoint FromUnixMillis(int64_t unix_ms) { return TimePoint(Millis(unix_ms)); }

// Threads: any. Never goes backwards within a process, so that nothing expired comes alive again
// (attack D06), and never stands still.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimePoint Now() = 0;
  // What the clocks of others show, right or not, as nearly as this machine knows; may go
  // backwards. Only for comparing with what another device made of its own clock (RFC 6238).
  virtual TimePoint Wall() { return Now(); }
};

// What a clock shows that follows the wall clock forwards and is never set back. When the wall
// clock turns out to be behind (it was ahead and was corrected, or other nodes have been further),
// time goes on at half pace until the wall clock has caught up. Standing still would keep every
// rest and every deadline from ending, for hours after a jump of hours; at full pace it would be
// ahead for ever. So whatever was to take a minute takes at most two meanwhile, and an hour ahead
// is healed after two. Threads: one. Pure: both readings are passed in.
class ForwardTime {
 public:
  using Reading = std::chrono::sys_time<std::chrono::nanoseconds>;
  using Steady = std::chrono::time_point<std::chrono::steady_clock, std::chrono::nanoseconds>;

  ForwardTime(Reading wall, Steady steady) : shown_(wall), read_at_(steady) {}
  TimePoint At(Reading wall, Steady steady) {
    shown_ = std::max(wall, shown_ + (steady - read_at_) / 2);
    read_at_ = steady;
    return std::chrono::time_point_cast<Millis>(shown_);
  }
  // A moment that is known to have been when the clocks were last read, by whichever clock.
  void NotBefore(TimePoint known) { shown_ = std::max<Reading>(shown_, known); }

 private:
  Reading shown_;
  Steady read_at_;
};

class SystemClock final : public Clock {
 public:
  TimePoint Now() override {
    std::lock_guard lock(mutex_);
    return Read();
  }
  TimePoint Wall() override {
    return std::chrono::time_point_cast<Millis>(std::chrono::system_clock::now());
  }
  void NotBefore(TimePoint known) {
    std::lock_guard lock(mutex_);
    Read();
    time_.NotBefore(known);
  }

 private:
  TimePoint Read() {
    return time_.At(std::chrono::system_clock::now(), std::chrono::steady_clock::now());
  }

  std::mutex mutex_;
  ForwardTime time_{std::chrono::system_clock::now(), std::chrono::steady_clock::now()};
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
