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

// A port on loopback that is this process's until it ends: bound and never listened on, so that
// neither another program nor an outgoing connection is given it, and a server that sets
// SO_REUSEADDR can listen there.
inline uint16_t FreePort() {
  const int held = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  LATCHKEY_CHECK(::setsockopt(held, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
                 ::bind(held, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                 ::getsockname(held, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  return ntohs(address.sin_port);
}

}  // namespace latchkey
