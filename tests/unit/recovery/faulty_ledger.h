// SPDX-License-Identifier: Apache-2.0
// A ledger that counts what is asked of it, and fails where a test says: before the n-th statement,
// or in saying that it has committed; or it hangs.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

#include "services/base/check.h"
#include "services/ledger/ledger.h"
#include "tests/crash/sweep/faults.h"

namespace latchkey::recovery {

class FaultyLedger final : public ledger::Ledger {
 public:
  explicit FaultyLedger(std::unique_ptr<ledger::Ledger> inner) : inner_(std::move(inner)) {}

  // The n-th statement from now, counted over all commits, and every later one fails; 0: none.
  void FailAtStatement(int64_t n) {
    fail_at_ = n;
    statements_ = 0;
  }
  int64_t statements() const { return statements_; }
  // Since it was opened.
  int64_t commits() const { return commits_; }
  int64_t reads() const { return reads_; }
  int64_t statements_read() const { return statements_read_; }
  // From now on each commit, statement and read is an operation that `faults` may fail; a commit
  // also when its work is done, and a commit and a read after they took effect.
  void Watch(testing::Faults& faults) { faults_ = &faults; }
  // Everything fails, as when the engine is away.
  void GoAway(bool away) { away_ = away; }
  // Nothing is answered until it is let go, as when the engine hangs.
  void Hang() {
    std::lock_guard lock(hanging_mutex_);
    hangs_ = true;
  }
  void LetGo() {
    {
      std::lock_guard lock(hanging_mutex_);
      hangs_ = false;
    }
    hanging_changed_.notify_all();
  }
  // Returns when so many wait for an answer; false when they have not come after ten seconds.
  bool AwaitHanging(int many) {
    std::unique_lock lock(hanging_mutex_);
    return hanging_changed_.wait_for(lock, std::chrono::seconds(10),
                                     [&] { return hanging_ >= many; });
  }
  // The commit after `n` more happens and is not acknowledged.
  void LoseAnswerAfter(int n) { lose_answer_in_ = n + 1; }
  void LoseNextAnswer() { LoseAnswerAfter(0); }

  Done Commit(const ledger::Work& work) override {
    ++commits_;
    WaitWhileItHangs();
    if (away_ || Strikes(When::kBefore)) return Fail(Reason::kUnavailable, "away");
    LATCHKEY_TRY(inner_->Commit([&](ledger::Transaction& tx) -> Done {
      Watched watched(*this, tx, /*writes=*/true);
      LATCHKEY_TRY(work(watched));
      return Strikes(When::kBefore) ? Done(Fail(Reason::kUnavailable, "rolled back")) : Done();
    }));
    if (Strikes(When::kAfter)) return Fail(Reason::kUnavailable, "answer lost");
    if (lose_answer_in_ > 0 && --lose_answer_in_ == 0)
      return Fail(Reason::kUnavailable, "answer lost");
    return {};
  }
  Done Read(const ledger::Work& work) override {
    ++reads_;
    WaitWhileItHangs();
    if (away_ || Strikes(When::kBefore)) return Fail(Reason::kUnavailable, "away");
    LATCHKEY_TRY(inner_->Read([&](ledger::Transaction& tx) -> Done {
      Watched watched(*this, tx, /*writes=*/false);
      return work(watched);
    }));
    return Strikes(When::kAfter) ? Done(Fail(Reason::kUnavailable, "answer lost")) : Done();
  }
  std::string_view engine() const override { return inner_->engine(); }
  Result<int64_t> Migrate() override { return inner_->Migrate(); }
  Done Ping() override { return inner_->Ping(); }

 private:
  using When = testing::When;
  void WaitWhileItHangs() {
    std::unique_lock lock(hanging_mutex_);
    if (!hangs_) return;
    ++hanging_;
    hanging_changed_.notify_all();
    hanging_changed_.wait(lock, [&] { return !hangs_; });
    --hanging_;
  }
  bool Strikes(When when) { return faults_ != nullptr && faults_->Strikes(when); }

  class Watched final : public ledger::Transaction {
   public:
    Watched(FaultyLedger& owner, ledger::Transaction& inner, bool writes)
        : owner_(owner), inner_(inner), writes_(writes) {}

   protected:
    Result<ledger::Rows> Execute(ledger::Sql sql, const std::vector<ledger::Value>& v) override {
      const int64_t n = writes_ ? ++owner_.statements_ : ++owner_.statements_read_;
      if (writes_ && owner_.fail_at_ > 0 && n >= owner_.fail_at_)
        return Fail(Reason::kUnavailable, "this statement was to fail");
      if (owner_.Strikes(When::kBefore))
        return Fail(Reason::kUnavailable, "this statement was to fail");
      LATCHKEY_CHECK(v.size() <= kMostArguments);
      return Forward(sql, v, std::make_index_sequence<kMostArguments + 1>());
    }

   private:
    static constexpr size_t kMostArguments = 14;
    template <size_t... Sizes>
    Result<ledger::Rows> Forward(ledger::Sql sql, const std::vector<ledger::Value>& v,
                                 std::index_sequence<Sizes...>) {
      Result<ledger::Rows> rows = Fail(Reason::kInternal);
      ((v.size() == Sizes
            ? static_cast<void>(rows = Spread(sql, v, std::make_index_sequence<Sizes>()))
            : static_cast<void>(0)),
       ...);
      return rows;
    }
    template <size_t... At>
    Result<ledger::Rows> Spread(ledger::Sql sql, const std::vector<ledger::Value>& v,
                                std::index_sequence<At...>) {
      return inner_.Run(sql, ledger::Value(v[At])...);
    }

    FaultyLedger& owner_;
    ledger::Transaction& inner_;
    const bool writes_;
  };

  std::unique_ptr<ledger::Ledger> inner_;
  testing::Faults* faults_ = nullptr;
  std::atomic<int64_t> statements_ = 0;
  std::atomic<int64_t> commits_ = 0;
  std::atomic<int64_t> reads_ = 0;
  std::atomic<int64_t> statements_read_ = 0;
  std::atomic<int64_t> fail_at_ = 0;
  std::atomic<bool> away_ = false;
  std::atomic<int> lose_answer_in_ = 0;
  std::mutex hanging_mutex_;
  std::condition_variable hanging_changed_;
  bool hangs_ = false;
  int hanging_ = 0;
};

}  // namespace latchkey::recovery
