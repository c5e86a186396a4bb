// SPDX-License-Identifier: Apache-2.0
// The one place where a Failure becomes what an outsider may learn.
#pragma once

#include <grpcpp/support/status.h>

#include "services/base/result.h"

namespace latchkey::rpc {

// The status, with a serialized latchkey.v1.Refusal as its details. The failure's `detail` stays
// inside.
grpc::Status ToStatus(const Failure& failure);

// The name of a reason in logs and metrics: "wrong", "resting", …
std::string_view ReasonName(Reason reason);

}  // namespace latchkey::rpc
