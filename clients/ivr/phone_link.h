// SPDX-License-Identifier: Apache-2.0
// Carries the dialogue's requests to the service.
#pragma once

#include <memory>

#include "clients/ivr/exchange.h"

namespace grpc {
class Channel;
}

namespace latchkey::ivr {

// Threads: any.
class PhoneLink {
 public:
  explicit PhoneLink(const std::shared_ptr<grpc::Channel>& channel);
  ~PhoneLink();

  // Waits for the answer, at most the deadline of clients/common/call.h.
  Reply Carry(const Request& request);

 private:
  struct Stub;
  std::unique_ptr<Stub> stub_;
};

}  // namespace latchkey::ivr
