// SPDX-License-Identifier: Apache-2.0
// Conversations with one mail relay: each hands over one message to one recipient (RFC 5321), by
// libcurl.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "crypto/secret.h"
#include "services/base/clock.h"
#include "services/base/result.h"
#include "services/courier/channel.h"

namespace latchkey::courier {

enum class RelayTls {
  kStartTls,  // demanded before anything else is said (RFC 3207)
  kImplicit,  // from the first byte (RFC 8314)
  kNone,      // loopback only
};

struct RelayOptions {
  std::string host;
  uint16_t port = 587;
  RelayTls tls = RelayTls::kStartTls;
  std::filesystem::path authority;  // file of trusted certificates; empty: the system's
  std::string user;                 // empty: no authentication
  Secret password;
};

// kMalformed with the option's name as `field`.
Done CheckRelay(const RelayOptions& relay);

struct Envelope {
  std::string_view from;
  std::string_view to;
  std::string_view mail;  // CRLF lines
};

struct Handover {
  Delivery delivery;
  // The relay itself is at fault (away, no TLS, refuses us): the next one should be asked, and this
  // one spared a while.
  bool relay_failed = false;
};

// A line to one relay, by which one message goes after another: a handshake costs as much as many
// messages, and a surge is when that matters. It lasts as long as the relay keeps it, at most ten
// minutes; any failure ends it, and the next message gets a new one. What a message or its answer
// was is forgotten before the next. `relay` outlives it. Threads: one at a time.
class RelayLine {
 public:
  // `helo` is our own host name. Talks to nobody yet.
  RelayLine(const RelayOptions& relay, std::string helo);
  ~RelayLine();
  RelayLine(const RelayLine&) = delete;
  RelayLine& operator=(const RelayLine&) = delete;

  // Takes at most `timeout`.
  Handover HandOver(const Envelope& envelope, Millis timeout);

 private:
  const RelayOptions& relay_;
  const std::string helo_;
  void* handle_;  // libcurl's
};

}  // namespace latchkey::courier
