// SPDX-License-Identifier: Apache-2.0
// A connection on which a test says any bytes it likes.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "services/base/check.h"

namespace latchkey::portal {

class Wire {
 public:
  // `from`: which of the loopback network's addresses the server sees.
  explicit Wire(uint16_t port, const std::string& from = "127.0.0.1")
      : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in own = At(from, 0), to = At("127.0.0.1", port);
    timeval patience{20, 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    const int yes = 1;
    setsockopt(socket_, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
    LATCHKEY_CHECK(::bind(socket_, reinterpret_cast<sockaddr*>(&own), sizeof own) == 0);
    static_cast<void>(::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to));
  }
  ~Wire() { ::close(socket_); }
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  void Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
  }
  // Until the peer closes.
  std::string ReadAll() {
    std::string all;
    char chunk[4096];
    for (ssize_t got; (got = ::recv(socket_, chunk, sizeof chunk, 0)) > 0;) {
      all.append(chunk, static_cast<size_t>(got));
    }
    return all;
  }
  std::string ReadUntil(std::string_view mark) {
    std::string all;
    char c;
    while (all.find(mark) == std::string::npos && ::recv(socket_, &c, 1, 0) == 1) all += c;
    return all;
  }

 private:
  static sockaddr_in At(const std::string& address, uint16_t port) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    LATCHKEY_CHECK(inet_pton(AF_INET, address.c_str(), &at.sin_addr) == 1);
    return at;
  }

  int socket_;
};

}  // namespace latchkey::portal
