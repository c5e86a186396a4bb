// SPDX-License-Identifier: Apache-2.0
// A background task that runs again and again in a thread of its own until it is stopped.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "services/base/clock.h"

namespace latchkey {

// `step` returns true when it found work and there may be more: it is then called again at once,
// otherwise after `pause`. Stop (and the destructor) lets the running step finish. Threads: any may
// call Nudge and Stop.
class Periodic {
 public:
  Periodic(Millis pause, std::function<bool()> step);
  ~Periodic() { Stop(); }
  Periodic(const Periodic&) = delete;
  Periodic& operator=(const Periodic&) = delete;

  // Ends the present pause: there is something to do.
  void Nudge();
  void Stop();

 private:
  void Run();

  const Millis pause_;
  const std::function<bool()> step_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool nudged_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace latchkey
