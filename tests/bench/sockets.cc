// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/sockets.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/bench/process.h"

namespace latchkey::bench {
namespace {

constexpr size_t kEventsAtOnce = 512;

sockaddr_in Loopback(uint32_t last_bytes, uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(uint32_t{127} << 24 | last_bytes);
  return address;
}

}  // namespace

int Dial(uint16_t port, uint32_t source) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const sockaddr_in from = Loopback(source == 0 ? 1 : source, 0);
  const sockaddr_in to = Loopback(1, port);
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0 ||
      ::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
    ::close(fd);
    return -1;
  }
  ::fcntl(fd, F_SETFL, O_NONBLOCK);
  return fd;
}

bool SendAll(int fd, std::string_view bytes) {
  return ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
}

Poller::Poller() : fd_(::epoll_create1(EPOLL_CLOEXEC)), events_(kEventsAtOnce) {
  if (fd_ < 0) Die("epoll cannot be had");
}
Poller::~Poller() { ::close(fd_); }

void Poller::Watch(int fd, size_t number) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = number;
  if (::epoll_ctl(fd_, EPOLL_CTL_ADD, fd, &event) != 0) Die("epoll refuses a connection");
}

const std::vector<size_t>& Poller::Wait(int millis) {
  ready_.clear();
  const int count = ::epoll_wait(fd_, events_.data(), static_cast<int>(events_.size()), millis);
  for (int i = 0; i < count; ++i) ready_.push_back(events_[static_cast<size_t>(i)].data.u64);
  return ready_;
}

}  // namespace latchkey::bench
