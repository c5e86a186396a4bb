// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/http_load.h"

#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <vector>

#include "tests/bench/process.h"
#include "tests/bench/sockets.h"

namespace latchkey::bench {
namespace {

using Steady = std::chrono::steady_clock;

constexpr int kPatienceMillis = 10'000;

// Where the first answer in `text` ends; 0: not yet.
struct Measured {
  size_t head = 0;
  size_t whole = 0;
  bool close = false;
};
Measured Measure(const std::string& text) {
  const size_t end = text.find("\r\n\r\n");
  if (end == std::string::npos) return {};
  std::string head = text.substr(0, end + 2);
  std::transform(head.begin(), head.end(), head.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const std::string mark = "\r\ncontent-length:";
  const size_t at = head.find(mark);
  const size_t body =
      at == std::string::npos ? 0 : std::strtoul(head.c_str() + at + mark.size(), nullptr, 10);
  if (text.size() < end + 4 + body) return {};
  return {.head = end + 4,
          .whole = end + 4 + body,
          .close = head.find("\r\nconnection: close") != std::string::npos};
}

// One browser's connection.
struct Browser {
  int fd = -1;
  std::string in;
  Steady::time_point asked;
};

class Browsers {
 public:
  Browsers(const Page& page, size_t count, Span span)
      : page_(page), request_(page.Request()), all_(count) {
    from_ = Steady::now() + std::chrono::duration_cast<Steady::duration>(
                                std::chrono::duration<double>(span.warm_up));
    until_ = from_ + std::chrono::duration_cast<Steady::duration>(
                         std::chrono::duration<double>(span.seconds));
    tally_.seconds = span.seconds;
  }
  ~Browsers() {
    for (const Browser& each : all_) ::close(each.fd);
  }

  Tally Run() {
    for (size_t i = 0; i < all_.size(); ++i) Open(i);
    while (Steady::now() < until_) {
      for (size_t i : poller_.Wait(50)) Read(i);
    }
    return std::move(tally_);
  }

 private:
  void Open(size_t number) {
    Browser& each = all_[number];
    if (each.fd >= 0) ::close(each.fd);
    each.fd = Dial(page_.port, 0);
    if (each.fd < 0) Die("a page's server takes no connection");
    poller_.Watch(each.fd, number);
    Ask(number);
  }
  void Ask(size_t number) {
    Browser& each = all_[number];
    each.in.clear();
    each.asked = Steady::now();
    if (!SendAll(each.fd, request_)) Refused(number);
  }
  void Refused(size_t number) {
    if (Steady::now() >= from_) ++tally_.refused;
    Open(number);
  }
  void Read(size_t number) {
    Browser& each = all_[number];
    char piece[64 * 1024];
    const ssize_t got = ::recv(each.fd, piece, sizeof piece, 0);
    if (got <= 0) return Refused(number);
    each.in.append(piece, static_cast<size_t>(got));
    const Measured measured = Measure(each.in);
    if (measured.whole == 0) return;
    const Steady::time_point now = Steady::now();
    const bool good = each.in.compare(9, 3, "200") == 0;
    if (now >= from_) {
      if (good) {
        ++tally_.answered;
        tally_.millis.push_back(
            std::chrono::duration<double, std::milli>(now - each.asked).count());
      } else {
        ++tally_.refused;
      }
    }
    measured.close ? Open(number) : Ask(number);
  }

  const Page page_;
  const std::string request_;
  std::vector<Browser> all_;
  Poller poller_;
  Steady::time_point from_, until_;
  Tally tally_;
};

}  // namespace

std::string Page::Request() const {
  return "GET " + path + " HTTP/1.1\r\nHost: " + host +
         "\r\nAccept: text/html\r\nAccept-Language: en\r\nUser-Agent: bench\r\n\r\n";
}

Answer Fetch(const Page& page) {
  const int fd = Dial(page.port, 0);
  if (fd < 0 || !SendAll(fd, page.Request())) Die("no answer for " + page.path);
  std::string text;
  Measured measured;
  while (measured.whole == 0) {
    pollfd ready{.fd = fd, .events = POLLIN, .revents = 0};
    char piece[64 * 1024];
    const ssize_t got =
        ::poll(&ready, 1, kPatienceMillis) == 1 ? ::recv(fd, piece, sizeof piece, 0) : -1;
    if (got <= 0) Die("no answer for " + page.path);
    text.append(piece, static_cast<size_t>(got));
    measured = Measure(text);
  }
  ::close(fd);
  return {.head = text.substr(0, measured.head),
          .body = text.substr(measured.head, measured.whole - measured.head)};
}

Tally AskAgain(const Page& page, size_t connections, Span span) {
  return Browsers(page, connections, span).Run();
}

void NeedFiles(size_t files) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = std::max(limit.rlim_cur, std::min<rlim_t>(files, limit.rlim_max));
  ::setrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur < files) {
    Die("this process may open " + std::to_string(limit.rlim_cur) + " files and needs " +
        std::to_string(files) + "; raise the hard limit (ulimit -Hn)");
  }
}

}  // namespace latchkey::bench
