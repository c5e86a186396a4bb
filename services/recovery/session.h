// SPDX-License-Identifier: Apache-2.0
// Recovery sessions, and requests that are sent again.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "services/recovery/recovery.h"

namespace latchkey::recovery {

// The token of a recovery session: alive or dead, but genuine. kExpired when there is none: whoever
// holds one that was swept away long ago did hold one.
Result<model::Token> FindSession(const Parts& parts, const Secret& session);

// One request that may come again with the same key (attack P08).
struct Repeatable {
  Bytes request_key;
  Bytes payload_digest;  // of what the request is about, except for a password
};
Repeatable RepeatableFor(std::string_view method, std::string_view idempotency_key,
                         const model::Token& session);

// What was answered to this very request before, as KeepAnswer packed it. kConflict: the key was
// used for another one.
Result<std::optional<std::string>> FindEarlierAnswer(const Parts& parts, const Repeatable& request);
// In the transaction of what is answered. kConflict: another request took the key in between.
Done KeepAnswer(ledger::Transaction& tx, const Parts& parts, const Repeatable& request,
                const std::string& answer);

}  // namespace latchkey::recovery
