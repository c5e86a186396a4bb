// SPDX-License-Identifier: Apache-2.0
// The unit tests of recovery run on SQLite; tests/contract/recovery runs the same ones on
// PostgreSQL.
#include "services/ledger/sqlite/sqlite.h"
#include "tests/unit/recovery/world.h"

namespace latchkey::recovery {

std::unique_ptr<ledger::Ledger> OpenTestLedger(const std::filesystem::path& folder) {
  return ledger::OpenSqlite({.path = folder / "ledger.sqlite"}).value();
}

}  // namespace latchkey::recovery
