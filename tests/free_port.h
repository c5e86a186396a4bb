// SPDX-License-Identifier: Apache-2.0
// Ports for servers that tests start.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>

#include "services/base/check.h"

namespace latchkey {

// A port on loopback that the system has just given out and taken back.
inline uint16_t FreePort() {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  LATCHKEY_CHECK(::bind(listener, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                 ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  ::close(listener);
  return ntohs(address.sin_port);
}

}  // namespace latchkey
