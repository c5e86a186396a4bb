// SPDX-License-Identifier: Apache-2.0
#include "services/ledger/sqlite/work.h"

#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "services/ledger/migrate.h"
#include "services/ledger/schema/schema.h"

namespace latchkey::ledger::sqlite {
namespace {

class SqliteTransaction final : public Transaction {
 public:
  explicit SqliteTransaction(Connection& connection) : connection_(connection) {}
  const Done& broken() const { return broken_; }

 protected:
  Result<Rows> Execute(Sql sql, const std::vector<Value>& values) override {
    LATCHKEY_TRY(broken_);
    Result<Rows> rows = connection_.Execute(sql, values);
    if (!rows.ok()) broken_ = rows.failure();
    return rows;
  }

 private:
  Connection& connection_;
  Done broken_;
};

// SQLite calls a BIGINT key INTEGER when it is to be the row's own number (half the B-trees), and
// checks types in STRICT tables only: with them a type error fails here as it does on PostgreSQL.
std::string ToSqlite(std::string statement) {
  statement = ReplaceWord(std::move(statement), "BIGINT", "INTEGER");
  statement = ReplaceWord(std::move(statement), "BYTEA", "BLOB");
  if (statement.starts_with("CREATE TABLE")) statement += " STRICT";
  return statement;
}

}  // namespace

Done Attempt(Connection& connection, const Work& work) {
  SqliteTransaction tx(connection);
  try {
    LATCHKEY_TRY(work(tx));
  } catch (const std::exception&) {  // its text may hold anything: not for the log
    return Fail(Reason::kInternal, "a transaction's work threw an exception");
  }
  return tx.broken();
}

Result<int64_t> MigrateOn(Connection& connection) {
  LATCHKEY_TRY(connection.RunText(
      "CREATE TABLE IF NOT EXISTS schema_migrations (version INTEGER PRIMARY KEY) STRICT"));
  LATCHKEY_ASSIGN(Rows rows, connection.Execute("SELECT MAX(version) FROM schema_migrations", {}));
  int64_t version = rows.front().Int(0);
  LATCHKEY_TRY(CheckSchemaVersion(version));
  for (const Migration& migration : Migrations()) {
    if (migration.version <= version) continue;
    for (const std::string& statement : SplitStatements(migration.sql)) {
      LATCHKEY_TRY(connection.RunText(ToSqlite(statement)));
    }
    LATCHKEY_TRY(connection.Execute("INSERT INTO schema_migrations (version) VALUES ($1)",
                                    {Value{int64_t{migration.version}}}));
    version = migration.version;
  }
  return version;
}

}  // namespace latchkey::ledger::sqlite
