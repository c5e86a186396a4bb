// SPDX-License-Identifier: Apache-2.0
// HTTP/1.1 for browsers, over TLS or plain on the own machine (Boost.Beast, one io_context, few
// threads).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "clients/portal/config.h"
#include "clients/portal/http/message.h"
#include "services/base/result.h"

namespace latchkey::portal {

struct ServerOptions {
  std::string address = {};
  uint16_t port = 0;                           // 0: any free one, as tests want it
  std::filesystem::path tls_certificate = {};  // empty: plain HTTP
  std::filesystem::path tls_key = {};
  unsigned threads = 2;
  LimitsConfig limits = {};
  // Whether connections from this address are not counted for it: a listed proxy speaks for many.
  std::function<bool(const std::string&)> is_proxy = [](const std::string&) { return false; };
};

// What is logged of a request: nothing that a customer typed, no address, no query.
struct AccessLine {
  std::string method;
  std::string path;
  unsigned status = 0;
  Millis took{0};
};

// Holds each connection to bounds: 8 KiB of headers, 16 KiB of body, a time for each step, a Gate
// for all. Every connection runs on its own strand; handlers run on the server's threads and must
// not block.
class Server {
 public:
  // kUnavailable: the port is taken; kMalformed: address, certificate or key; `detail` says what to
  // do.
  static Result<std::unique_ptr<Server>> Start(ServerOptions options, Handler& handler,
                                               std::function<void(const AccessLine&)> log);
  ~Server();
  uint16_t port() const;
  size_t connections() const;
  // Stops accepting, lets requests under way end, and closes the rest. False when some had not
  // ended by then.
  bool Stop(Millis patience);

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace latchkey::portal
