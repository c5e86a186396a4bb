// SPDX-License-Identifier: Apache-2.0
#include "services/latchkeyd/call_log.h"

#include "services/base/log.h"
#include "services/rpc/errors.h"

namespace latchkey {

void LogCall(const rpc::Observation& call) {
  if (call.failure == nullptr) {
    log::Info("call", {{"method", call.method},
                       {"caller", call.caller},
                       {"outcome", "ok"},
                       {"took_us", static_cast<int64_t>(call.took.count())}});
    return;
  }
  const bool ours =
      call.failure->reason == Reason::kInternal || call.failure->reason == Reason::kUnavailable;
  (ours ? log::Error : log::Info)("call", {{"method", call.method},
                                           {"caller", call.caller},
                                           {"outcome", rpc::ReasonName(call.failure->reason)},
                                           {"detail", call.failure->detail},
                                           {"took_us", static_cast<int64_t>(call.took.count())}});
}

}  // namespace latchkey
