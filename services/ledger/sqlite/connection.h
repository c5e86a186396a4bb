// SPDX-License-Identifier: Apache-2.0
// One SQLite connection with its prepared statements. Threads: one at a time.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "services/base/clock.h"
#include "services/base/result.h"
#include "services/ledger/value.h"

struct sqlite3;
struct sqlite3_stmt;

namespace latchkey::ledger::sqlite {

enum class Access { kRead, kWrite };

class Connection {
 public:
  static Result<std::unique_ptr<Connection>> Open(const std::filesystem::path& path, Access access,
                                                  Millis busy_timeout);
  // A database of its own that ends with the connection.
  static Result<std::unique_ptr<Connection>> OpenInMemory();
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // kConflict, kUnavailable or kInternal as Transaction::Run says.
  Result<Rows> Execute(Sql sql, const std::vector<Value>& values);
  // Statements that are no literals: migrations and settings only.
  Done RunText(const std::string& text);
  // With kRead, statements that would write fail from now on.
  void Allow(Access access) { access_ = access; }
  // False once the engine itself has rolled the whole transaction back (a full disk, an I/O error).
  bool InTransaction() const;
  // Whether an id was taken since then: two programs made the same one in the same millisecond, and
  // the work makes another when it is run again.
  void ForgetTakenId() { met_a_taken_id_ = false; }
  bool MetATakenId() const { return met_a_taken_id_; }

 private:
  // A prepared text; indexes[n] is SQLite's number for "$<n+1>", which it counts by first
  // appearance.
  struct Prepared {
    sqlite3_stmt* statement = nullptr;
    std::vector<int> indexes;
    bool reads_only = false;
  };

  Connection(sqlite3* db, Access access) : db_(db), access_(access) {}
  static Result<std::unique_ptr<Connection>> OpenAs(const std::filesystem::path& path,
                                                    Access access);
  Result<Prepared*> Prepare(const char* text);
  Done Bind(const Prepared& prepared, const std::vector<Value>& values);
  Result<Rows> Step(const Prepared& prepared);
  Failure FailureNow();

  sqlite3* db_;
  Access access_;
  bool met_a_taken_id_ = false;
  std::unordered_map<const char*, Prepared> prepared_;  // by address: texts are literals
};

}  // namespace latchkey::ledger::sqlite
