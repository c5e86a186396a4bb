// SPDX-License-Identifier: Apache-2.0
// Opens the ledger that the configuration names.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "services/base/result.h"
#include "services/ledger/ledger.h"

namespace latchkey::ledger {

struct LedgerOptions {
  std::string engine = "sqlite";  // or "postgres"
  std::filesystem::path path;     // sqlite: the file
  std::string conninfo;           // postgres: libpq's connection string or URI
  int connections = 8;            // postgres: at most so many at once; sqlite: so many readers
};

// kMalformed (field "ledger.engine") for an unknown engine; kUnavailable, with a line that says
// what to do, when the engine cannot be reached. Applies no migrations: call Migrate.
Result<std::unique_ptr<Ledger>> Open(const LedgerOptions& options);

}  // namespace latchkey::ledger
