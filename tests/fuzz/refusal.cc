// SPDX-License-Identifier: Apache-2.0
// Whatever details a status carries, a client learns a reason.
#include "clients/common/refusal.h"

#include <grpcpp/support/status.h>

#include <cstdint>
#include <cstdlib>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const auto code = static_cast<grpc::StatusCode>(1 + data[0] % 16);
  const grpc::Status status(code, "refused",
                            std::string(reinterpret_cast<const char*>(data + 1), size - 1));
  if (latchkey::client::RefusalOf(status).reason() == latchkey::v1::REFUSAL_REASON_UNSPECIFIED)
    std::abort();
  return 0;
}
