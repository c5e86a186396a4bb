// SPDX-License-Identifier: Apache-2.0
// The tests of tests/unit/cases and tests/unit/assist once more, on PostgreSQL: the laws hold on
// every engine.
#include "services/ledger/open.h"
#include "tests/contract/engines/postgres.h"
#include "tests/unit/cases/bank.h"

namespace latchkey::testing {

std::unique_ptr<ledger::Ledger> OpenTestLedger(const std::filesystem::path&) {
  return ledger::Open({.engine = "postgres",
                       .path = {},
                       .conninfo = ThrowawayPostgres::Shared().NewDatabase(),
                       .connections = 8})
      .value();
}

}  // namespace latchkey::testing
