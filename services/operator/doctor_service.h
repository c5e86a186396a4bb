// SPDX-License-Identifier: Apache-2.0
// Asks the running service how it is, as the operator's role.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "services/base/config.h"
#include "services/base/result.h"

namespace latchkey::operate {

struct ServiceStatus {
  std::string version;
  int64_t schema_version = 0;
  int64_t intakes_waiting = 0;
  int64_t messages_waiting = 0;
  int64_t messages_set_aside = 0;
  std::map<std::string, int> newest_keys;  // by use; empty where an older program answers
};

// Calls Operator.GetStatus over mutual TLS with `tls`/operator.crt and .key. kUnavailable when
// it does not answer, kNotAllowed when it refuses this certificate, kMalformed when that and its
// key cannot be used; the detail is for people.
Result<ServiceStatus> AskService(const Config& config, const std::filesystem::path& tls);

}  // namespace latchkey::operate
