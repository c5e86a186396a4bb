// SPDX-License-Identifier: Apache-2.0
// What every ledger on SQLite does with a connection.
#pragma once

#include <cstdint>

#include "services/base/result.h"
#include "services/ledger/sqlite/connection.h"

namespace latchkey::ledger::sqlite {

// Applies the migrations that are missing. REQUIRES: a transaction that writes.
Result<int64_t> MigrateOn(Connection& connection);

}  // namespace latchkey::ledger::sqlite
