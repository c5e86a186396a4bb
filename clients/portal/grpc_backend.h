// SPDX-License-Identifier: Apache-2.0
// The Backend that is the real service, over gRPC's callback stubs.
#pragma once

#include <chrono>
#include <memory>

#include "clients/portal/backend.h"

namespace grpc {
class Channel;
}

namespace latchkey::portal {

// Every call ends after `patience`, with a refusal that is `unreachable` when the service did not
// answer.
std::unique_ptr<Backend> MakeGrpcBackend(std::shared_ptr<grpc::Channel> channel,
                                         std::chrono::milliseconds patience);

}  // namespace latchkey::portal
