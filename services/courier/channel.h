// SPDX-License-Identifier: Apache-2.0
// A way by which messages leave, the fifth door to the outside: mail now, SMS and letters beside
// it.
#pragma once

#include <string>

#include "services/base/clock.h"
#include "services/base/ids.h"
#include "services/courier/render.h"
#include "services/model/account.h"

namespace latchkey::courier {

struct Parcel {
  MessageId id;  // the same whenever the message is sent again, so that a receiver can drop doubles
                 // (Law 11)
  std::string address;  // one, as the ledger holds it
  TimePoint made_at;
  Rendered content;
};

enum class Fate {
  kAccepted,   // the next station has promised to deliver it
  kTemporary,  // not taken now; nobody has it
  kPermanent,  // this recipient will never take it
  kUnknown,    // handed over, but the answer was lost: it may or may not have been taken
};

struct Delivery {
  Fate fate = Fate::kTemporary;
  // For the outbox, the log and the journal: where and with which status. No address and no words
  // of the other side, which may quote the message or hold control characters.
  std::string note;
};

// Threads: any. Send takes at most longest_send() and never throws.
class Channel {
 public:
  virtual ~Channel() = default;
  virtual model::ContactKind kind() const = 0;
  virtual Millis longest_send() const = 0;
  virtual Delivery Send(const Parcel& parcel) = 0;
};

}  // namespace latchkey::courier
