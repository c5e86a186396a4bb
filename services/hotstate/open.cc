// SPDX-License-Identifier: Apache-2.0
#include "services/hotstate/open.h"

#include <utility>

#include "services/hotstate/fallback.h"
#include "services/hotstate/redis/redis_hot_state.h"
#include "services/hotstate/sql/sql_hot_state.h"

namespace latchkey::hotstate {

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
