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

Result<bool> HotMemory::Take(const hotstate::Budget& budget, TimePoint now) {
  std::lock_guard lock(tables_->mutex);
  const TimePoint latest = now + budget.refill * budget.capacity;
  TimePoint& full_at = tables_->budgets.try_emplace(budget.key.data, now).first->second;
  // Only a clock that was ahead can have put it further away: then one is left.
  if (full_at > latest + hotstate::kClocksDiffer) {
    full_at = latest;
    return true;
  }
  const TimePoint next = std::max(full_at, now) + budget.refill;
  if (full_at > now && next > latest) return false;
  full_at = next;
  return true;
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
