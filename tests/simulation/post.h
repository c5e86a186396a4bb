// SPDX-License-Identifier: Apache-2.0
// The channel by which messages leave: it delivers, delays, doubles, refuses for now, and loses
// answers. What lies in a mailbox is read as a person reads it: from the text.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "services/courier/channel.h"
#include "tests/simulation/dice.h"
#include "tests/simulation/doors.h"
#include "tests/simulation/model.h"

namespace latchkey::simulation {

class Post final : public courier::Channel {
 public:
  Post(Dice& dice, Doors& doors) : dice_(dice), doors_(doors) {}
  model::ContactKind kind() const override { return model::ContactKind::kEmail; }
  Millis longest_send() const override { return std::chrono::seconds(30); }
  courier::Delivery Send(const courier::Parcel& parcel) override;

  // Law 11: what was taken goes out again only if nobody could write that down. A courier's step
  // begins with Taken; after it, what was taken since is done with, if nothing failed.
  size_t Taken() const { return taken_.size(); }
  void Settle(size_t since, bool nothing_failed);

  // What has arrived by now, in order; each only once, with the address that it came to.
  std::optional<std::pair<std::string, Mail>> Next(TimePoint now);
  bool calm = false;  // delivers at once

 private:
  void Deliver(const courier::Parcel& parcel, TimePoint at);
  courier::Delivery Accept(const courier::Parcel& parcel, TimePoint at);

  Dice& dice_;
  Doors& doors_;
  std::multimap<TimePoint, std::pair<std::string, Mail>> under_way_;
  std::vector<int64_t> taken_;        // messages, by steps that are not over
  std::unordered_set<int64_t> done_;  // and by those that are
};

}  // namespace latchkey::simulation
