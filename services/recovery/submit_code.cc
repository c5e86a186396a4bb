// SPDX-License-Identifier: Apache-2.0
// SubmitCode: digits for a session. Counted before compared, twice: in the lanes of the account,
// across codes, recoveries, channels and nodes, and in the five tries of each code (Law 4; attacks
// C01 to C04).
//
// A right code is used up by the answer (RTS Art. 4(1)): unlike a link, nothing but a person enters
// it. The link of the same message stays good.
#include <optional>
#include <utility>

#include "crypto/token.h"
#include "services/ledger/journal.h"
#include "services/ledger/strangers.h"
#include "services/ledger/tokens.h"
#include "services/ledger/unknown_names.h"
#include "services/recovery/guessed.h"
#include "services/recovery/recovery.h"
#include "services/recovery/standing.h"

namespace latchkey::recovery {
namespace {

using ledger::Transaction;
using signin::Verdict;

// Gives the session for a code that matched. False: it is of no use any more, though it was right.
Result<bool> Accept(const Parts& parts, const CodeRequest& request, const Guessed& guessed,
                    const model::Token& code, std::optional<Proof>& proof) {
  auto accepted = parts.ledger.Transact([&](Transaction& tx) -> Result<Proof> {
    // Before the rest: of two who enter the same code at once, one gets here first (attack L15).
    LATCHKEY_ASSIGN(const bool ours, ledger::ConsumeToken(tx, code.id, parts.store.clock.Now()));
    if (!ours) return Fail(Reason::kUsed);
    return AcceptProof(
        tx, parts, {.token = code, .case_id = guessed.case_id, .channel = request.source.channel});
  });
  if (accepted.ok()) {
    proof = std::move(*accepted);
    return true;
  }
  switch (accepted.reason()) {
    case Reason::kUsed:
    case Reason::kStopped:
    case Reason::kExpired:
      return false;
    default:
      return accepted.failure();
  }
}

}  // namespace

Result<Proof> SubmitCode(const Parts& parts, const CodeRequest& request) {
  LATCHKEY_ASSIGN(const Guessed guessed,
                  request.handle.empty()
                      ? ResolveName(parts, request.identifier, request.device_token)
                      : ResolveHandle(parts, request.handle, request.device_token));
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
    LATCHKEY_TRY(NoteWrongCode(parts, guessed, request.source.channel, "code"));
    return match ? Verdict::Refused() : Verdict::Wrong();
  };
  LATCHKEY_TRY(parts.gate.Try(guess, request.code, compare));
  return std::move(*proof);
}

}  // namespace latchkey::recovery
