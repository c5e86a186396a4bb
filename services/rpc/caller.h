// SPDX-License-Identifier: Apache-2.0
// Who calls, and who may call what.
#pragma once

#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crypto/identity.h"
#include "services/base/result.h"
#include "services/model/account.h"

namespace grpc {
class AuthContext;
}

namespace latchkey::rpc {

// Tells callers by the certificate that their connection's TLS verified; headers and metadata are
// never read (attacks P02, P03). Threads: any.
class Callers {
 public:
  // `revoked`: SHA-256 of certificates, lower-case hex.
  Callers(std::string bank, const std::vector<std::string>& revoked)
      : bank_(std::move(bank)), revoked_(revoked.begin(), revoked.end()) {}

  // The single URI name of the certificate. kNotAllowed when there is no such name, more than one,
  // or another bank's; when the certificate does not say that it is for clients, or was revoked.
  Result<crypto::Identity> Identify(const grpc::AuthContext* context);

 private:
  Done CheckCertificate(std::string_view pem);

  const std::string bank_;
  const std::set<std::string> revoked_;
  std::mutex mutex_;
  std::set<std::string, std::less<>>
      checked_;  // and found good: reading one costs more than a call
};

// The roles that may call a method ("/latchkey.v1.Recovery/Begin"). A method that is not in the
// table has none.
const std::vector<crypto::Role>& RolesOf(std::string_view method);

// The channel that a gateway of this role speaks for.
model::Channel ChannelOf(crypto::Role role);

}  // namespace latchkey::rpc
