// SPDX-License-Identifier: Apache-2.0
// What every ledger on SQLite does with a connection: run one caller's work, and migrate.
#pragma once

#include <cstdint>

#include "services/base/result.h"
#include "services/ledger/ledger.h"
#include "services/ledger/sqlite/connection.h"

namespace latchkey::ledger::sqlite {

// Runs the work in the transaction that the connection is in. It fails when the work says so,
// throws, or went on after a failed statement: nothing more is run then, as on every engine.
Done Attempt(Connection& connection, const Work& work);

// Applies the migrations that are missing. REQUIRES: a transaction that writes.
Result<int64_t> MigrateOn(Connection& connection);

}  // namespace latchkey::ledger::sqlite
