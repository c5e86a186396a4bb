// SPDX-License-Identifier: Apache-2.0
#include "services/hotstate/open.h"

#include <string>
#include <utility>

#include "crypto/private_file.h"
#include "services/hotstate/fallback.h"
#include "services/hotstate/redis/redis_hot_state.h"
#include "services/hotstate/sql/sql_hot_state.h"

namespace latchkey::hotstate {

Result<HotStateOptions> OptionsOf(const Config::HotState& config) {
  using Engine = Config::HotState::Engine;
  HotStateOptions options{.path = config.path};
  if (config.engine == Engine::kSqlite) return options;
  options.engine = config.engine == Engine::kLedger ? "ledger" : "redis";
  if (config.engine == Engine::kLedger) return options;
  options.redis_address = config.socket.empty() ? config.host + ":" + std::to_string(config.port)
                                                : "unix:" + config.socket.string();
  options.redis_connections = config.connections;
  options.redis_timeout = config.timeout;
  if (!config.password_file.empty()) {
    LATCHKEY_ASSIGN(options.redis_password, crypto::ReadPrivateLine(config.password_file));
  }
  return options;
}

Result<std::unique_ptr<HotState>> Open(const HotStateOptions& options, ledger::Ledger& ledger) {
  if (options.engine == "sqlite") return OpenInFile(options.path);
  if (options.engine == "ledger") return OpenOnLedger(ledger);
  if (options.engine != "redis") {
    return Malformed("hot_state.engine",
                     "\"" + options.engine + "\" is none of sqlite, redis, ledger");
  }
  LATCHKEY_ASSIGN(std::unique_ptr<HotState> redis,
                  OpenRedis({.address = options.redis_address,
                             .password = options.redis_password.Copy(),
                             .connections = options.redis_connections,
                             .timeout = options.redis_timeout}));
  LATCHKEY_ASSIGN(std::unique_ptr<HotState> on_ledger, OpenOnLedger(ledger));
  return std::unique_ptr<HotState>(
      std::make_unique<FallbackHotState>(std::move(redis), std::move(on_ledger)));
}

}  // namespace latchkey::hotstate
