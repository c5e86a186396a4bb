// SPDX-License-Identifier: Apache-2.0
#include "services/ledger/sqlite/work.h"

#include <string>
#include <utility>

#include "services/ledger/driver.h"

namespace latchkey::ledger::sqlite {
namespace {

// SQLite calls a BIGINT key INTEGER when it is to be the row's own number (half the B-trees), and
// checks types in STRICT tables only: with them a type error fails here as it does on PostgreSQL.
std::string ToSqlite(std::string statement) {
  statement = ReplaceWord(std::move(statement), "BIGINT", "INTEGER");
  statement = ReplaceWord(std::move(statement), "BYTEA", "BLOB");
  if (statement.starts_with("CREATE TABLE")) statement += " STRICT";
  return statement;
}

}  // namespace

Result<int64_t> MigrateOn(Connection& connection) {
  LATCHKEY_TRY(connection.RunText(
      "CREATE TABLE IF NOT EXISTS schema_migrations (version INTEGER PRIMARY KEY) STRICT"));
  return ApplyMigrations(connection, ToSqlite);
}

}  // namespace latchkey::ledger::sqlite
