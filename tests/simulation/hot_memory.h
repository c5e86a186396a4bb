// SPDX-License-Identifier: Apache-2.0
// The hot state in the memory of this process: the arithmetic of the production engines over two
// maps. On SQL it takes a quarter of the time that a simulated bank spends in SQLite. The contract
// of the hot state runs on it as on the others.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "services/hotstate/arithmetic.h"
#include "services/hotstate/hotstate.h"

namespace latchkey::simulation {

// What all nodes share.
struct HotTables {
  std::mutex mutex;
  std::unordered_map<std::string, hotstate::LaneRecord> lanes;
  std::unordered_map<std::string, TimePoint> budgets;  // when each would be full again
};

// Threads: any. Never fails.
class HotMemory final : public hotstate::HotState {
 public:
  explicit HotMemory(std::shared_ptr<HotTables> tables) : tables_(std::move(tables)) {}
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
  std::string_view engine() const override { return "memory"; }
  Done Ping() override { return {}; }

 private:
  hotstate::LaneRecord AsOf(const hotstate::Lane& lane, TimePoint now) const;
  std::optional<TimePoint> AfterOne(const hotstate::Budget& budget, TimePoint now) const;
  const std::shared_ptr<HotTables> tables_;
};

}  // namespace latchkey::simulation
