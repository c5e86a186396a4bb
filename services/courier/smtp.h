// SPDX-License-Identifier: Apache-2.0
// Mail as a channel: a list of relays, asked in order.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "services/base/clock.h"
#include "services/courier/bank.h"
#include "services/courier/channel.h"
#include "services/courier/relay.h"

namespace latchkey::courier {

struct SmtpOptions {
  std::vector<RelayOptions> relays;             // at least one
  Millis timeout = std::chrono::seconds(30);    // of one message
  Millis spare_for = std::chrono::seconds(60);  // how long a relay that failed is asked last
};

// Threads: any; the relays' state is behind one lock, conversations run outside of it.
class SmtpChannel final : public Channel {
 public:
  // kMalformed when a relay's options are impossible. Talks to nobody yet.
  static Result<std::unique_ptr<SmtpChannel>> Make(const BankOptions& bank, SmtpOptions options,
                                                   Clock& clock);

  model::ContactKind kind() const override { return model::ContactKind::kEmail; }
  Millis longest_send() const override {
    return options_.timeout * static_cast<int>(options_.relays.size());
  }
  // Asks the next relay when one fails or takes nothing now; not after a refusal for good, nor when
  // the answer was lost: a second relay would make a double where waiting may not.
  Delivery Send(const Parcel& parcel) override;

 private:
  SmtpChannel(const BankOptions& bank, SmtpOptions options, Clock& clock);
  std::vector<size_t> Order();
  void Remember(size_t relay, bool failed);
  std::unique_ptr<RelayLine> TakeLine(size_t relay);
  void GiveBack(size_t relay, std::unique_ptr<RelayLine> line);

  const BankOptions bank_;
  const SmtpOptions options_;
  Clock& clock_;
  std::mutex mutex_;
  std::vector<TimePoint> spared_until_;  // by relay
  // By relay: those that nobody speaks on, so never more than there were conversations at once.
  std::vector<std::vector<std::unique_ptr<RelayLine>>> lines_;
};

}  // namespace latchkey::courier
