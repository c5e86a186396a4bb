// SPDX-License-Identifier: Apache-2.0
// TCP on this machine, and waiting for many of it.
#pragma once

#include <sys/epoll.h>

#include <cstdint>
#include <string_view>
#include <vector>

namespace latchkey::bench {

// A connection to 127.0.0.1:port from 127.SOURCE (24 bits; 0: the usual one), not blocking; -1 when
// there is none.
int Dial(uint16_t port, uint32_t source);
// All of it at once; false when the other side does not take it.
bool SendAll(int fd, std::string_view bytes);

class Poller {
 public:
  Poller();
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  void Watch(int fd, size_t number);
  // Numbers of those that have something to read or have ended.
  const std::vector<size_t>& Wait(int millis);

 private:
  int fd_;
  std::vector<epoll_event> events_;
  std::vector<size_t> ready_;
};

}  // namespace latchkey::bench
