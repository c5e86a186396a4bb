// SPDX-License-Identifier: Apache-2.0
// The unit tests of cases and of staff run on SQLite; tests/contract/assist runs the same ones on
// PostgreSQL.
#include "services/ledger/sqlite/sqlite.h"
#include "tests/unit/cases/bank.h"

namespace latchkey::testing {

std::unique_ptr<ledger::Ledger> OpenTestLedger(const std::filesystem::path& folder) {
  return ledger::OpenSqlite({.path = folder / "ledger.db"}).value();
}

}  // namespace latchkey::testing
