// SPDX-License-Identifier: Apache-2.0
// The truth: transactions over one database, the same for every engine.
//
// What is written in a transaction is durable before Transact returns success. Every race is
// decided by a guarded `UPDATE … WHERE …` or a unique key, never by reading first and writing later
// (Law 3).
#pragma once

#include <functional>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "services/base/result.h"
#include "services/ledger/value.h"

namespace latchkey::ledger {

// One transaction in progress. Used by the one thread that runs the work; must not be kept.
class Transaction {
 public:
  virtual ~Transaction() = default;

  // Runs one statement with $1, $2, … bound to the arguments.
  // kConflict: a unique key or guard constraint refused it; nothing of this transaction may be used
  // after that: return the failure. kUnavailable: the engine is away or the disk is full.
  template <typename... Args>
  Result<Rows> Run(Sql sql, Args&&... args) {
    std::vector<Value> values;
    values.reserve(sizeof...(args));
    (values.push_back(ToValue(std::forward<Args>(args))), ...);
    return Execute(sql, values);
  }

 protected:
  virtual Result<Rows> Execute(Sql sql, const std::vector<Value>& values) = 0;
};

using Work = std::function<Done(Transaction&)>;

// Threads: any. Lives as long as the process.
class Ledger {
 public:
  virtual ~Ledger() = default;

  // Runs `work` in one transaction: everything or nothing, durable on success. A failure that
  // `work` returns rolls back and is passed on. `work` may be run more than once (an engine may ask
  // for a retry), so its effects on anything but the transaction must be assignments. It must not
  // block on anything else, nor call the ledger. kUnavailable: it is not known to be done; the
  // caller asks again with the same idempotency key.
  virtual Done Commit(const Work& work) = 0;
  // The same, reading only, on the primary; sees one consistent state.
  virtual Done Read(const Work& work) = 0;

  virtual std::string_view engine() const = 0;  // "sqlite" or "postgres"
  // Applies the migrations that are missing, in order; returns the schema's version. Safe on
  // several nodes at once.
  virtual Result<int64_t> Migrate() = 0;
  // Answers when the engine does; for health and doctor.
  virtual Done Ping() = 0;

  // The two above for work that yields a value: F is Result<T>(Transaction&).
  template <typename F>
  auto Transact(F&& work) -> decltype(work(std::declval<Transaction&>())) {
    return Yield(&Ledger::Commit, std::forward<F>(work));
  }
  template <typename F>
  auto Query(F&& work) -> decltype(work(std::declval<Transaction&>())) {
    return Yield(&Ledger::Read, std::forward<F>(work));
  }

 private:
  template <typename F>
  auto Yield(Done (Ledger::*run)(const Work&), F&& work)
      -> decltype(work(std::declval<Transaction&>())) {
    using R = decltype(work(std::declval<Transaction&>()));
    if constexpr (std::is_void_v<typename R::Value>) {
      return (this->*run)(Work(std::forward<F>(work)));
    } else {
      std::optional<typename R::Value> value;
      Done done = (this->*run)([&](Transaction& tx) -> Done {
        R result = work(tx);
        if (!result.ok()) return result.failure();
        value.emplace(std::move(result).value());
        return {};
      });
      if (!done.ok()) return done.failure();
      // NOLINTNEXTLINE(bugprone-unchecked-optional-access): the work was done
      return std::move(*value);
    }
  }
};

}  // namespace latchkey::ledger
