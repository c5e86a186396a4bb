// SPDX-License-Identifier: Apache-2.0
// One line of the log for each call: who, what, how it ended; nothing that was said in it.
#pragma once

#include "services/rpc/edge.h"

namespace latchkey {

// An error when it was the service's own fault.
void LogCall(const rpc::Observation& call);

}  // namespace latchkey
