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

// Makes what is not there: a bank's own programs call OpenBeside.
// kMalformed (field "ledger.engine") for an unknown engine; kUnavailable, with a line that says
// what to do, when the engine cannot be reached. Applies no migrations: call Migrate.
Result<std::unique_ptr<Ledger>> Open(const LedgerOptions& options);

enum class WhereNone {
  kRefuse,
  kMake,  // `latchkey migrate` alone: a ledger that was lost must not come back empty by itself
};
// The same for a bank with this checkpoint file. kNotAllowed, with what to do, when there is no
// ledger (no file, or nothing was ever migrated in it): to be made here only where that is asked
// for, and where no checkpoint file tells of one that was there before.
Result<std::unique_ptr<Ledger>> OpenBeside(const LedgerOptions& options,
                                           const std::filesystem::path& checkpoint_file,
                                           WhereNone where_none);

}  // namespace latchkey::ledger
