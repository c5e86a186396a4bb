// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/load.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

namespace latchkey::bench {
namespace {

using Steady = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

Steady::duration Of(double seconds) {
  return std::chrono::duration_cast<Steady::duration>(Seconds(seconds));
}

// Counts what ends within the measured time, and knows when everything has ended.
class Watch {
 public:
  explicit Watch(Span span)
      : from_(Steady::now() + Of(span.warm_up)), until_(from_ + Of(span.seconds)) {
    tally_.seconds = span.seconds;
  }

  Steady::time_point from() const { return from_; }
  Steady::time_point until() const { return until_; }
  bool is_over() const { return Steady::now() >= until_; }

  void Begin() {
    std::lock_guard lock(mutex_);
    ++out_;
  }
  void End(Steady::time_point due, bool good) {
    const Steady::time_point now = Steady::now();
    {
      std::lock_guard lock(mutex_);
      Count(due, now, good);
    }
    Leave();
  }
  void Leave() {
    std::lock_guard lock(mutex_);
    if (--out_ == 0) empty_.notify_all();
  }
  size_t out() {
    std::lock_guard lock(mutex_);
    return out_;
  }
  Tally WaitForAll() {
    std::unique_lock lock(mutex_);
    empty_.wait(lock, [this] { return out_ == 0; });
    return std::move(tally_);
  }

 private:
  void Count(Steady::time_point due, Steady::time_point now, bool good) {
    if (now >= from_ && now < until_) {
      if (good) {
        ++tally_.answered;
        tally_.millis.push_back(std::chrono::duration<double, std::milli>(now - due).count());
      } else {
        ++tally_.refused;
      }
    }
  }

  const Steady::time_point from_;
  const Steady::time_point until_;
  std::mutex mutex_;
  std::condition_variable empty_;
  size_t out_ = 0;
  Tally tally_;
};

// A caller takes part until its time is over; its calls keep it alive.
class Caller : public std::enable_shared_from_this<Caller> {
 public:
  Caller(Watch& watch, std::atomic<uint64_t>& numbers, const Call& call)
      : watch_(watch), numbers_(numbers), call_(call) {}

  void Next() {
    watch_.Begin();
    const Steady::time_point started = Steady::now();
    call_(numbers_++, [self = shared_from_this(), started](bool good) {
      // The next call first: the count of those that are out must not fall to nothing in between.
      if (!self->watch_.is_over()) self->Next();
      self->watch_.End(started, good);
    });
  }

 private:
  Watch& watch_;
  std::atomic<uint64_t>& numbers_;
  const Call& call_;
};

}  // namespace

double Tally::percentile(double share) const {
  if (millis.empty()) return 0;
  std::vector<double> sorted = millis;
  const auto place = static_cast<size_t>(share * static_cast<double>(sorted.size() - 1));
  std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(place),
                   sorted.end());
  return sorted[place];
}

Tally ClosedLoop(size_t callers, Span span, const Call& call) {
  Watch watch(span);
  std::atomic<uint64_t> numbers{0};
  for (size_t i = 0; i < callers; ++i) std::make_shared<Caller>(watch, numbers, call)->Next();
  return watch.WaitForAll();
}

Tally OpenLoop(Pace pace, Span span, const Call& call) {
  Watch watch(span);
  std::mutex mutex;
  std::condition_variable never;
  std::unique_lock lock(mutex);
  const Steady::time_point started = Steady::now();
  watch.Begin();  // held until the last call is started
  for (uint64_t number = 0;; ++number) {
    const Steady::time_point due = started + Of(static_cast<double>(number) / pace.per_second);
    if (due >= watch.until()) break;
    never.wait_until(lock, due, [] { return false; });
    watch.Begin();
    if (watch.out() > pace.most_at_once) {
      watch.End(due, false);
      continue;
    }
    call(number, [&watch, due](bool good) { watch.End(due, good); });
  }
  watch.Leave();
  return watch.WaitForAll();
}

int64_t Each(uint64_t count, size_t callers, const Call& call,
             const std::function<void(uint64_t done)>& progress) {
  std::mutex mutex;
  std::condition_variable changed;
  size_t out = 0;
  uint64_t ended = 0;
  int64_t good_ones = 0;
  std::unique_lock lock(mutex);
  for (uint64_t number = 0; number < count; ++number) {
    changed.wait(lock, [&] { return out < callers; });
    ++out;
    lock.unlock();
    call(number, [&](bool good) {
      std::lock_guard guard(mutex);
      --out;
      ++ended;
      if (good) ++good_ones;
      changed.notify_all();
    });
    if (progress && number % 64 == 0) progress(number);
    lock.lock();
  }
  changed.wait(lock, [&] { return out == 0; });
  return good_ones;
}

double Repeat(size_t threads, double seconds, const std::function<void(size_t thread)>& work) {
  std::atomic<int64_t> times{0};
  const Steady::time_point started = Steady::now();
  const Steady::time_point until = started + Of(seconds);
  std::vector<std::thread> all;
  for (size_t i = 0; i < threads; ++i) {
    all.emplace_back([&, i] {
      while (Steady::now() < until) {
        work(i);
        ++times;
      }
    });
  }
  for (std::thread& thread : all) thread.join();
  return static_cast<double>(times) / Seconds(Steady::now() - started).count();
}

}  // namespace latchkey::bench
