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
Result<std::optional<Secret>> FindEarlierAnswer(const Parts& parts, const Repeatable& request);
// In the transaction of what is answered. kConflict: another request took the key in between.
Done KeepAnswer(ledger::Transaction& tx, const Parts& parts, const Repeatable& request,
                const Secret& answer);

// A guess that may come again. Its key, whom it names and its digits are one keyed digest, and no
// digits are compared: the same key with others finds nothing, and is a guess like any (Law 4).
struct SentGuess {
  std::string_view method;
  std::string_view idempotency_key;
  std::string_view target;  // handle or name, as it was sent
  const Secret& digits;     // as typed
};
// The token that this very guess was answered with, if that is not long ago. To be asked for
// everybody whose guess was counted and not accepted (Law 6); whether the token lives is the
// caller's to ask.
Result<std::optional<Secret>> FindEarlierToken(const Parts& parts, const signin::Counted&,
                                               const SentGuess& guess);
// In the transaction that accepts the guess (Law 3). kConflict: it has been answered in between.
Done KeepToken(ledger::Transaction& tx, const Parts& parts, const SentGuess& guess,
               const Secret& token);

}  // namespace latchkey::recovery
