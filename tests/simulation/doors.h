// SPDX-License-Identifier: Apache-2.0
// The doors to the outside, each with a seeded fault in it: an operation fails before or after it
// took effect, once or from then on (the process died there), or another node acts in between.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "services/base/clock.h"
#include "services/hotstate/hotstate.h"
#include "services/ledger/ledger.h"
#include "tests/simulation/lanes.h"
#include "tests/simulation/secrets.h"

namespace latchkey::simulation {

// What happens at the doors while one use case runs.
struct Plan {
  int64_t fail_at = 0;  // the n-th operation at any door; 0: none
  bool after = false;   // it took effect, and the answer is lost
  bool dies = false;    // and nothing works from there on
  int64_t between = 0;  // before the n-th operation another node acts; 0: nobody
  // What came of it.
  int64_t operations = 0;
  bool failed = false;
  bool interrupted = false;
  int64_t tries_taken = 0;  // transactions that took tries of codes and took effect
  TimePoint tries_at{};     // the last of them
  ModelGuess* guess = nullptr;
};

enum class Passage { kPasses, kFailsBefore, kFailsAfter };

class Doors {
 public:
  Doors(Clock& clock, Secrets& secrets) : clock_(clock), secrets_(secrets) {}
  Passage Next();
  Clock& clock() { return clock_; }
  Secrets& secrets() { return secrets_; }

  Plan plan;
  bool ledger_away = false;
  bool hot_state_away = false;
  std::function<void()> act_between;
  std::function<void(std::string_view law, const std::string& what)> broken;

 private:
  Clock& clock_;
  Secrets& secrets_;
};

class LedgerDoor final : public ledger::Ledger {
 public:
  LedgerDoor(std::unique_ptr<ledger::Ledger> inner, Doors& doors)
      : inner_(std::move(inner)), doors_(doors) {}
  Done Commit(const ledger::Work& work) override;
  Done Read(const ledger::Work& work) override;
  std::string_view engine() const override { return inner_->engine(); }
  Result<int64_t> Migrate() override { return inner_->Migrate(); }
  Done Ping() override { return inner_->Ping(); }
  // Past the door, for looking.
  ledger::Ledger& inner() { return *inner_; }

 private:
  class Watched;
  Done Enter(bool writes, const ledger::Work& work);

  std::unique_ptr<ledger::Ledger> inner_;
  Doors& doors_;
  std::unordered_map<const char*, bool> takes_tries_;  // by statement
};

// Every reservation is compared with the model's lanes, at the moment when it is made.
class HotDoor final : public hotstate::HotState {
 public:
  HotDoor(std::unique_ptr<hotstate::HotState> inner, Doors& doors)
      : inner_(std::move(inner)), doors_(doors) {}
  Result<hotstate::Reservation> Reserve(const std::vector<hotstate::Lane>& lanes,
                                        uint64_t fingerprint, TimePoint now) override;
  Done SettleWrong(const std::vector<hotstate::Lane>& lanes, uint64_t fingerprint,
                   TimePoint now) override;
  Done SettleRight(const std::vector<hotstate::Lane>& lanes, TimePoint now) override;
  Done Release(const std::vector<hotstate::Lane>& lanes, TimePoint now) override;
  Result<hotstate::LaneState> Peek(const hotstate::Lane& lane, TimePoint now) override;
  Result<hotstate::Spending> Take(const std::vector<hotstate::Budget>& budgets,
                                  TimePoint now) override;
  Result<int64_t> Sweep(TimePoint now) override;
  std::string_view engine() const override { return inner_->engine(); }
  Done Ping() override { return inner_->Ping(); }

 private:
  template <typename F>
  auto Enter(F&& verb) -> decltype(verb());
  void Compare(const hotstate::Reservation& real, const std::vector<hotstate::Lane>& lanes,
               TimePoint now);

  std::unique_ptr<hotstate::HotState> inner_;
  Doors& doors_;
};

}  // namespace latchkey::simulation
