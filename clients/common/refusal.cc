// SPDX-License-Identifier: Apache-2.0
#include "clients/common/refusal.h"

#include <grpcpp/support/status.h>

namespace latchkey::client {
namespace {

// For answers that come without our detail: from gRPC itself or from something between.
v1::RefusalReason ReasonOfCode(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::PERMISSION_DENIED:
    case grpc::StatusCode::UNAUTHENTICATED:
    case grpc::StatusCode::UNIMPLEMENTED:
      return v1::REFUSAL_REASON_NOT_ALLOWED;
    case grpc::StatusCode::INVALID_ARGUMENT:
    case grpc::StatusCode::OUT_OF_RANGE:
      return v1::REFUSAL_REASON_MALFORMED;
    default:
      return v1::REFUSAL_REASON_BUSY;
  }
}

// gRPC tells in its message alone why a handshake failed.
std::string MisfitOf(const std::string& message) {
  const auto says = [&](const char* words) { return message.find(words) != std::string::npos; };
  if (says("is not in peer certificate"))
    return "the service's certificate has another name than \"server\" in [service], or than "
           "\"server_name\" if that is set";
  if (says("certificate verify failed"))
    return "the service's certificate is not of the authority in \"ca\" in [service], or has "
           "expired";
  return {};
}

}  // namespace

Refused RefusalOf(const grpc::Status& status) {
  Refused refused;
  const std::string detail = status.error_details();
  if (!detail.empty() && refused.refusal.ParseFromString(detail) &&
      refused.reason() != v1::REFUSAL_REASON_UNSPECIFIED) {
    return refused;
  }
  refused.refusal.Clear();
  refused.refusal.set_reason(ReasonOfCode(status.error_code()));
  refused.unreachable = refused.reason() == v1::REFUSAL_REASON_BUSY;
  if (refused.unreachable) refused.misfit = MisfitOf(status.error_message());
  return refused;
}

}  // namespace latchkey::client
