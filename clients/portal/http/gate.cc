// SPDX-License-Identifier: Apache-2.0
#include "clients/portal/http/gate.h"

#include <utility>
#include <vector>

namespace latchkey::portal {

std::optional<Gate::Seat> Gate::Enter(const std::string& source, std::function<void()> leave) {
  std::function<void()> evicted;
  std::optional<Seat> seat;
  {
    std::lock_guard lock(mutex_);
    if (!source.empty()) {
      auto counted = by_source_.find(source);
      if (counted != by_source_.end() && counted->second >= per_source_) return std::nullopt;
    }
    if (sitting_.size() >= seats_) {
      if (waiting_.empty()) return std::nullopt;
      auto longest = sitting_.find(waiting_.front());
      evicted = std::move(longest->second.leave);
      Remove(longest);
    }
    seat = ++last_;
    waiting_.push_back(*seat);
    sitting_.emplace(*seat, Sitting{source, std::move(leave), std::prev(waiting_.end())});
    if (!source.empty()) ++by_source_[source];
  }
  if (evicted) evicted();
  return seat;
}

void Gate::Work(Seat seat) {
  std::lock_guard lock(mutex_);
  auto found = sitting_.find(seat);
  if (found == sitting_.end()) return;
  if (auto& waiting = found->second.waiting) {
    waiting_.erase(*waiting);
    waiting.reset();
  }
}

void Gate::Wait(Seat seat) {
  std::lock_guard lock(mutex_);
  auto found = sitting_.find(seat);
  if (found == sitting_.end() || found->second.waiting) return;
  waiting_.push_back(seat);
  found->second.waiting = std::prev(waiting_.end());
}

void Gate::Leave(Seat seat) {
  std::lock_guard lock(mutex_);
  auto found = sitting_.find(seat);
  if (found != sitting_.end()) Remove(found);
}

void Gate::CloseWaiting() {
  std::vector<std::function<void()>> leaving;
  {
    std::lock_guard lock(mutex_);
    while (!waiting_.empty()) {
      auto longest = sitting_.find(waiting_.front());
      leaving.push_back(std::move(longest->second.leave));
      Remove(longest);
    }
  }
  for (auto& leave : leaving) leave();
}

size_t Gate::taken() const {
  std::lock_guard lock(mutex_);
  return sitting_.size();
}

void Gate::Remove(std::unordered_map<Seat, Sitting>::iterator found) {
  if (const auto& waiting = found->second.waiting) waiting_.erase(*waiting);
  if (auto counted = by_source_.find(found->second.source);
      counted != by_source_.end() && --counted->second == 0) {
    by_source_.erase(counted);
  }
  sitting_.erase(found);
}

}  // namespace latchkey::portal
