// SPDX-License-Identifier: Apache-2.0
#include "services/ledger/sqlite/connection.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include "services/ledger/migrate.h"

namespace latchkey::ledger::sqlite {
namespace {

// SQLite makes its files with the database's own mode, so the mode is set before SQLite sees the
// file. mknod, because to open and close the file here would drop the locks that this process may
// already hold on it.
Done MakePrivateFile(const std::filesystem::path& path) {
  if (::mknod(path.c_str(), S_IFREG | 0600, 0) == 0 || errno == EEXIST) return {};
  return Fail(Reason::kUnavailable,
              "the ledger " + path.string() + " cannot be made: " + std::strerror(errno));
}

// Held on the folder while a file becomes a ledger: of those who switch it to WAL at once, SQLite
// lets one succeed and refuses the others without waiting. Taking it is best effort: without it,
// such a race fails cleanly.
class FolderLock {
 public:
  explicit FolderLock(const std::filesystem::path& file) {
    std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
    fd_ = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd_ >= 0) (void)::flock(fd_, LOCK_EX);
  }
  ~FolderLock() {
    if (fd_ >= 0) ::close(fd_);
  }
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int fd_ = -1;
};

// WAL with FULL: each commit is one fsync of the log. secure_delete: shredded payloads leave no
// bytes behind.
constexpr const char* kSettings =
    "PRAGMA journal_mode = WAL;"
    "PRAGMA synchronous = FULL;"
    "PRAGMA secure_delete = ON;"
    "PRAGMA trusted_schema = OFF;"
    "PRAGMA wal_autocheckpoint = 4000;"
    "PRAGMA journal_size_limit = 67108864;"
    "PRAGMA temp_store = MEMORY;";

// Empty where the engine is well, and the statement is not.
std::string_view WhatToDo(int primary_code) {
  switch (primary_code) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return "another process holds the ledger";
    case SQLITE_FULL:
      return "the disk is full: make room and go on";
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      return "the ledger cannot be written: check owner, mode and mount of its folder";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return "the ledger's file is damaged or no ledger: restore it from the last backup";
    case SQLITE_NOMEM:
      return "out of memory";
    case SQLITE_IOERR:
    case SQLITE_PROTOCOL:
    case SQLITE_INTERRUPT:
      return "the ledger's disk does not answer";
    default:
      return {};
  }
}

// SQLite says so itself of its files, but not of the one that processes share.
bool IsFull(sqlite3* db) {
  const int error = sqlite3_system_errno(db);
  return error == ENOSPC || error == EDQUOT || error == EFBIG;
}

}  // namespace

Failure Connection::FailureNow() {
  const int code = sqlite3_extended_errcode(db_);
  const std::string message = sqlite3_errmsg(db_);  // names tables and columns, never values
  if ((code & 0xff) == SQLITE_CONSTRAINT) {
    if (code == SQLITE_CONSTRAINT_PRIMARYKEY && message.ends_with(".id")) met_a_taken_id_ = true;
    return Fail(code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY ||
                        code == SQLITE_CONSTRAINT_ROWID || code == SQLITE_CONSTRAINT_CHECK
                    ? Reason::kConflict
                    : Reason::kInternal,
                message);
  }
  const bool full = (code & 0xff) == SQLITE_IOERR && IsFull(db_);
  const std::string_view what_to_do = WhatToDo(full ? SQLITE_FULL : code & 0xff);
  if (!what_to_do.empty())
    return Fail(Reason::kUnavailable, std::string(what_to_do) + " (" + message + ")");
  if (message.starts_with("no such ")) return NotAsMigrated(message);
  return Fail(Reason::kInternal, "sqlite " + std::to_string(code) + ": " + message);
}

Result<std::unique_ptr<Connection>> Connection::Open(const std::filesystem::path& path,
                                                     Access access, Millis busy_timeout) {
  std::optional<FolderLock> lock;
  if (access == Access::kWrite) {
    lock.emplace(path);
    LATCHKEY_TRY(MakePrivateFile(path));
  }
  LATCHKEY_ASSIGN(auto connection, OpenAs(path, access));
  sqlite3_busy_timeout(connection->db_, static_cast<int>(busy_timeout.count()));
  LATCHKEY_TRY(connection->RunText(kSettings));
  // A writer that imports a million accounts touches random pages of the digests' index: give it
  // room. More than this is better left to the kernel, which shares it with the readers.
  LATCHKEY_TRY(connection->RunText(access == Access::kWrite ? "PRAGMA cache_size = -65536"
                                                            : "PRAGMA query_only = ON"));
  return connection;
}

Result<std::unique_ptr<Connection>> Connection::OpenInMemory() {
  LATCHKEY_ASSIGN(auto connection, OpenAs(":memory:", Access::kWrite));
  LATCHKEY_TRY(connection->RunText(kSettings));  // those about files do nothing here
  return connection;
}

Result<std::unique_ptr<Connection>> Connection::OpenAs(const std::filesystem::path& path,
                                                       Access access) {
  // SQLite's count of its memory, which nobody reads, is one lock that all threads take for each
  // piece.
  [[maybe_unused]] static const int uncounted = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  sqlite3* db = nullptr;
  int code =
      sqlite3_open_v2(path.c_str(), &db,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  if (db == nullptr) return Fail(Reason::kUnavailable, "out of memory");
  std::unique_ptr<Connection> connection(new Connection(db, access));
  if (code != SQLITE_OK) return connection->FailureNow();
  sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  return connection;
}

Connection::~Connection() {
  for (auto& [text, prepared] : prepared_) sqlite3_finalize(prepared.statement);
  sqlite3_close_v2(db_);
}

bool Connection::InTransaction() const { return sqlite3_get_autocommit(db_) == 0; }

Done Connection::RunText(const std::string& text) {
  if (sqlite3_exec(db_, text.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) return FailureNow();
  return {};
}

Result<Connection::Prepared*> Connection::Prepare(const char* text) {
  auto found = prepared_.find(text);
  if (found != prepared_.end()) return &found->second;
  Prepared fresh;
  if (sqlite3_prepare_v3(db_, text, -1, SQLITE_PREPARE_PERSISTENT, &fresh.statement, nullptr) !=
      SQLITE_OK) {
    return FailureNow();
  }
  fresh.reads_only = sqlite3_stmt_readonly(fresh.statement) != 0;
  for (int n = 1; n <= sqlite3_bind_parameter_count(fresh.statement); ++n) {
    std::string name = "$" + std::to_string(n);
    fresh.indexes.push_back(sqlite3_bind_parameter_index(fresh.statement, name.c_str()));
    LATCHKEY_CHECK(fresh.indexes.back() > 0);  // parameters are $1 … $n without a gap
  }
  return &prepared_.emplace(text, std::move(fresh)).first->second;
}

Done Connection::Bind(const Prepared& prepared, const std::vector<Value>& values) {
  LATCHKEY_CHECK(values.size() == prepared.indexes.size());
  for (size_t n = 0; n < values.size(); ++n) {
    sqlite3_stmt* statement = prepared.statement;
    int at = prepared.indexes[n];
    int code = SQLITE_OK;  // an unbound parameter is NULL
    if (const auto* number = std::get_if<int64_t>(&values[n])) {
      code = sqlite3_bind_int64(statement, at, *number);
    } else if (const auto* text = std::get_if<std::string>(&values[n])) {
      if (!IsStorableText(*text)) return Malformed("text", "no valid UTF-8, or holds NUL");
      code = sqlite3_bind_text64(statement, at, text->data(), text->size(), SQLITE_STATIC,
                                 SQLITE_UTF8);
    } else if (const auto* bytes = std::get_if<Bytes>(&values[n])) {
      // data() is never null, so that empty bytes do not become NULL
      code = sqlite3_bind_blob64(statement, at, bytes->data.data(), bytes->size(), SQLITE_STATIC);
    }
    if (code != SQLITE_OK) return FailureNow();
  }
  return {};
}

Result<Rows> Connection::Step(const Prepared& prepared) {
  sqlite3_stmt* statement = prepared.statement;
  Rows result;
  int columns = sqlite3_column_count(statement);
  int code;
  while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
    std::vector<Value> values;
    values.reserve(static_cast<size_t>(columns));
    for (int column = 0; column < columns; ++column) {
      auto bytes = [&](const void* data) {
        return std::string(static_cast<const char*>(data),
                           static_cast<size_t>(sqlite3_column_bytes(statement, column)));
      };
      switch (sqlite3_column_type(statement, column)) {
        case SQLITE_INTEGER:
          values.emplace_back(int64_t{sqlite3_column_int64(statement, column)});
          break;
        case SQLITE_TEXT:
          values.emplace_back(bytes(sqlite3_column_text(statement, column)));
          break;
        case SQLITE_BLOB: {
          const void* data = sqlite3_column_blob(statement, column);  // null when empty
          values.emplace_back(data == nullptr ? Bytes() : Bytes(bytes(data)));
          break;
        }
        case SQLITE_NULL:
          values.emplace_back();
          break;
        default:
          return Fail(Reason::kInternal, "a column holds a floating-point number");
      }
    }
    result.rows.emplace_back(std::move(values));
  }
  if (code != SQLITE_DONE) return FailureNow();
  if (!prepared.reads_only) result.changed = sqlite3_changes64(db_);
  return result;
}

Result<Rows> Connection::Execute(Sql sql, const std::vector<Value>& values) {
  LATCHKEY_ASSIGN(Prepared * prepared, Prepare(sql.text()));
  if (access_ == Access::kRead && !prepared->reads_only) {
    return Fail(Reason::kInternal, "a read must not write");
  }
  Done bound = Bind(*prepared, values);
  Result<Rows> result = bound.ok() ? Step(*prepared) : Result<Rows>(bound.failure());
  sqlite3_reset(prepared->statement);
  sqlite3_clear_bindings(prepared->statement);
  return result;
}

}  // namespace latchkey::ledger::sqlite
