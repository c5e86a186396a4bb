// SPDX-License-Identifier: Apache-2.0
#include "services/recovery/session.h"

#include <utility>

#include "crypto/digest.h"
#include "services/ledger/intakes.h"
#include "services/recovery/standing.h"

namespace latchkey::recovery {
namespace {

// Both are the one digest, which the seal of the answer is bound to as well: an answer that
// somebody moves to another row opens nothing.
Repeatable RepeatableGuess(const Secret& token_key, const SentGuess& guess) {
  const Bytes digest = crypto::KeyedDigest(
      token_key, {"latchkey repeatable guess v1"},
      {guess.method, guess.idempotency_key, guess.target, guess.digits.Reveal()});
  return {.request_key = digest, .payload_digest = digest};
}

Done Keep(ledger::Transaction& tx, const Parts& parts, const Repeatable& request,
          const Secret& answer, Millis lasts) {
  LATCHKEY_ASSIGN(const bool kept,
                  ledger::PutAnswer(tx, parts.store,
                                    {.request_key = request.request_key,
                                     .payload_digest = request.payload_digest,
                                     .text = answer.Copy(),
                                     .expires_at = parts.store.clock.Now() + lasts}));
  return kept ? Done() : Done(Fail(Reason::kConflict));
}

}  // namespace

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

Result<std::optional<Secret>> FindEarlierAnswer(const Parts& parts, const Repeatable& request) {
  LATCHKEY_ASSIGN(auto answer, parts.ledger.Query([&](ledger::Transaction& tx) {
    return ledger::FindAnswer(tx, parts.store.keys, request.request_key, parts.store.clock.Now());
  }));
  if (!answer) return std::optional<Secret>();
  if (answer->payload_digest != request.payload_digest) return Fail(Reason::kConflict);
  return std::optional<Secret>(std::move(answer->text));
}

Done KeepAnswer(ledger::Transaction& tx, const Parts& parts, const Repeatable& request,
                const Secret& answer) {
  return Keep(tx, parts, request, answer, parts.rules.answers);
}

Result<std::optional<Secret>> FindEarlierToken(const Parts& parts, const signin::Counted&,
                                               const SentGuess& guess) {
  const crypto::KeyRing& keys = parts.store.keys;
  // A restart with a new key is when answers are lost.
  for (int version : keys.Versions(crypto::KeyUse::kToken)) {
    const Secret& key = *keys.At(crypto::KeyUse::kToken, version);
    LATCHKEY_ASSIGN(auto answer, FindEarlierAnswer(parts, RepeatableGuess(key, guess)));
    if (answer) return answer;
  }
  return std::optional<Secret>();
}

Done KeepToken(ledger::Transaction& tx, const Parts& parts, const SentGuess& guess,
               const Secret& token) {
  const Secret& key = parts.store.keys.Current(crypto::KeyUse::kToken);
  return Keep(tx, parts, RepeatableGuess(key, guess), token, parts.rules.token_answers);
}

}  // namespace latchkey::recovery
