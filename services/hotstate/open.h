// SPDX-License-Identifier: Apache-2.0
// Opens the hot state that the configuration names.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "crypto/secret.h"
#include "services/base/config.h"
#include "services/hotstate/hotstate.h"
#include "services/ledger/ledger.h"

namespace latchkey::hotstate {

struct HotStateOptions {
  std::string engine = "sqlite";    // "sqlite", "redis", or "ledger": on the ledger's own database
  std::filesystem::path path = {};  // sqlite: its file, apart from the ledger's
  std::string redis_address = {};   // redis: host:port or unix:/path/of/socket
  Secret redis_password = {};       // empty: none
  size_t redis_connections = 8;
  Millis redis_timeout{250};  // to connect, and for each answer
};

// As the configuration says it. kUnavailable with a line that says what to do when the password's
// file cannot be read.
Result<HotStateOptions> OptionsOf(const Config::HotState& config);

// `ledger` must be migrated and outlive the hot state; with "redis" it takes the verbs over while
// Redis is away. kMalformed (field "hot_state.engine") for an unknown engine; kUnavailable with a
// line that says what to do.
Result<std::unique_ptr<HotState>> Open(const HotStateOptions& options, ledger::Ledger& ledger);

}  // namespace latchkey::hotstate
