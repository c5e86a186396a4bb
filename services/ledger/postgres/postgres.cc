// SPDX-License-Identifier: Apache-2.0
#include "services/ledger/postgres/postgres.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "services/ledger/driver.h"
#include "services/ledger/postgres/connection.h"

namespace latchkey::ledger {
namespace {

using Steady = std::chrono::steady_clock;

// How often one work is run before its caller is told that the ledger is away.
constexpr int kAttempts = 6;
// Whoever migrates holds this lock to the end of its transaction; the number is Latchkey's own.
constexpr const char* kMigrationLock = "SELECT pg_advisory_xact_lock(7021440012)";

// Compared and ordered byte by byte, whatever the database's collation (attack L02).
std::string ToPostgres(std::string statement) {
  return ReplaceWord(std::move(statement), "TEXT", "TEXT COLLATE \"C\"");
}

class PostgresLedger final : public Ledger {
 public:
  PostgresLedger(const PostgresOptions& options, std::unique_ptr<postgres::Connection> first)
      : options_(options), open_(1) {
    idle_.push_back(std::move(first));
  }

  Done Commit(const Work& work) override { return Repeat("BEGIN", work); }

  Done Read(const Work& work) override {
    return Repeat("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", work);
  }

  std::string_view engine() const override { return "postgres"; }

  Done Ping() override {
    return Read([](Transaction& tx) -> Done {
      LATCHKEY_TRY(tx.Run("SELECT 1"));
      return {};
    });
  }

  Result<int64_t> Migrate() override {
    LATCHKEY_ASSIGN(auto connection, Take());
    connection->WaitForEver(true);
    Result<int64_t> version = MigrateOn(*connection);
    if (!version.ok())
      (void)connection->RunText("ROLLBACK");  // the first failure is the one to tell
    connection->WaitForEver(false);
    GiveBack(std::move(connection));
    return version;
  }

 private:
  enum class Outcome { kEnded, kAgain };

  // Runs the work until it has ended one way or the other.
  Done Repeat(const char* begin, const Work& work) {
    for (int attempt = 1;; ++attempt) {
      LATCHKEY_ASSIGN(auto connection, Take());
      connection->ForgetRetry();
      Done result;
      Outcome outcome = RunOnce(*connection, begin, work, result);
      GiveBack(std::move(connection));
      if (outcome == Outcome::kEnded || attempt == kAttempts) return result;
    }
  }

  static Outcome RunOnce(postgres::Connection& connection, const char* begin, const Work& work,
                         Done& result) {
    result = Control(connection, begin);
    if (result.ok()) result = Attempt(connection, work);
    // Nothing is committed yet: after a collision or a broken connection the work may simply be run
    // again.
    if (!result.ok() || connection.AskedToRetry()) {
      // Not after one that was given up: the caller has waited long enough.
      bool again = connection.AskedToRetry() || (connection.Broken() && !connection.GaveUp());
      // A connection whose ROLLBACK fails is broken and is not kept.
      if (!connection.Broken()) (void)connection.RunText("ROLLBACK");
      return again ? Outcome::kAgain : Outcome::kEnded;
    }
    Result<std::string> tag = connection.RunText("COMMIT");
    if (!tag.ok()) {
      bool again = connection.AskedToRetry();  // the server said so: it has rolled back
      result = Fail(Reason::kUnavailable,
                    (again ? "" : "whether it was committed is unknown: ") + tag.failure().detail);
      return again ? Outcome::kAgain : Outcome::kEnded;
    }
    if (*tag != "COMMIT") result = Fail(Reason::kInternal, "the server rolled back at COMMIT");
    return Outcome::kEnded;
  }

  static Done Control(postgres::Connection& connection, const std::string& text) {
    LATCHKEY_TRY(connection.RunText(text));
    return {};
  }

  // Nodes that start together queue at the advisory lock; all but the first find the work done.
  static Result<int64_t> MigrateOn(postgres::Connection& connection) {
    LATCHKEY_TRY(connection.RunText("BEGIN"));
    LATCHKEY_TRY(connection.RunText("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0"));
    LATCHKEY_TRY(connection.RunText(kMigrationLock));
    LATCHKEY_TRY(connection.RunText(
        "CREATE TABLE IF NOT EXISTS schema_migrations (version BIGINT PRIMARY KEY)"));
    LATCHKEY_ASSIGN(const int64_t version, ApplyMigrations(connection, ToPostgres));
    LATCHKEY_TRY(connection.RunText("COMMIT"));
    return version;
  }

  // An idle connection, or a new one while there are fewer than allowed.
  Result<std::unique_ptr<postgres::Connection>> Take() {
    {
      std::unique_lock lock(mutex_);
      bool free = free_.wait_for(lock, options_.wait_for_connection,
                                 [&] { return !idle_.empty() || open_ < options_.connections; });
      if (!free) return Fail(Reason::kUnavailable, "all connections to PostgreSQL are busy");
      if (!idle_.empty()) {
        auto connection = std::move(idle_.back());
        idle_.pop_back();
        return connection;
      }
      // Each would wait as long as the one before.
      if (Steady::now() < ask_again_at_)
        return Fail(Reason::kUnavailable, "PostgreSQL was away a moment ago");
      if (ask_again_at_ != Steady::time_point()) PauseLocked();
      ++open_;
    }
    auto opened = postgres::Connection::Open(options_);
    std::lock_guard lock(mutex_);
    if (opened.ok()) {
      ask_again_at_ = {};
    } else {
      PauseLocked();
      --open_;
      free_.notify_one();
    }
    return opened;
  }

  void PauseLocked() { ask_again_at_ = Steady::now() + options_.pause_when_away; }

  void GiveBack(std::unique_ptr<postgres::Connection> connection) {
    std::lock_guard lock(mutex_);
    if (connection->Broken()) {
      if (connection->GaveUp()) PauseLocked();
      // The server went away: its other idle connections are dead too, and would each cost an
      // attempt.
      open_ -= 1 + static_cast<int>(idle_.size());
      idle_.clear();
      free_.notify_all();
      return;
    }
    idle_.push_back(std::move(connection));
    free_.notify_one();
  }

  const PostgresOptions options_;
  std::mutex mutex_;
  std::condition_variable free_;
  std::vector<std::unique_ptr<postgres::Connection>> idle_;
  int open_;                         // idle and in use
  Steady::time_point ask_again_at_;  // the epoch: it answered when it was last asked
};

}  // namespace

Result<std::unique_ptr<Ledger>> OpenPostgres(const PostgresOptions& options) {
  LATCHKEY_ASSIGN(auto first, postgres::Connection::Open(options));
  return std::unique_ptr<Ledger>(std::make_unique<PostgresLedger>(options, std::move(first)));
}

}  // namespace latchkey::ledger
