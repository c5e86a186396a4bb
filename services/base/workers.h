// SPDX-License-Identifier: Apache-2.0
// A bounded pool: so many threads, so many waiting tasks, and no more.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace latchkey {

// Threads: any may submit. Tasks start in order. The destructor runs what is waiting, then joins.
class Workers {
 public:
  // `yielding`: what is added to these threads' nice value; 0 leaves them as they are.
  Workers(size_t threads, size_t longest_queue, int yielding = 0);
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // False when the queue is full: the caller answers kBusy, and nothing was started.
  [[nodiscard]] bool Submit(std::function<void()> task);
  size_t waiting() const;

 private:
  void Work(int yielding);

  const size_t longest_queue_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> queue_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace latchkey
