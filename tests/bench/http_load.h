// SPDX-License-Identifier: Apache-2.0
// Browsers: connections that ask for a page again and again, and those that are only there.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>

#include "tests/bench/load.h"

namespace latchkey::bench {

struct Page {
  uint16_t port = 0;
  std::string host;  // as in the header
  std::string path;
  std::string Request() const;
};

struct Answer {
  std::string head;  // with the status line, up to the empty line
  std::string body;
};
// One request on a connection of its own; dies when there is no answer.
Answer Fetch(const Page& page);

// So many connections with one request at a time each, on one thread. A connection that is closed
// after an answer is opened again, as a browser does.
Tally AskAgain(const Page& page, size_t connections, Span span);

// Connections that nobody wants: idle ones that asked once and stay, and slow ones that send a byte
// of a request's headers each second. Those that are cut come again, until this ends.
struct Crowd {
  size_t idle = 0;
  size_t slow = 0;
};
class Crowding {
 public:
  // Returns when all stand.
  Crowding(const Page& page, Crowd crowd);
  ~Crowding();
  Crowding(const Crowding&) = delete;
  Crowding& operator=(const Crowding&) = delete;

  // How often one was cut and came again.
  uint64_t reopened() const { return reopened_; }

 private:
  void Run(const Page& page, Crowd crowd);

  std::atomic<bool> stopping_{false};
  std::atomic<bool> standing_{false};
  std::atomic<uint64_t> reopened_{0};
  std::thread thread_;
};

// Raises the limit of open files; dies when so many are not allowed.
void NeedFiles(size_t files);

}  // namespace latchkey::bench
