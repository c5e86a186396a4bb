// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/hot_memory.h"

#include <algorithm>

namespace latchkey::simulation {

using hotstate::Lane;
using hotstate::LaneRecord;

LaneRecord HotMemory::AsOf(const Lane& lane, TimePoint now) const {
  const auto found = tables_->lanes.find(lane.key.data);
  return found == tables_->lanes.end() ? LaneRecord{}
                                       : hotstate::AsOf(found->second, lane.rule, now);
}

Result<hotstate::Reservation> HotMemory::Reserve(const std::vector<Lane>& lanes,
                                                 uint64_t fingerprint, TimePoint now) {
  std::lock_guard lock(tables_->mutex);
  hotstate::Reservation reservation;
  for (const Lane& lane : lanes) {
    const LaneRecord record = AsOf(lane, now);
    if (Rests(record, now))
      reservation.retry_at = std::max(reservation.retry_at, record.rests_until);
    reservation.repeated = reservation.repeated || HasSeen(record, fingerprint);
  }
  if (reservation.retry_at > now) return hotstate::Reservation{.retry_at = reservation.retry_at};
  reservation.granted = true;
  if (reservation.repeated) return reservation;
  for (const Lane& lane : lanes) {
    LaneRecord record = AsOf(lane, now);
    CountOne(record, lane.rule, now);
    if (Rests(record, now))
      reservation.rests_until = std::max(reservation.rests_until, record.rests_until);
    tables_->lanes[lane.key.data] = std::move(record);
  }
  return reservation;
}

Done HotMemory::SettleWrong(const std::vector<Lane>& lanes, uint64_t fingerprint, TimePoint now) {
  std::lock_guard lock(tables_->mutex);
  for (const Lane& lane : lanes) {
    LaneRecord record = AsOf(lane, now);
    Remember(record, fingerprint);
    tables_->lanes[lane.key.data] = std::move(record);
  }
  return {};
}

Done HotMemory::SettleRight(const std::vector<Lane>& lanes, TimePoint) {
  std::lock_guard lock(tables_->mutex);
  for (const Lane& lane : lanes) tables_->lanes.erase(lane.key.data);
  return {};
}

Done HotMemory::Release(const std::vector<Lane>& lanes, TimePoint now) {
  std::lock_guard lock(tables_->mutex);
  for (const Lane& lane : lanes) {
    LaneRecord record = AsOf(lane, now);
    GiveBackOne(record, now);
    tables_->lanes[lane.key.data] = std::move(record);
  }
  return {};
}

Result<hotstate::LaneState> HotMemory::Peek(const Lane& lane, TimePoint now) {
  std::lock_guard lock(tables_->mutex);
  const LaneRecord record = AsOf(lane, now);
  return hotstate::LaneState{.failures = record.failures, .rests_until = record.rests_until};
}

// When the budget would be full again once one is taken from it; nothing: it is empty.
std::optional<TimePoint> HotMemory::AfterOne(const hotstate::Budget& budget, TimePoint now) const {
  const auto found = tables_->budgets.find(budget.key.data);
  if (found == tables_->budgets.end() || found->second <= now) return now + budget.refill;
  const TimePoint latest = now + budget.refill * budget.capacity;
  // Only a clock that was ahead can have put it further away: then one is left.
  if (found->second > latest + hotstate::kClocksDiffer) return latest;
  const TimePoint next = found->second + budget.refill;
  return next > latest ? std::nullopt : std::optional(next);
}

Result<hotstate::Spending> HotMemory::Take(const std::vector<hotstate::Budget>& budgets,
                                           TimePoint now) {
  std::lock_guard lock(tables_->mutex);
  std::vector<TimePoint> next;
  for (const hotstate::Budget& budget : budgets) {
    const auto after = AfterOne(budget, now);
    if (!after) return hotstate::Spending{.empty = next.size()};
    next.push_back(*after);
  }
  for (size_t i = 0; i < budgets.size(); ++i) tables_->budgets[budgets[i].key.data] = next[i];
  return hotstate::Spending{.granted = true};
}

Result<int64_t> HotMemory::Sweep(TimePoint now) {
  std::lock_guard lock(tables_->mutex);
  const auto swept =
      std::erase_if(tables_->lanes,
                    [&](const auto& lane) { return lane.second.forget_at <= now; }) +
      std::erase_if(tables_->budgets, [&](const auto& budget) { return budget.second <= now; });
  return static_cast<int64_t>(swept);
}

}  // namespace latchkey::simulation
