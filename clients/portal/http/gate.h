// SPDX-License-Identifier: Apache-2.0
// Who may stay connected: bounds in all and for each source, and who goes first when there are too
// many.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace latchkey::portal {

// A connection that waits for a request, or sends one slowly, holds its seat only as long as nobody
// else needs it: a newcomer takes the seat of the one that waits longest. Thousands of idle or slow
// connections so cost a stranger much and a customer nothing. A request that has arrived is never
// cut off for another. Threads: any.
class Gate {
 public:
  using Seat = uint64_t;

  Gate(size_t seats, size_t seats_per_source) : seats_(seats), per_source_(seats_per_source) {}

  // A seat for a connection from `source` (empty: not counted, as for a listed proxy); it begins as
  // waiting. Absent when the source has too many, or all seats are at work. `leave` must close the
  // connection; it may be called from any thread, once, and never after Leave.
  std::optional<Seat> Enter(const std::string& source, std::function<void()> leave);
  // A request has arrived, or its answer has gone out.
  void Work(Seat seat);
  void Wait(Seat seat);
  void Leave(Seat seat);
  // Closes everybody who waits; for a graceful stop.
  void CloseWaiting();

  size_t taken() const;

 private:
  struct Sitting {
    std::string source;
    std::function<void()> leave;
    std::optional<std::list<Seat>::iterator> waiting;
  };
  void Remove(std::unordered_map<Seat, Sitting>::iterator found);

  const size_t seats_;
  const size_t per_source_;
  mutable std::mutex mutex_;
  Seat last_ = 0;
  std::unordered_map<Seat, Sitting> sitting_;
  std::map<std::string, size_t> by_source_;
  std::list<Seat> waiting_;  // longest first
};

}  // namespace latchkey::portal
