// SPDX-License-Identifier: Apache-2.0
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <vector>

#include "tests/bench/http_load.h"
#include "tests/bench/process.h"
#include "tests/bench/sockets.h"

namespace latchkey::bench {
namespace {

using Steady = std::chrono::steady_clock;

// Fewer than the portal allows to one source.
constexpr uint32_t kFromOneSource = 50;
constexpr uint32_t kFirstSource = 1 << 16;  // 127.1.0.0
constexpr int kTickMillis = 100;
constexpr size_t kTicksInSecond = 10;

}  // namespace

Crowding::Crowding(const Page& page, Crowd crowd)
    : thread_([this, page, crowd] { Run(page, crowd); }) {
  standing_.wait(false);
}

Crowding::~Crowding() {
  stopping_ = true;
  thread_.join();
}

void Crowding::Run(const Page& page, Crowd crowd) {
  const size_t count = crowd.idle + crowd.slow;
  const std::string whole = page.Request();
  const std::string begun = whole.substr(0, whole.size() - 4) + "\r\nX-Slow: ";
  std::vector<int> sockets(count, -1);
  Poller poller;
  auto open = [&](size_t number) {
    if (sockets[number] >= 0) ::close(sockets[number]);
    const auto source = kFirstSource + static_cast<uint32_t>(number) / kFromOneSource + 1;
    sockets[number] = Dial(page.port, source);
    if (sockets[number] < 0) Die("the portal takes no connection of the crowd");
    poller.Watch(sockets[number], number);
    SendAll(sockets[number], number < crowd.idle ? whole : begun);
  };
  for (size_t i = 0; i < count; ++i) open(i);
  standing_ = true;
  standing_.notify_all();
  Steady::time_point tick = Steady::now();
  for (size_t turn = 0; !stopping_;) {
    for (size_t number : poller.Wait(kTickMillis / 2)) {
      char piece[64 * 1024];
      if (::recv(sockets[number], piece, sizeof piece, 0) > 0) continue;
      ++reopened_;
      open(number);
    }
    if (Steady::now() - tick < std::chrono::milliseconds(kTickMillis)) continue;
    tick = Steady::now();
    // A tenth of the slow ones with each tick: each sends its byte once a second.
    for (size_t i = crowd.idle + turn++ % kTicksInSecond; i < count; i += kTicksInSecond) {
      SendAll(sockets[i], "x");
    }
  }
  for (int fd : sockets) ::close(fd);
}

}  // namespace latchkey::bench
