// SPDX-License-Identifier: Apache-2.0
#include "services/base/periodic.h"

#include <utility>

namespace latchkey {

Periodic::Periodic(Millis pause, std::function<bool()> step)
    : pause_(pause), step_(std::move(step)), thread_([this] { Run(); }) {}

void Periodic::Nudge() {
  {
    std::lock_guard lock(mutex_);
    nudged_ = true;
  }
  wake_.notify_one();
}

void Periodic::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Periodic::Run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    nudged_ = false;
    lock.unlock();
    const bool again = step_();
    lock.lock();
    if (again) continue;
    wake_.wait_for(lock, pause_, [this] { return stopping_ || nudged_; });
  }
}

}  // namespace latchkey
