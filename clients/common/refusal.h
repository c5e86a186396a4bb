// SPDX-License-Identifier: Apache-2.0
// Why the service refused, as a client sees it. The words for people are each client's own.
#pragma once

#include <string>

#include "latchkey/v1/common.pb.h"

namespace grpc {
class Status;
}

namespace latchkey::client {

// `unreachable`: no answer came (no connection, or the deadline passed), so it is not known whether
// anything was done; the same request may be sent again with the same idempotency key. `refusal`
// then is BUSY without a time. `misfit`: why the service's certificate and this client's
// configuration do not fit together, for whoever set it up; nothing was sent then, and asking again
// does not help. Empty otherwise.
struct Refused {
  v1::Refusal refusal;
  bool unreachable = false;
  std::string misfit = {};
  v1::RefusalReason reason() const { return refusal.reason(); }
};

// Reads the detail of a status that is not OK. A status without one becomes the reason that its
// code allows; a refusal that this client does not know (a newer service) keeps its number.
Refused RefusalOf(const grpc::Status& status);

}  // namespace latchkey::client
