// SPDX-License-Identifier: Apache-2.0
#include "services/ledger/postgres/connection.h"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "services/ledger/migrate.h"
#include "services/ledger/postgres/binary.h"

namespace latchkey::ledger::postgres {
namespace {

using Time = std::chrono::steady_clock::time_point;

// The server's own limit on a statement comes first and says more.
constexpr Millis kPatienceBeyondTheServers{1'000};

// Until the socket can be read (or written, while something is unsent); false when it is too late.
bool WaitFor(int socket, bool unsent, std::optional<Time> until) {
  pollfd one{.fd = socket, .events = POLLIN, .revents = 0};
  if (unsent) one.events |= POLLOUT;
  while (true) {
    int timeout = -1;
    if (until) {
      const auto left = std::chrono::ceil<Millis>(*until - std::chrono::steady_clock::now());
      timeout = static_cast<int>(std::max<int64_t>(left.count(), 0));
    }
    const int ready = ::poll(&one, 1, timeout);
    if (ready >= 0 || errno != EINTR) return ready > 0;
  }
}

std::string FirstLine(const char* message) {
  std::string_view text = message == nullptr ? "" : message;
  return std::string(text.substr(0, text.find('\n')));
}

// SQLSTATE classes that say that the server, its disk or its patience is at an end, not that the
// statement is wrong.
bool IsUnavailable(std::string_view state) {
  std::string_view kind = state.substr(0, 2);
  return kind == "08" || kind == "53" || kind == "57" || kind == "58" || kind == "XX" ||
         kind == "28" || state == "55P03" || state == "25006" || state == "25P03";
}

// Later entries win: the connection string may override what stands before it.
//
// A server that is cut off says nothing, and the system would wait a quarter of an hour for what
// was sent and for ever for an answer. Ten seconds after the last sign of life its connection is
// given up, so that a caller is told and Begin goes to the spool (Law 10): tcp_user_timeout, in
// milliseconds, holds while something sent is not taken, the keepalives (4 s, then 3 times 2 s)
// while an answer is awaited. They ask the server's machine, whose kernel answers them also for a
// server that hangs: that is what Await is for.
PGconn* Connect(const std::string& conninfo) {
  const std::pair<const char*, const char*> parameters[] = {
      {"target_session_attrs", "read-write"},
      {"connect_timeout", "5"},
      {"tcp_user_timeout", "10000"},
      {"keepalives", "1"},
      {"keepalives_idle", "4"},
      {"keepalives_interval", "2"},
      {"keepalives_count", "3"},
      {"application_name", "latchkey"},
      {"dbname", conninfo.c_str()},
      {"client_encoding", "UTF8"},
  };
  std::vector<const char*> keys, values;
  for (const auto& [key, value] : parameters) {
    keys.push_back(key);
    values.push_back(value);
  }
  keys.push_back(nullptr);
  values.push_back(nullptr);
  return PQconnectdbParams(keys.data(), values.data(), /*expand_dbname=*/1);
}

}  // namespace

Result<std::unique_ptr<Connection>> Connection::Open(const PostgresOptions& options) {
  PGconn* pg = Connect(options.conninfo);
  if (pg == nullptr) return Fail(Reason::kUnavailable, "out of memory");
  std::unique_ptr<Connection> connection(
      new Connection(pg, options.statement_timeout + kPatienceBeyondTheServers));
  if (PQstatus(pg) != CONNECTION_OK) {
    return Fail(Reason::kUnavailable,
                "PostgreSQL does not answer: " + FirstLine(PQerrorMessage(pg)));
  }
  // Or sending would wait without end.
  if (PQsetnonblocking(pg, 1) != 0) return Fail(Reason::kUnavailable, "out of memory");
  PQsetNoticeProcessor(pg, [](void*, const char*) {}, nullptr);
  LATCHKEY_TRY(connection->Configure(options));
  return connection;
}

// A server that was set to acknowledge before the disk has it would lose acknowledged resets (Law
// 11): here it may not. Stronger settings (remote_apply, remote_write, on) stay as the operator
// chose them.
Done Connection::Configure(const PostgresOptions& options) {
  std::string text =
      "SET statement_timeout = " + std::to_string(options.statement_timeout.count()) +
      "; SET lock_timeout = " + std::to_string(options.lock_timeout.count()) +
      "; SET default_transaction_isolation = 'read committed'"
      "; SELECT set_config('synchronous_commit', 'on', false)"
      "  WHERE current_setting('synchronous_commit') IN ('off', 'local')";
  LATCHKEY_TRY(RunText(text));
  return {};
}

Connection::~Connection() { PQfinish(pg_); }

bool Connection::Broken() const { return lost_ || PQstatus(pg_) != CONNECTION_OK; }

// PQexec would wait for ever for a server that hangs (stopped, out of disk or memory) while its
// machine lives, and a COMMIT has no limit on the server's side either.
Result<Connection::ResultPtr> Connection::Await(int sent) {
  std::optional<Time> until;
  if (!for_ever_) until = std::chrono::steady_clock::now() + patience_;
  ResultPtr last(nullptr, PQclear);
  while (sent == 1) {
    const int unsent = PQflush(pg_);
    if (unsent < 0) break;
    if (!WaitFor(PQsocket(pg_), unsent > 0, until)) {
      lost_ = gave_up_ = true;
      return Fail(Reason::kUnavailable,
                  "PostgreSQL did not answer within " + std::to_string(patience_.count()) + " ms");
    }
    if (PQconsumeInput(pg_) == 0) break;
    while (PQisBusy(pg_) == 0) {
      ResultPtr next(PQgetResult(pg_), PQclear);
      if (next) {
        last = std::move(next);
        continue;
      }
      const ExecStatusType status = PQresultStatus(last.get());
      if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) return FailureOf(last.get());
      return last;
    }
  }
  lost_ = true;
  // Why a server went it says before it goes; anything else is no answer without its end.
  return FailureOf(PQresultStatus(last.get()) == PGRES_FATAL_ERROR ? last.get() : nullptr);
}

Failure Connection::FailureOf(const pg_result* result) {
  const char* field = result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_SQLSTATE);
  if (field == nullptr) {
    return Fail(Reason::kUnavailable, "PostgreSQL: " + FirstLine(PQerrorMessage(pg_)));
  }
  std::string state = field;
  if (state == "40001" || state == "40P01") {
    asked_to_retry_ = true;
    return Fail(Reason::kUnavailable, "PostgreSQL " + state + ": two transactions collided");
  }
  if (state.starts_with("23")) {
    const char* constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
    bool guard = state == "23505" || state == "23514" || state == "23P01";
    // Two nodes made the same id in the same millisecond; the work makes another.
    const char* detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
    if (state == "23505" && detail != nullptr &&
        std::string_view(detail).find("(id)=") != std::string_view::npos)
      asked_to_retry_ = true;
    return Fail(guard ? Reason::kConflict : Reason::kInternal,
                "PostgreSQL " + state + ": " + (constraint == nullptr ? "" : constraint));
  }
  // Of the texts, those of classes 22 and 23 can quote a value: they stay out of the log.
  const char* message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  std::string words = state.starts_with("22") ? "a value does not fit its type"
                                              : FirstLine(message == nullptr ? "" : message);
  if (state == "42P01" || state == "42703") return NotAsMigrated(words);
  return Fail(IsUnavailable(state) ? Reason::kUnavailable : Reason::kInternal,
              "PostgreSQL " + state + ": " + words);
}

Result<std::string> Connection::RunText(const std::string& text) {
  LATCHKEY_ASSIGN(ResultPtr result, Await(PQsendQuery(pg_, text.c_str())));
  return std::string(PQcmdStatus(result.get()));
}

Result<std::string> Connection::Prepare(Sql sql, const std::string& signature,
                                        const std::vector<uint32_t>& types) {
  auto key = std::make_pair(sql.text(), signature);
  auto found = prepared_.find(key);
  if (found != prepared_.end()) return found->second;
  std::string name = "s" + std::to_string(prepared_.size());
  LATCHKEY_TRY(Await(
      PQsendPrepare(pg_, name.c_str(), sql.text(), static_cast<int>(types.size()), types.data())));
  prepared_.emplace(key, name);
  return name;
}

Result<Rows> Connection::Execute(Sql sql, const std::vector<Value>& values) {
  for (const Value& value : values) {
    const auto* text = std::get_if<std::string>(&value);
    if (text != nullptr && !IsStorableText(*text)) {
      return Malformed("text", "no valid UTF-8, or holds NUL");
    }
  }
  Parameters parameters(values);
  LATCHKEY_ASSIGN(std::string name, Prepare(sql, parameters.signature, parameters.types));
  LATCHKEY_ASSIGN(ResultPtr result,
                  Await(PQsendQueryPrepared(pg_, name.c_str(), static_cast<int>(values.size()),
                                            parameters.data.data(), parameters.lengths.data(),
                                            parameters.formats.data(), /*resultFormat=*/1)));
  return ReadRows(result.get());
}

Result<Rows> Connection::ReadRows(const pg_result* result) {
  Rows rows;
  int columns = PQnfields(result);
  for (int row = 0; row < PQntuples(result); ++row) {
    std::vector<Value> values;
    values.reserve(static_cast<size_t>(columns));
    for (int column = 0; column < columns; ++column) {
      if (PQgetisnull(result, row, column) != 0) {
        values.emplace_back();
        continue;
      }
      std::string_view bytes(PQgetvalue(result, row, column),
                             static_cast<size_t>(PQgetlength(result, row, column)));
      LATCHKEY_ASSIGN(Value value, Decode(PQftype(result, column), bytes));
      values.push_back(std::move(value));
    }
    rows.rows.emplace_back(std::move(values));
  }
  // The tag is "INSERT 0 n", "UPDATE n", "DELETE n"; a SELECT's count is no change.
  auto* tagged = const_cast<pg_result*>(result);  // libpq's two accessors are not const
  if (!std::string_view(PQcmdStatus(tagged)).starts_with("SELECT")) {
    std::string_view changed = PQcmdTuples(tagged);
    rows.changed = changed.empty() ? 0 : std::stoll(std::string(changed));
  }
  return rows;
}

}  // namespace latchkey::ledger::postgres
