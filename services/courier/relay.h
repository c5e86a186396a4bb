// SPDX-License-Identifier: Apache-2.0
// One conversation with one mail relay: hands over one message to one recipient (RFC 5321), by
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

// A new connection for each message: nothing of one conversation can leak into the next, and at a
// bank's pace of recoveries the handshake does not matter. `helo` is our own host name. Takes at
// most `timeout`.
Handover HandOver(const RelayOptions& relay, const Envelope& envelope, const std::string& helo,
                  Millis timeout);

}  // namespace latchkey::courier
