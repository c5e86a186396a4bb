// SPDX-License-Identifier: Apache-2.0
// What every driver does with a connection, whatever the engine: run one caller's work, and
// migrate. A Connection has Execute(Sql, values) and RunText(text).
#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <vector>

#include "services/base/result.h"
#include "services/ledger/ledger.h"
#include "services/ledger/migrate.h"
#include "services/ledger/schema/schema.h"

namespace latchkey::ledger {

// Once a statement has failed, nothing more is run: PostgreSQL would refuse it, SQLite would not.
template <typename Connection>
class DriverTransaction final : public Transaction {
 public:
  explicit DriverTransaction(Connection& connection) : connection_(connection) {}
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

// Runs the work in the transaction that the connection is in. It fails when the work says so,
// throws, or went on after a failed statement.
template <typename Connection>
Done Attempt(Connection& connection, const Work& work) {
  DriverTransaction<Connection> tx(connection);
  try {
    LATCHKEY_TRY(work(tx));
  } catch (const std::exception&) {  // its text may hold anything: not for the log
    return Fail(Reason::kInternal, "a transaction's work threw an exception");
  }
  return tx.broken();
}

// Applies the migrations that are missing, each statement as `rewrite` puts it for the engine.
// REQUIRES: a transaction that writes, and the table schema_migrations (version).
template <typename Connection, typename Rewrite>
Result<int64_t> ApplyMigrations(Connection& connection, const Rewrite& rewrite) {
  LATCHKEY_ASSIGN(Rows rows, connection.Execute("SELECT MAX(version) FROM schema_migrations", {}));
  int64_t version = rows.front().Int(0);
  LATCHKEY_TRY(CheckSchemaVersion(version));
  for (const Migration& migration : Migrations()) {
    if (migration.version <= version) continue;
    for (const std::string& statement : SplitStatements(migration.sql)) {
      LATCHKEY_TRY(connection.RunText(rewrite(statement)));
    }
    LATCHKEY_TRY(connection.Execute("INSERT INTO schema_migrations (version) VALUES ($1)",
                                    {Value{int64_t{migration.version}}}));
    version = migration.version;
  }
  return version;
}

}  // namespace latchkey::ledger
