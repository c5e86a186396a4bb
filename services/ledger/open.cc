// SPDX-License-Identifier: Apache-2.0
#include "services/ledger/open.h"

#include "services/ledger/postgres/postgres.h"
#include "services/ledger/sqlite/sqlite.h"

namespace latchkey::ledger {

Result<std::unique_ptr<Ledger>> Open(const LedgerOptions& options) {
  if (options.engine == "sqlite") {
    return OpenSqlite({.path = options.path, .readers = options.connections});
  }
  if (options.engine == "postgres") {
    return OpenPostgres({.conninfo = options.conninfo, .connections = options.connections});
  }
  return Malformed("ledger.engine", "the engine is \"sqlite\" or \"postgres\"");
}

}  // namespace latchkey::ledger
