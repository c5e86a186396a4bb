// SPDX-License-Identifier: Apache-2.0
#include "services/recovery/session.h"

#include <utility>

#include "crypto/digest.h"
#include "services/ledger/intakes.h"
#include "services/recovery/standing.h"

namespace latchkey::recovery {

Result<model::Token> FindSession(const Parts& parts, const Secret& session) {
  auto token = FindGenuineToken(parts, model::TokenPurpose::kRecoverySession, session);
  if (!token.ok() && token.reason() == Reason::kWrong) return Fail(Reason::kExpired);
  return token;
}

Repeatable RepeatableFor(std::string_view method, std::string_view idempotency_key,
                         const model::Token& session) {
  return {.request_key = ledger::RequestKey(method, idempotency_key),
          .payload_digest = crypto::Digest({"latchkey repeatable request v1"},
                                           {method, crypto::Part(session.id.value)})};
}

Result<std::optional<std::string>> FindEarlierAnswer(const Parts& parts,
                                                     const Repeatable& request) {
  LATCHKEY_ASSIGN(auto answer, parts.ledger.Query([&](ledger::Transaction& tx) {
    return ledger::FindAnswer(tx, parts.store.keys, request.request_key, parts.store.clock.Now());
  }));
  if (!answer) return std::optional<std::string>();
  if (answer->payload_digest != request.payload_digest) return Fail(Reason::kConflict);
  return std::optional<std::string>(std::move(answer->text));
}

Done KeepAnswer(ledger::Transaction& tx, const Parts& parts, const Repeatable& request,
                const std::string& answer) {
  LATCHKEY_ASSIGN(const bool kept,
                  ledger::PutAnswer(tx, parts.store,
                                    {.request_key = request.request_key,
                                     .payload_digest = request.payload_digest,
                                     .text = answer,
                                     .expires_at = parts.store.clock.Now() + parts.rules.answers}));
  return kept ? Done() : Done(Fail(Reason::kConflict));
}

}  // namespace latchkey::recovery
