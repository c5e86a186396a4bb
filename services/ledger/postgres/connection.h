// SPDX-License-Identifier: Apache-2.0
// One PostgreSQL connection with its prepared statements. Threads: one at a time.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "services/base/result.h"
#include "services/ledger/postgres/postgres.h"
#include "services/ledger/value.h"

struct pg_conn;
struct pg_result;

namespace latchkey::ledger::postgres {

class Connection {
 public:
  static Result<std::unique_ptr<Connection>> Open(const PostgresOptions& options);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // kConflict, kUnavailable or kInternal as Transaction::Run says.
  Result<Rows> Execute(Sql sql, const std::vector<Value>& values);
  // Statements without arguments that are no literals: BEGIN, COMMIT, migrations. Returns the
  // server's command tag.
  Result<std::string> RunText(const std::string& text);

  // Whether an answer may take as long as it takes, as a migration's may.
  void WaitForEver(bool for_ever) { for_ever_ = for_ever; }

  bool Broken() const;
  // True when the server did not answer in time: the connection is broken, and whoever asks next
  // would wait as long.
  bool GaveUp() const { return gave_up_; }
  // True when the last failure was a deadlock or a serialization failure: the same work may succeed
  // now.
  bool AskedToRetry() const { return asked_to_retry_; }
  void ForgetRetry() { asked_to_retry_ = false; }

 private:
  using ResultPtr = std::unique_ptr<pg_result, void (*)(pg_result*)>;

  Connection(pg_conn* pg, Millis patience) : pg_(pg), patience_(patience) {}
  // The last result of what was sent, when it is none of a failure. `sent` is what PQsend…
  // returned.
  Result<ResultPtr> Await(int sent);
  Done Configure(const PostgresOptions& options);
  Result<std::string> Prepare(Sql sql, const std::string& signature,
                              const std::vector<uint32_t>& types);
  // The failure of a result, or of the connection when there is none.
  Failure FailureOf(const pg_result* result);
  static Result<Rows> ReadRows(const pg_result* result);

  pg_conn* pg_;
  const Millis patience_;  // with one answer
  bool for_ever_ = false;
  bool gave_up_ = false;
  bool lost_ = false;
  bool asked_to_retry_ = false;
  // By the text's address (texts are literals) and the arguments' types.
  std::map<std::pair<const char*, std::string>, std::string> prepared_;
};

}  // namespace latchkey::ledger::postgres
