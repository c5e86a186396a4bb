// SPDX-License-Identifier: Apache-2.0
#include "services/ledger/open.h"

#include <system_error>

#include "services/ledger/migrate.h"
#include "services/ledger/postgres/postgres.h"
#include "services/ledger/sqlite/sqlite.h"

namespace latchkey::ledger {
namespace {

// A file that cannot be looked at is not missing: opening it says why.
bool IsMissing(const std::filesystem::path& file) {
  std::error_code error;
  return std::filesystem::status(file, error).type() == std::filesystem::file_type::not_found;
}

bool IsEmptyOrMissing(const std::filesystem::path& file) {
  std::error_code error;
  const auto size = std::filesystem::file_size(file, error);
  return error ? IsMissing(file) : size == 0;
}

Result<bool> WasNeverMigrated(Ledger& ledger) {
  const auto version = ledger.Query([](Transaction& tx) { return LoadSchemaVersion(tx); });
  if (!version.ok() && version.reason() == Reason::kUnavailable) return version.failure();
  return !version.ok();
}

Failure NoLedger(const LedgerOptions& options, const std::filesystem::path& checkpoint_file) {
  const std::string none =
      "there is no ledger " +
      (options.engine == "sqlite" ? "at " + options.path.string() : std::string("in the database"));
  if (IsEmptyOrMissing(checkpoint_file)) {
    return Fail(Reason::kNotAllowed,
                none + "; for a new bank run latchkey migrate, else put its last copy back");
  }
  return Fail(Reason::kNotAllowed,
              none + ", and " + checkpoint_file.string() +
                  " tells of one that was there: put its last copy back, then run latchkey migrate "
                  "and latchkey restored. Only where there is no copy, and the bank is to begin "
                  "with no customer: move that file away and keep it, then run latchkey migrate");
}

}  // namespace

Result<std::unique_ptr<Ledger>> Open(const LedgerOptions& options) {
  if (options.engine == "sqlite") {
    return OpenSqlite({.path = options.path, .readers = options.connections});
  }
  if (options.engine == "postgres") {
    return OpenPostgres({.conninfo = options.conninfo, .connections = options.connections});
  }
  return Malformed("ledger.engine", "the engine is \"sqlite\" or \"postgres\"");
}

Result<std::unique_ptr<Ledger>> OpenBeside(const LedgerOptions& options,
                                           const std::filesystem::path& checkpoint_file,
                                           WhereNone where_none) {
  const bool may_make = where_none == WhereNone::kMake && IsEmptyOrMissing(checkpoint_file);
  if (may_make) return Open(options);
  if (options.engine == "sqlite" && IsMissing(options.path))
    return NoLedger(options, checkpoint_file);
  LATCHKEY_ASSIGN(auto ledger, Open(options));
  LATCHKEY_ASSIGN(const bool none, WasNeverMigrated(*ledger));
  if (none) return NoLedger(options, checkpoint_file);
  return ledger;
}

}  // namespace latchkey::ledger
