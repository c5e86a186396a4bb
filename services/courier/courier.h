// SPDX-License-Identifier: Apache-2.0
// Takes messages from the outbox to their channel and writes down what became of them.
//
// At least once: a message is ended only after a relay has accepted it, so a crash in between sends
// it again, with the same Message-ID (Law 11). What went out and what failed for good is journaled
// in the transaction that ends it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "services/base/periodic.h"
#include "services/base/result.h"
#include "services/courier/channel.h"
#include "services/courier/pauses.h"
#include "services/courier/render.h"
#include "services/ledger/accounts.h"
#include "services/ledger/ledger.h"
#include "services/ledger/outbox.h"

namespace latchkey::courier {

struct CourierOptions {
  int workers = 4;
  int batch = 4;
  // Then a message is set aside of which it is not known whether the relay took it; with the
  // default pauses after about half a day. What no relay took is tried until it expires.
  int64_t max_attempts = 24;
  Pauses pauses;
  Millis idle = Millis(500);  // between looks at an empty outbox
};

// Since the start of this process.
struct CourierCounts {
  uint64_t accepted = 0;
  uint64_t postponed = 0;  // tries that did not work out, each
  uint64_t unknown = 0;    // of these: the answer was lost, a double is possible
  uint64_t overtaken = 0;  // of no use any more: expired, or the contact was removed
  uint64_t set_aside = 0;  // given up: too many tries, or refused for good
  uint64_t poison = 0;     // of these: could never be sent; a bug or a lost key
};

// Threads: any. The references must outlive it.
class Courier {
 public:
  Courier(ledger::Ledger& ledger, const ledger::StoreContext& context, const Renderer& renderer,
          std::vector<Channel*> channels, const CourierOptions& options);
  ~Courier() { Stop(); }

  // Takes one batch that is due and handles it; returns how many. A failure means that the ledger
  // did not answer: what was leased is given back, or comes again when its lease ends.
  Result<int> RunOnce();

  // Workers that call RunOnce until Stop, which lets messages on their way finish.
  void Start();
  void Stop();
  // There is something new in the outbox.
  void Wake();

  CourierCounts counts() const;

 private:
  struct Destination;
  Millis Lease() const;
  Channel* ChannelFor(model::ContactKind kind) const;
  Done Handle(const ledger::LeasedMessage& message);
  void GiveBack(const std::vector<ledger::LeasedMessage>& leased, size_t faltered);
  Result<Destination> FindDestination(const ledger::LeasedMessage& message);
  Done End(const ledger::LeasedMessage& message, ledger::MessageState state, const Destination& to,
           const std::string& why);
  Done Accept(const ledger::LeasedMessage& message, const Destination& to,
              const Delivery& delivery);
  Done TryLater(const ledger::LeasedMessage& message, const Destination& to,
                const Delivery& delivery);
  Done Overtake(const ledger::LeasedMessage& message, const Destination& to,
                const std::string& why);
  Done SetAside(const ledger::LeasedMessage& message, const Destination& to,
                const std::string& why);
  Done Poison(const ledger::LeasedMessage& message, const Destination& to, const std::string& why);

  ledger::Ledger& ledger_;
  const ledger::StoreContext context_;
  const Renderer& renderer_;
  const std::vector<Channel*> channels_;
  const CourierOptions options_;
  std::vector<std::unique_ptr<Periodic>> workers_;
  std::atomic<uint64_t> accepted_{0}, postponed_{0}, unknown_{0}, overtaken_{0}, set_aside_{0},
      poison_{0};
};

}  // namespace latchkey::courier
