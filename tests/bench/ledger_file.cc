// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/ledger_file.h"

#include <poll.h>
#include <sqlite3.h>

#include <chrono>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "tests/bench/process.h"

namespace latchkey::bench {
namespace {

constexpr int kLookEveryMillis = 20;
constexpr int kPatienceMillis = 60'000;
// As services/operator/import.cc and services/ledger/sqlite/connection.cc have it.
constexpr size_t kAccountsInTransaction = 500;
constexpr char kSettings[] =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;"
    "PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -65536;";

struct Table {
  const char* name;
  const char* account;  // the column that names it
};
constexpr Table kTables[] = {{"identifiers", "account_id"}, {"accounts", "id"},
                             {"contacts", "account_id"},    {"authenticators", "account_id"},
                             {"chains", "account_id"},      {"journal", "account_id"}};

// An open database; dies of the first failure.
class File {
 public:
  File(const std::filesystem::path& path, int flags) {
    Check(sqlite3_open_v2(path.c_str(), &db_, flags, nullptr));
    sqlite3_busy_timeout(db_, 5'000);
  }
  ~File() { sqlite3_close(db_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  void Run(const std::string& sql) {
    Check(sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr));
  }
  sqlite3_stmt* Prepare(const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    Check(sqlite3_prepare_v2(db_, sql.c_str(), -1, &statement, nullptr));
    return statement;
  }
  void Check(int code) {
    if (code != SQLITE_OK) Die(std::string("SQLite: ") + sqlite3_errmsg(db_));
  }

 private:
  sqlite3* db_ = nullptr;
};

struct FreeValue {
  void operator()(sqlite3_value* value) const { sqlite3_value_free(value); }
};
struct KeptRow {
  size_t table;
  std::vector<std::unique_ptr<sqlite3_value, FreeValue>> values;
};
using Account = std::vector<KeptRow>;

std::vector<Account> ReadAccounts(File& from) {
  std::vector<Account> accounts;
  std::unordered_map<int64_t, size_t> places;
  for (size_t table = 0; table < std::size(kTables); ++table) {
    const std::string name = kTables[table].name;
    sqlite3_stmt* rows = from.Prepare("SELECT " + std::string(kTables[table].account) +
                                      ", * FROM " + name + " ORDER BY 1");
    while (sqlite3_step(rows) == SQLITE_ROW) {
      const int64_t id = sqlite3_column_int64(rows, 0);
      if (id == 0) continue;  // the service's own chain
      const auto [place, fresh] = places.emplace(id, accounts.size());
      if (fresh) accounts.emplace_back();
      KeptRow row{.table = table, .values = {}};
      for (int column = 1; column < sqlite3_column_count(rows); ++column) {
        row.values.emplace_back(sqlite3_value_dup(sqlite3_column_value(rows, column)));
      }
      accounts[place->second].push_back(std::move(row));
    }
    sqlite3_finalize(rows);
  }
  return accounts;
}

void MakeTables(File& from, File& to) {
  to.Run(kSettings);
  sqlite3_stmt* schema = from.Prepare(
      "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT GLOB 'sqlite_*' "
      "ORDER BY type = 'index'");
  while (sqlite3_step(schema) == SQLITE_ROW) {
    to.Run(reinterpret_cast<const char*>(sqlite3_column_text(schema, 0)));
  }
  sqlite3_finalize(schema);
}

std::vector<sqlite3_stmt*> PrepareInserts(File& from, File& to) {
  std::vector<sqlite3_stmt*> inserts;
  for (const Table& table : kTables) {
    sqlite3_stmt* columns = from.Prepare(std::string("SELECT * FROM ") + table.name);
    std::string marks = "?";
    for (int i = 1; i < sqlite3_column_count(columns); ++i) marks += ",?";
    sqlite3_finalize(columns);
    inserts.push_back(
        to.Prepare(std::string("INSERT INTO ") + table.name + " VALUES (" + marks + ")"));
  }
  return inserts;
}

void InsertAll(File& to, const std::vector<sqlite3_stmt*>& inserts,
               const std::vector<Account>& accounts) {
  for (size_t i = 0; i < accounts.size(); ++i) {
    if (i % kAccountsInTransaction == 0) to.Run("BEGIN IMMEDIATE");
    for (const KeptRow& row : accounts[i]) {
      sqlite3_stmt* insert = inserts[row.table];
      for (size_t n = 0; n < row.values.size(); ++n) {
        to.Check(sqlite3_bind_value(insert, static_cast<int>(n) + 1, row.values[n].get()));
      }
      if (sqlite3_step(insert) != SQLITE_DONE) Die("SQLite: an insert failed");
      sqlite3_reset(insert);
    }
    if ((i + 1) % kAccountsInTransaction == 0 || i + 1 == accounts.size()) to.Run("COMMIT");
  }
}

}  // namespace

void WaitForOutbox(const std::filesystem::path& ledger, int64_t messages) {
  File file(ledger, SQLITE_OPEN_READWRITE);
  sqlite3_stmt* count = file.Prepare("SELECT COUNT(*) FROM outbox WHERE ended_at IS NULL");
  for (int waited = 0; waited < kPatienceMillis; waited += kLookEveryMillis) {
    sqlite3_step(count);
    const int64_t there = sqlite3_column_int64(count, 0);
    sqlite3_reset(count);
    if (there >= messages) {
      sqlite3_finalize(count);
      return;
    }
    ::poll(nullptr, 0, kLookEveryMillis);
  }
  Die("the outbox does not fill");
}

double BareInserts(const std::filesystem::path& ledger, const std::filesystem::path& copy) {
  File from(ledger, SQLITE_OPEN_READWRITE);
  const std::vector<Account> accounts = ReadAccounts(from);
  File to(copy, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  MakeTables(from, to);
  const std::vector<sqlite3_stmt*> inserts = PrepareInserts(from, to);
  const auto started = std::chrono::steady_clock::now();
  InsertAll(to, inserts, accounts);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
  for (sqlite3_stmt* insert : inserts) sqlite3_finalize(insert);
  return static_cast<double>(accounts.size()) / took.count();
}

}  // namespace latchkey::bench
