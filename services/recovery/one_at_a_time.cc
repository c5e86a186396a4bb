// SPDX-License-Identifier: Apache-2.0
#include "services/recovery/one_at_a_time.h"

namespace latchkey::recovery {

std::optional<OneAtATime::Turn> OneAtATime::Enter(const Bytes& key, Millis patience) {
  std::unique_lock lock(mutex_);
  if (taken_.contains(key)) {
    if (waiting_ >= kLongestQueue) return std::nullopt;
    ++waiting_;
    const bool free = left_.wait_for(lock, patience, [&] { return !taken_.contains(key); });
    --waiting_;
    if (!free) return std::nullopt;
  }
  taken_.insert(key);
  return Turn(this, key);
}

int OneAtATime::waiting() {
  std::lock_guard lock(mutex_);
  return waiting_;
}

void OneAtATime::Leave(const Bytes& key) {
  {
    std::lock_guard lock(mutex_);
    taken_.erase(key);
  }
  left_.notify_all();
}

}  // namespace latchkey::recovery
