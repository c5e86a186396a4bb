// SPDX-License-Identifier: Apache-2.0
#include "services/hotstate/fallback.h"

namespace latchkey::hotstate {
namespace {

constexpr Millis kPauseBeforeAskingAgain{1'000};
// Longer than any guess takes from its reservation to its settlement.
constexpr Millis kLongestGuess{60'000};

}  // namespace

template <typename Verb>
auto FallbackHotState::Run(TimePoint now, Verb verb) -> decltype(verb(std::declval<HotState&>())) {
  if (!FirstIsAway(now)) {
    auto result = verb(*first_);
    if (result.ok() || result.reason() != Reason::kUnavailable) return result;
    ask_first_again_at_ms_ = ToUnixMillis(now + kPauseBeforeAskingAgain);
  }
  second_used_at_ms_ = ToUnixMillis(now);
  return verb(*second_);
}

Result<Reservation> FallbackHotState::Reserve(const std::vector<Lane>& lanes, uint64_t fingerprint,
                                              TimePoint now) {
  return Run(now, [&](HotState& engine) { return engine.Reserve(lanes, fingerprint, now); });
}

Done FallbackHotState::SettleWrong(const std::vector<Lane>& lanes, uint64_t fingerprint,
                                   TimePoint now) {
  return Run(now, [&](HotState& engine) { return engine.SettleWrong(lanes, fingerprint, now); });
}

Done FallbackHotState::SettleRight(const std::vector<Lane>& lanes, TimePoint now) {
  Done second = second_->SettleRight(lanes, now);
  if (FirstIsAway(now)) return second;
  return first_->SettleRight(lanes, now);
}

Done FallbackHotState::Release(const std::vector<Lane>& lanes, TimePoint now) {
  const bool changed_lately = ToUnixMillis(now) - second_used_at_ms_.load() < kLongestGuess.count();
  if (changed_lately) return {};
  return first_->Release(lanes, now);
}

Result<LaneState> FallbackHotState::Peek(const Lane& lane, TimePoint now) {
  return Run(now, [&](HotState& engine) { return engine.Peek(lane, now); });
}

Result<Spending> FallbackHotState::Take(const std::vector<Budget>& budgets, TimePoint now) {
  return Run(now, [&](HotState& engine) { return engine.Take(budgets, now); });
}

Result<int64_t> FallbackHotState::Sweep(TimePoint now) { return second_->Sweep(now); }

}  // namespace latchkey::hotstate
