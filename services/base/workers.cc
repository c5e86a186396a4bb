// SPDX-License-Identifier: Apache-2.0
#include "services/base/workers.h"

#include <unistd.h>

#include <utility>

namespace latchkey {

Workers::Workers(size_t threads, size_t longest_queue, Manner manner)
    : longest_queue_(longest_queue), manner_(std::move(manner)) {
  threads_.reserve(threads);
  for (size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { Work(); });
}

Workers::~Workers() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool Workers::Submit(std::function<void()> task) {
  {
    std::lock_guard lock(mutex_);
    if (stopping_ || queue_.size() >= longest_queue_) return false;
    queue_.push_back(std::move(task));
  }
  wake_.notify_one();
  return true;
}

size_t Workers::waiting() const {
  std::lock_guard lock(mutex_);
  return queue_.size();
}

void Workers::Work() {
  // Of this thread alone, as Linux has it; where it is refused, nothing is lost but the order.
  [[maybe_unused]] const int now = nice(manner_.yielding);
  std::unique_lock lock(mutex_);
  while (true) {
    if (queue_.empty() && !stopping_) {
      lock.unlock();
      manner_.before_idling();
      lock.lock();
    }
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) return;
    std::function<void()> task = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    task();
    task = nullptr;  // what it holds ends without the lock
    lock.lock();
  }
}

}  // namespace latchkey
