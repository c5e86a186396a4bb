// SPDX-License-Identifier: Apache-2.0
// The configuration files that `latchkey init` writes.
#pragma once

#include <string>
#include <string_view>

#include "services/base/result.h"
#include "services/operator/commands.h"

namespace latchkey::operate {

std::string ServiceToml(const InitOptions& options);
std::string PortalToml(const InitOptions& options);
std::string PhoneToml(const InitOptions& options);
// The table [service] of any client; `certificate` is the stem of its files in tls/.
std::string ClientToml(const InitOptions& options, std::string_view certificate);

// "host:port", "[::1]:port": split at the last colon. kMalformed (field `what`) when it is none.
struct HostAndPort {
  std::string host;
  int port = 0;
};
Result<HostAndPort> SplitAddress(std::string_view what, std::string_view text);

}  // namespace latchkey::operate
