// SPDX-License-Identifier: Apache-2.0
// The tests of tests/unit/recovery once more, on PostgreSQL: the laws hold on every engine.
#include "services/ledger/open.h"
#include "tests/contract/engines/postgres.h"
#include "tests/unit/recovery/world.h"

namespace latchkey::recovery {

std::unique_ptr<ledger::Ledger> OpenTestLedger(const std::filesystem::path&) {
  return ledger::Open({.engine = "postgres",
                       .path = {},
                       .conninfo = testing::ThrowawayPostgres::Shared().NewDatabase(),
                       .connections = 8})
      .value();
}

}  // namespace latchkey::recovery
