// SPDX-License-Identifier: Apache-2.0
// RedeemAssisted: a branch token starts a recovery and proves part of it. What it answers is worth
// nothing without the code that goes to the customer's own address: whoever issued the token, or
// watched it being used, has no key (Law 8).
#include <optional>
#include <utility>

#include "crypto/digest.h"
#include "crypto/token.h"
#include "services/base/check.h"
#include "services/ledger/journal.h"
#include "services/ledger/outbox.h"
#include "services/ledger/tokens.h"
#include "services/model/canonical.h"
#include "services/proof/rule_pack.h"
#include "services/recovery/budget.h"
#include "services/recovery/guessed.h"
#include "services/recovery/issue.h"
#include "services/recovery/notices.h"
#include "services/recovery/recovery.h"
#include "services/recovery/session.h"
#include "services/recovery/standing.h"
#include "services/recovery/state.h"

namespace latchkey::recovery {
namespace {

using ledger::Transaction;
using signin::Verdict;

SentGuess SentBy(const AssistedRequest& request) {
  return {.method = "RedeemAssisted",
          .idempotency_key = request.idempotency_key,
          .target = request.customer_number,
          .digits = request.token};
}

Done RecordToken(Transaction& tx, const Parts& parts, const model::Token& token,
                 const model::Account& account, const model::Recovery& recovery,
                 model::Channel channel) {
  const TimePoint now = parts.store.clock.Now();
  LATCHKEY_TRY(
      ledger::InsertEvidence(tx, parts.store,
                             {.id = {},
                              .account_id = account.id,
                              .security_epoch = account.security_epoch,
                              .recovery_id = recovery.id,
                              .case_id = token.case_id,
                              .kind = model::EvidenceKind::kAssistedToken,
                              .contact_id = {},
                              .contact_settled = false,
                              .channel = channel,
                              .staff_id = {},
                              .at = now,
                              .fresh_until = now + proof::PackNamed(account.pack).evidence_fresh}));
  return ledger::Append(tx, parts.store,
                        {.account_id = account.id,
                         .event = model::Event::kProofGiven,
                         .channel = channel,
                         .case_id = token.case_id,
                         .recovery_id = recovery.id,
                         .details = "branch token"});
}

Done SendCode(Transaction& tx, const Parts& parts, const model::Account& account,
              const model::Recovery& recovery, CaseId case_id, model::Channel channel) {
  LATCHKEY_ASSIGN(auto contact, ChooseContact(tx, parts, account, nullptr));
  if (!contact) return Fail(Reason::kMoreProof, "no settled contact that takes mail");
  LATCHKEY_ASSIGN(const bool allowed, MayIssueCode(tx, parts, account, *contact, case_id));
  // The codes that were sent before are as good as a new one.
  if (!allowed)
    return NoteWithheld(tx, parts,
                        {.account_id = account.id, .channel = channel, .case_id = case_id});
  LATCHKEY_ASSIGN(const Secret code, IssueCode(tx, parts, {account, recovery, *contact, case_id}));
  const auto message =
      courier::Compose({.account_id = account.id,
                        .contact_id = contact->id,
                        .recovery_id = recovery.id,
                        .case_id = case_id},
                       courier::AssistedCode{.code = code,
                                             .reference = recovery.reference,
                                             .expires_at = TokenExpiry(parts, recovery)});
  LATCHKEY_TRY(ledger::Enqueue(tx, parts.store, message));
  return {};
}

// Everything that a right token brings about; returns when the handle ends.
Result<TimePoint> Start(Transaction& tx, const Parts& parts, const AssistedRequest& request,
                        const model::Token& token, const Secret& handle) {
  LATCHKEY_ASSIGN(auto account, ledger::LoadAccount(tx, token.account_id));
  if (account.state != model::AccountState::kActive ||
      account.security_epoch != token.security_epoch) {
    return Fail(Reason::kStopped);
  }
  // Before the rest: the token itself is not used up, and a second code must not be sent.
  LATCHKEY_TRY(KeepToken(tx, parts, SentBy(request), handle));
  LATCHKEY_ASSIGN(auto opened, OpenFor(tx, parts, account, model::Intent::kReset, token.case_id));
  LATCHKEY_TRY(RecordToken(tx, parts, token, account, opened.recovery, request.source.channel));
  LATCHKEY_TRY(
      SendCode(tx, parts, account, opened.recovery, token.case_id, request.source.channel));
  const TimePoint expires_at = TokenExpiry(parts, opened.recovery);
  LATCHKEY_TRY(ledger::InsertToken(tx, parts.store,
                                   {.purpose = model::TokenPurpose::kHandle,
                                    .account_id = account.id,
                                    .recovery_id = opened.recovery.id,
                                    .case_id = token.case_id,
                                    .contact_id = {},
                                    .security_epoch = account.security_epoch,
                                    .expires_at = expires_at},
                                   handle));
  return expires_at;
}

Result<Begun> Accept(const Parts& parts, const AssistedRequest& request,
                     const model::Token& token) {
  Secret handle = crypto::NewToken(parts.store.random);
  LATCHKEY_ASSIGN(const TimePoint expires_at,
                  parts.ledger.Transact([&](Transaction& tx) -> Result<TimePoint> {
                    return Start(tx, parts, request, token, handle);
                  }));
  return Begun{std::move(handle), expires_at};
}

// Of whom; names that nobody has share 2^20 of these (attack K04).
std::string NotedOf(const Parts& parts, const signin::Guess& guess) {
  if (guess.subject.kind == signin::Subject::Kind::kCustomer) return crypto::Part(guess.subject.id);
  const uint64_t name = signin::FingerprintOf(guess, Secret(), parts.store.keys) & 0xf'ffff;
  return crypto::Part(-1 - static_cast<int64_t>(name));
}

// As many as say that somebody guesses: whoever knows a customer's number can send as many as they
// like, and must not push what else happened out of sight. For nobody the same work (attack E03).
Done NoteWrongToken(const Parts& parts, const Guessed& guessed, const signin::Guess& guess,
                    model::Channel channel) {
  const Done taken = Spend(parts,
                           {BudgetOf(parts, {"latchkey wrong branch tokens that are noted v1"},
                                     NotedOf(parts, guess), parts.rules.noted_tokens)},
                           "enough wrong branch tokens are noted");
  if (taken.ok()) return NoteWrongCode(parts, guessed, channel, "branch token");
  return taken.reason() == Reason::kResting ? Done() : taken;
}

// The handle that this request got before, if it lives. One that is dead is no answer.
Done FindEarlierHandle(const Parts& parts, const signin::Counted& counted,
                       const AssistedRequest& request, std::optional<Begun>& begun) {
  LATCHKEY_ASSIGN(auto handle, FindEarlierToken(parts, counted, SentBy(request)));
  if (!handle) return {};
  auto token = FindGenuineToken(parts, model::TokenPurpose::kHandle, *handle);
  if (!token.ok()) return token.reason() == Reason::kWrong ? Done() : Done(token.failure());
  const bool used = ToUnixMillis(token->used_at) != 0;
  if (used || token->expires_at <= parts.store.clock.Now()) return {};
  begun = Begun{std::move(*handle), token->expires_at};
  return {};
}

}  // namespace

Result<Begun> RedeemAssisted(const Parts& parts, const AssistedRequest& request) {
  LATCHKEY_ASSIGN(const Guessed guessed,
                  ResolveName(parts, request.customer_number, request.device_token));
  LATCHKEY_TRY(SpendBudget(parts, guessed, request.source));
  const signin::Guess guess = GuessAt(guessed, signin::SecretKind::kAssistedToken, request.source);
  std::optional<Begun> begun;
  const auto compare = [&](const signin::Counted& counted) -> Result<Verdict> {
    LATCHKEY_ASSIGN(const auto match, CompareCode(parts, counted, guessed,
                                                  model::TokenPurpose::kAssisted, request.token));
    if (match) {
      auto accepted = Accept(parts, request, *match);
      if (accepted.ok()) {
        begun = std::move(*accepted);
        return Verdict::Right();
      }
      const bool again = accepted.reason() == Reason::kConflict;
      if (!again && accepted.reason() != Reason::kStopped) return accepted.failure();
    }
    LATCHKEY_TRY(FindEarlierHandle(parts, counted, request, begun));
    if (begun) return Verdict::RightBefore();
    LATCHKEY_TRY(NoteWrongToken(parts, guessed, guess, request.source.channel));
    return match ? Verdict::Refused() : Verdict::Wrong();
  };
  LATCHKEY_TRY(parts.gate.Try(guess, request.token, compare));
  LATCHKEY_CHECK(begun.has_value());  // the gate calls no other guess right
  return std::move(*begun);
}

}  // namespace latchkey::recovery
