// SPDX-License-Identifier: Apache-2.0
// When the first engine is away, the same verbs run on the second: slower, never open.
//
// What the first one had counted is not visible meanwhile; the second begins with its own counts.
// So whoever can stop Redis gains the lanes' numbers once more, on top of what the authenticator's
// own count in the ledger still bounds (100 in a row). The other two choices are worse: refusing
// every sign-in hands out a switch that locks everybody out, and counting everything twice makes
// each guess pay for a ledger write.
#pragma once

#include <atomic>
#include <memory>
#include <utility>

#include "services/hotstate/hotstate.h"

namespace latchkey::hotstate {

class FallbackHotState final : public HotState {
 public:
  FallbackHotState(std::unique_ptr<HotState> first, std::unique_ptr<HotState> second)
      : first_(std::move(first)), second_(std::move(second)) {}

  Result<Reservation> Reserve(const std::vector<Lane>& lanes, uint64_t fingerprint,
                              TimePoint now) override;
  Done SettleWrong(const std::vector<Lane>& lanes, uint64_t fingerprint, TimePoint now) override;
  // Clears both: what was counted before or during an outage is forgiven by the same success.
  Done SettleRight(const std::vector<Lane>& lanes, TimePoint now) override;
  // Gives back only where the reservation was surely made: around a change of engines the count
  // stands instead.
  Done Release(const std::vector<Lane>& lanes, TimePoint now) override;
  Result<LaneState> Peek(const Lane& lane, TimePoint now) override;
  Result<Spending> Take(const std::vector<Budget>& budgets, TimePoint now) override;
  Result<int64_t> Sweep(TimePoint now) override;

  std::string_view engine() const override { return first_->engine(); }
  // Fails while the first engine is away, although the verbs work: operators should know.
  Done Ping() override { return first_->Ping(); }

 private:
  // Runs a verb on the first engine, or on the second while the first is away.
  template <typename Verb>
  auto Run(TimePoint now, Verb verb) -> decltype(verb(std::declval<HotState&>()));

  bool FirstIsAway(TimePoint now) const {
    return ToUnixMillis(now) < ask_first_again_at_ms_.load();
  }

  const std::unique_ptr<HotState> first_;
  const std::unique_ptr<HotState> second_;
  std::atomic<int64_t> ask_first_again_at_ms_{
      0};  // until then nobody waits for the first engine's timeout
  std::atomic<int64_t> second_used_at_ms_{0};
};

}  // namespace latchkey::hotstate
