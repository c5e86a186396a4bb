// SPDX-License-Identifier: Apache-2.0
// Who calls, and who may call what.
#pragma once

#include <string_view>
#include <vector>

#include "crypto/identity.h"
#include "services/base/result.h"
#include "services/model/account.h"

namespace grpc {
class AuthContext;
}

namespace latchkey::rpc {

// The caller's identity: the single URI name of the certificate that this connection's TLS verified
// (attacks P02, P03). Headers and metadata are never read. kNotAllowed when there is no such name,
// more than one, or another bank's.
Result<crypto::Identity> CallerOf(const grpc::AuthContext* context, std::string_view bank);

// The roles that may call a method ("/latchkey.v1.Recovery/Begin"). A method that is not in the
// table has none.
const std::vector<crypto::Role>& RolesOf(std::string_view method);

// The channel that a gateway of this role speaks for.
model::Channel ChannelOf(crypto::Role role);

}  // namespace latchkey::rpc
