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
  struct Manner {
    int yielding = 0;                             // added to these threads' nice value
    std::function<void()> before_idling = [] {};  // in a thread that found nothing more to do
  };
  Workers(size_t threads, size_t longest_queue) : Workers(threads, longest_queue, Manner()) {}
  Workers(size_t threads, size_t longest_queue, Manner manner);
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // False when the queue is full: the caller answers kBusy, and nothing was started.
  [[nodiscard]] bool Submit(std::function<void()> task);
  size_t waiting() const;

 private:
  void Work();

  const size_t longest_queue_;
  const Manner manner_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> queue_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace latchkey
