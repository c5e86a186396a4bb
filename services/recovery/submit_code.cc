// SPDX-License-Identifier: Apache-2.0
// SubmitCode: digits for a session. Counted before compared, twice: in the lanes of the account,
// across codes, recoveries, channels and nodes, and in the five tries of each code (Law 4; attacks
// C01 to C04).
//
// A right code is used up by the answer (RTS Art. 4(1)): unlike a link, nothing but a person enters
// it. The link of the same message stays good. Whoever lost the answer gets it again by the same
// request (session.h).
#include <optional>
#include <utility>

#include "crypto/token.h"
#include "services/base/check.h"
#include "services/ledger/journal.h"
#include "services/ledger/strangers.h"
#include "services/ledger/tokens.h"
#include "services/ledger/unknown_names.h"
#include "services/recovery/guessed.h"
#include "services/recovery/recovery.h"
#include "services/recovery/session.h"
#include "services/recovery/standing.h"

namespace latchkey::recovery {
namespace {

using ledger::Transaction;
using signin::Verdict;

SentGuess SentBy(const CodeRequest& request) {
  return {.method = "SubmitCode",
          .idempotency_key = request.idempotency_key,
          .target = request.handle.empty() ? request.identifier : request.handle.Reveal(),
          .digits = request.code};
}

// Gives the session for a code that matched. False: it is of no use any more, though it was right.
Result<bool> Accept(const Parts& parts, const CodeRequest& request, const Guessed& guessed,
                    const model::Token& code, std::optional<Proof>& proof) {
  auto accepted = parts.ledger.Transact([&](Transaction& tx) -> Result<Proof> {
    // Before the rest: of two who enter the same code at once, one gets here first (attack L15).
    LATCHKEY_ASSIGN(const bool ours, ledger::ConsumeToken(tx, code.id, parts.store.clock.Now()));
    if (!ours) return Fail(Reason::kUsed);
    LATCHKEY_ASSIGN(Proof given, AcceptProof(tx, parts,
                                             {.token = code,
                                              .case_id = guessed.case_id,
                                              .channel = request.source.channel}));
    LATCHKEY_TRY(KeepToken(tx, parts, SentBy(request), given.session));
    return given;
  });
  if (accepted.ok()) {
    proof = std::move(*accepted);
    return true;
  }
  switch (accepted.reason()) {
    case Reason::kUsed:
    case Reason::kStopped:
    case Reason::kExpired:
    case Reason::kConflict:
      return false;
    default:
      return accepted.failure();
  }
}

// The session that this request got before, if it lives. One that is dead is no answer.
Done FindEarlierProof(const Parts& parts, const signin::Counted& counted,
                      const CodeRequest& request, std::optional<Proof>& proof) {
  LATCHKEY_ASSIGN(auto session, FindEarlierToken(parts, counted, SentBy(request)));
  if (!session) return {};
  auto found = GetRecovery(parts, *session);
  if (found.ok()) {
    proof = std::move(*found);
    proof->session = std::move(*session);
    return {};
  }
  switch (found.reason()) {
    case Reason::kUsed:
    case Reason::kStopped:
    case Reason::kExpired:
      return {};
    default:
      return found.failure();
  }
}

}  // namespace

Result<Proof> SubmitCode(const Parts& parts, const CodeRequest& request) {
  LATCHKEY_ASSIGN(const Guessed guessed,
                  request.handle.empty()
                      ? ResolveName(parts, request.identifier, request.device_token)
                      : ResolveHandle(parts, request.handle, request.device_token));
  LATCHKEY_TRY(SpendBudget(parts, guessed, request.source));
  const signin::Guess guess = GuessAt(guessed, signin::SecretKind::kRecoveryCode, request.source);
  std::optional<Proof> proof;
  const auto compare = [&](const signin::Counted& counted) -> Result<Verdict> {
    LATCHKEY_ASSIGN(
        const auto match,
        CompareCode(parts, counted, guessed, model::TokenPurpose::kRecoveryCode, request.code));
    if (match) {
      LATCHKEY_ASSIGN(const bool accepted, Accept(parts, request, guessed, *match, proof));
      if (accepted) return Verdict::Right();
    }
    // Also what was answered while this one was compared.
    LATCHKEY_TRY(FindEarlierProof(parts, counted, request, proof));
    if (proof) return Verdict::RightBefore();
    LATCHKEY_TRY(NoteWrongCode(parts, guessed, request.source.channel, "code"));
    return match ? Verdict::Refused() : Verdict::Wrong();
  };
  LATCHKEY_TRY(parts.gate.Try(guess, request.code, compare));
  LATCHKEY_CHECK(proof.has_value());  // the gate calls no other guess right
  return std::move(*proof);
}

}  // namespace latchkey::recovery
