// SPDX-License-Identifier: Apache-2.0
// The form of every idempotency key.
#pragma once

#include <string>

#include "services/base/result.h"

namespace latchkey::rpc {

inline constexpr size_t kIdempotencyKeyBytes = 16;

// kMalformed: it is absent, or of another length.
inline Done CheckKey(const std::string& key) {
  return key.size() == kIdempotencyKeyBytes ? Done() : Done(Malformed("idempotency_key"));
}

}  // namespace latchkey::rpc
