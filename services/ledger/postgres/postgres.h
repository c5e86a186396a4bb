// SPDX-License-Identifier: Apache-2.0
// The ledger on PostgreSQL 15 or later, or an engine that speaks its protocol.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "services/base/clock.h"
#include "services/base/result.h"
#include "services/ledger/ledger.h"

namespace latchkey::ledger {

struct PostgresOptions {
  // libpq's connection string or URI. Unless it says otherwise: only a server that takes writes
  // (never a replica that lags, Law 1), 5 seconds to connect, and 10 for a server that has gone
  // without a word.
  std::string conninfo;
  int connections = 8;               // at most so many at once; further callers wait
  Millis wait_for_connection{5000};  // … so long, then kUnavailable
  // The server's own limit. A second later, ten in all, its answer is no longer waited for.
  Millis statement_timeout{9000};
  Millis lock_timeout{5000};
  // Once it did not answer, or could not be connected to, one caller in so long asks it; the others
  // are told at once.
  Millis pause_when_away{1000};
};

// Opens the first connection. kUnavailable with the server's own line when that fails.
//
// Commit runs READ COMMITTED and runs the work again, a few times, when the server asks for it
// (deadlock, serialization) or the connection broke before COMMIT was sent. When it breaks after
// that, or COMMIT is not answered in time, the outcome is unknown: kUnavailable. Read runs
// REPEATABLE READ.
Result<std::unique_ptr<Ledger>> OpenPostgres(const PostgresOptions& options);

}  // namespace latchkey::ledger
