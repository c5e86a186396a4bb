// SPDX-License-Identifier: Apache-2.0
// Hot state that counts what is asked of it, and goes away when a test says so.
#pragma once

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "services/hotstate/hotstate.h"

namespace latchkey::attacks {

class WatchedHotState final : public hotstate::HotState {
 public:
  explicit WatchedHotState(std::unique_ptr<hotstate::HotState> inner) : inner_(std::move(inner)) {}

  void GoAway(bool away) { away_ = away; }
  // Guesses that were let through to a comparison.
  int64_t guesses() const { return guesses_; }
  int64_t resting() const { return resting_; }
  int64_t repeated() const { return repeated_; }
  // How often the budget that was asked most often was asked.
  int64_t most_taken() const {
    std::lock_guard lock(mutex_);
    int64_t most = 0;
    for (const auto& [key, times] : taken_) most = std::max(most, times);
    return most;
  }

  Result<hotstate::Reservation> Reserve(const std::vector<hotstate::Lane>& lanes,
                                        uint64_t fingerprint, TimePoint now) override {
    if (away_) return Away();
    auto reserved = inner_->Reserve(lanes, fingerprint, now);
    if (reserved.ok())
      ++(!reserved->granted ? resting_ : reserved->repeated ? repeated_ : guesses_);
    return reserved;
  }
  Done SettleWrong(const std::vector<hotstate::Lane>& lanes, uint64_t fingerprint,
                   TimePoint now) override {
    return away_ ? Done(Away()) : inner_->SettleWrong(lanes, fingerprint, now);
  }
  Done SettleRight(const std::vector<hotstate::Lane>& lanes, TimePoint now) override {
    return away_ ? Done(Away()) : inner_->SettleRight(lanes, now);
  }
  Done Release(const std::vector<hotstate::Lane>& lanes, TimePoint now) override {
    return away_ ? Done(Away()) : inner_->Release(lanes, now);
  }
  Result<hotstate::LaneState> Peek(const hotstate::Lane& lane, TimePoint now) override {
    if (away_) return Away();
    return inner_->Peek(lane, now);
  }
  Result<hotstate::Spending> Take(const std::vector<hotstate::Budget>& budgets,
                                  TimePoint now) override {
    if (away_) return Away();
    {
      std::lock_guard lock(mutex_);
      for (const hotstate::Budget& budget : budgets) ++taken_[budget.key.data];
    }
    return inner_->Take(budgets, now);
  }
  Result<int64_t> Sweep(TimePoint now) override {
    if (away_) return Away();
    return inner_->Sweep(now);
  }
  std::string_view engine() const override { return inner_->engine(); }
  Done Ping() override { return away_ ? Done(Away()) : inner_->Ping(); }

 private:
  static Failure Away() { return Fail(Reason::kUnavailable, "away"); }

  const std::unique_ptr<hotstate::HotState> inner_;
  std::atomic<bool> away_ = false;
  std::atomic<int64_t> guesses_ = 0, resting_ = 0, repeated_ = 0;
  mutable std::mutex mutex_;
  std::map<std::string, int64_t> taken_;  // by key
};

}  // namespace latchkey::attacks
