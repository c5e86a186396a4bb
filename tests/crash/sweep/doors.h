// SPDX-License-Identifier: Apache-2.0
// The hot state and a channel that fail where Faults says. The ledger's is FaultyLedger.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "services/courier/channel.h"
#include "services/hotstate/hotstate.h"
#include "tests/crash/sweep/faults.h"

namespace latchkey::testing {

class FaultyHotState final : public hotstate::HotState {
 public:
  FaultyHotState(std::unique_ptr<hotstate::HotState> inner, Faults& faults)
      : inner_(std::move(inner)), faults_(faults) {}

  Result<hotstate::Reservation> Reserve(const std::vector<hotstate::Lane>& lanes,
                                        uint64_t fingerprint, TimePoint now) override {
    return Verb<Result<hotstate::Reservation>>(
        [&] { return inner_->Reserve(lanes, fingerprint, now); });
  }
  Done SettleWrong(const std::vector<hotstate::Lane>& lanes, uint64_t fingerprint,
                   TimePoint now) override {
    return Verb<Done>([&] { return inner_->SettleWrong(lanes, fingerprint, now); });
  }
  Done SettleRight(const std::vector<hotstate::Lane>& lanes, TimePoint now) override {
    return Verb<Done>([&] { return inner_->SettleRight(lanes, now); });
  }
  Done Release(const std::vector<hotstate::Lane>& lanes, TimePoint now) override {
    return Verb<Done>([&] { return inner_->Release(lanes, now); });
  }
  Result<hotstate::LaneState> Peek(const hotstate::Lane& lane, TimePoint now) override {
    return Verb<Result<hotstate::LaneState>>([&] { return inner_->Peek(lane, now); });
  }
  Result<hotstate::Spending> Take(const std::vector<hotstate::Budget>& budgets,
                                  TimePoint now) override {
    return Verb<Result<hotstate::Spending>>([&] { return inner_->Take(budgets, now); });
  }
  Result<int64_t> Sweep(TimePoint now) override {
    return Verb<Result<int64_t>>([&] { return inner_->Sweep(now); });
  }
  std::string_view engine() const override { return inner_->engine(); }
  Done Ping() override { return inner_->Ping(); }

 private:
  template <typename Answer, typename Ask>
  Answer Verb(Ask ask) {
    if (faults_.Strikes(When::kBefore)) return Fail(Reason::kUnavailable, "the hot state is away");
    Answer answer = ask();
    if (faults_.Strikes(When::kAfter)) return Fail(Reason::kUnavailable, "its answer was lost");
    return answer;
  }

  std::unique_ptr<hotstate::HotState> inner_;
  Faults& faults_;
};

// Takes mail. What arrived is kept; before it took effect nothing did.
class FaultyChannel final : public courier::Channel {
 public:
  explicit FaultyChannel(Faults& faults) : faults_(faults) {}
  model::ContactKind kind() const override { return model::ContactKind::kEmail; }
  Millis longest_send() const override { return Millis(1000); }
  courier::Delivery Send(const courier::Parcel& parcel) override {
    if (faults_.Strikes(When::kBefore)) return {courier::Fate::kTemporary, "away"};
    arrived_.emplace_back(parcel.id, parcel.content.text);
    if (faults_.Strikes(When::kAfter)) return {courier::Fate::kUnknown, "no answer"};
    return {courier::Fate::kAccepted, "took it"};
  }
  const std::vector<std::pair<MessageId, std::string>>& arrived() const { return arrived_; }

 private:
  Faults& faults_;
  std::vector<std::pair<MessageId, std::string>> arrived_;
};

}  // namespace latchkey::testing
