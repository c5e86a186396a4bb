// SPDX-License-Identifier: Apache-2.0
// Where a customer's request came from, checked and in canonical form.
#pragma once

#include "latchkey/v1/common.pb.h"
#include "services/base/result.h"
#include "services/model/account.h"
#include "services/rpc/edge.h"

namespace latchkey::rpc {

// The channel is the caller's, from its certificate. kMalformed (field "source.address",
// "source.device_token" or "source.language") for what no gateway sends: a gateway that cannot tell
// a source must not make one up (attack K03).
Result<model::Source> SourceOf(const Call& call, const v1::Source& source);

}  // namespace latchkey::rpc
