// SPDX-License-Identifier: Apache-2.0
// Carries the presenter's requests to the service.
#pragma once

#include <memory>

#include "clients/branch/exchange.h"

namespace grpc {
class Channel;
}

namespace latchkey::branch {

// One thread at a time.
class TellerLink {
 public:
  explicit TellerLink(const std::shared_ptr<grpc::Channel>& channel);
  ~TellerLink();

  // Waits for the answer, at most the deadline of clients/common/call.h. Wipes the request's
  // secrets.
  Reply Carry(Request request);

 private:
  struct Stubs;
  std::unique_ptr<Stubs> stubs_;
};

}  // namespace latchkey::branch
