// SPDX-License-Identifier: Apache-2.0
// SetPassword: the one place where a customer's forgotten password becomes a new one. Everything is
// decided and hashed first; then one transaction does all of it or nothing (Laws 1, 2, 3, 9).
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "crypto/digest.h"
#include "crypto/password.h"
#include "services/ledger/cases.h"
#include "services/ledger/fields.h"
#include "services/ledger/journal.h"
#include "services/ledger/recoveries.h"
#include "services/ledger/tokens.h"
#include "services/model/canonical.h"
#include "services/proof/new_password.h"
#include "services/recovery/budget.h"
#include "services/recovery/notices.h"
#include "services/recovery/recovery.h"
#include "services/recovery/session.h"
#include "services/recovery/standing.h"
#include "services/recovery/state.h"

namespace latchkey::recovery {
namespace {

using ledger::Transaction;

Failure Unsuitable(const PasswordVerdict& verdict) {
  return {.reason = Reason::kPasswordUnsuitable, .password = verdict};
}

// What the password is judged by, read before any work is done for it.
struct Ground {
  Standing standing;
  proof::ContextWords context;
  std::string old_verifier;  // empty: none yet
};

Result<proof::ContextWords> ContextOf(Transaction& tx, const Parts& parts, AccountId id) {
  LATCHKEY_ASSIGN(const std::string name, ledger::LoadName(tx, parts.store.keys, id));
  LATCHKEY_ASSIGN(auto identifiers, ledger::LoadIdentifiers(tx, parts.store.keys, id));
  proof::ContextWords words = {parts.bank_name, name};
  for (const model::Identifier& identifier : identifiers) words.push_back(identifier.text);
  return words;
}

Result<Ground> LoadGround(Transaction& tx, const Parts& parts, const model::Token& session) {
  LATCHKEY_ASSIGN(Standing standing, LoadStanding(tx, parts, session));
  if (!standing.reset.enough) return Fail(Reason::kMoreProof);
  const AccountId id = standing.account.id;
  LATCHKEY_ASSIGN(auto context, ContextOf(tx, parts, id));
  LATCHKEY_ASSIGN(
      auto authenticator,
      ledger::FindAuthenticator(tx, parts.store.keys, id, model::AuthenticatorKind::kPassword));
  return Ground{.standing = std::move(standing),
                .context = std::move(context),
                .old_verifier = authenticator ? authenticator->verifier : std::string()};
}

Result<Secret> Judge(const Parts& parts, const Ground& ground, const Secret& typed) {
  const proof::PasswordRules rules{.min_characters = ground.standing.min_characters};
  auto canonical = model::CanonicalPassword(typed.Reveal());
  if (!canonical.ok()) return Unsuitable(proof::VerdictOnUnreadable(typed.Reveal(), rules));
  Secret password = Secret::Adopt(*canonical);
  const PasswordVerdict verdict =
      proof::CheckNewPassword(password, ground.context, parts.blocklist, rules);
  if (verdict.issue != PasswordIssue::kNone) return Unsuitable(verdict);
  return password;
}

// Compared under the holder's own bounded budget, not in the account's lanes: a session is a proof,
// and the failures of strangers must not keep its holder from finishing (Law 5).
bool IsOldPassword(const Parts& parts, const Ground& ground, const signin::HashSlots::Place& place,
                   const Secret& password) {
  if (ground.old_verifier.empty()) return false;
  const auto verified = parts.slots.VerifyProven(place, password, ground.old_verifier);
  // A verifier that cannot be read matches nothing; the reset replaces it.
  return verified.ok() && *verified == crypto::Verification::kMatch;
}

constexpr crypto::Purpose kOffers{"latchkey password offers v1"};
constexpr crypto::Purpose kRepeats{"latchkey password repeats v1"};

// Of the recovery, not of the session: a link opens as many sessions as are asked for.
Done TakeOne(const Parts& parts, const model::Token& session, crypto::Purpose of,
             const hotstate::Allowance& allowance) {
  return Spend(parts, {BudgetOf(parts, of, crypto::Part(session.recovery_id.value), allowance)},
               "too many passwords offered in one recovery");
}

// The new verifier; kPasswordUnsuitable (kUnchanged) when the password is the old one.
Result<std::string> Hash(const Parts& parts, const NewPasswordRequest& request,
                         const Ground& ground, const Secret& password) {
  // A recovery in progress goes before strangers who try to sign in.
  LATCHKEY_ASSIGN(auto place, parts.slots.Enter(signin::Priority::kKnownDevice, request.deadline));
  if (IsOldPassword(parts, ground, place, password)) {
    return Unsuitable({.issue = PasswordIssue::kUnchanged,
                       .weakness = PasswordWeakness::kNone,
                       .min_characters = ground.standing.min_characters});
  }
  return parts.slots.Hash(place, password);
}

Done EndRecovery(Transaction& tx, const Parts& parts, const Standing& standing) {
  const auto after = Apply(standing.recovery.state, Event::kPasswordSet);
  if (!after) return Fail(Reason::kMoreProof);
  LATCHKEY_ASSIGN(const bool ended, ledger::AdvanceRecovery(tx, {.id = standing.recovery.id,
                                                                 .from = standing.recovery.state,
                                                                 .to = *after,
                                                                 .now = parts.store.clock.Now()}));
  return ended ? Done() : Done(Fail(Reason::kUsed));
}

// Law 2: all of it, in one transaction.
Result<std::string> Write(Transaction& tx, const Parts& parts, const NewPasswordRequest& request,
                          const model::Token& session, const std::string& verifier) {
  // Decided anew: between the hash and now somebody else may have finished, or frozen the account.
  LATCHKEY_ASSIGN(const Standing standing, LoadStanding(tx, parts, session));
  if (!standing.reset.enough) return Fail(Reason::kMoreProof);
  const model::Account& account = standing.account;
  LATCHKEY_TRY(EndRecovery(tx, parts, standing));
  LATCHKEY_ASSIGN(const bool moved,
                  ledger::AdvanceSecurityEpoch(tx, account.id, account.security_epoch));
  if (!moved) return Fail(Reason::kStopped);
  LATCHKEY_TRY(ledger::PutVerifier(tx, parts.store, account.id,
                                   {.verifier = verifier, .set_at = parts.store.clock.Now()}));
  LATCHKEY_TRY(ledger::AdvanceLaneEpoch(tx, account.id));
  LATCHKEY_TRY(ledger::KillTokens(tx, account.id, parts.store.clock.Now()));
  LATCHKEY_TRY(ledger::Append(tx, parts.store,
                              {.account_id = account.id,
                               .event = model::Event::kPasswordReset,
                               .channel = request.source.channel,
                               .case_id = session.case_id,
                               .recovery_id = standing.recovery.id,
                               .details = standing.recovery.reference}));
  LATCHKEY_TRY(TellEverybody(tx, parts.store, parts.rules.notices,
                             courier::Happened::kPasswordReset,
                             {.account_id = account.id,
                              .security_epoch = account.security_epoch + 1,
                              .recovery_id = standing.recovery.id,
                              .case_id = session.case_id,
                              .reference = standing.recovery.reference,
                              .channel = request.source.channel}));
  LATCHKEY_TRY(
      ledger::CloseCaseOf(tx, parts.store, account.id, {.channel = request.source.channel}));
  LATCHKEY_TRY(KeepAnswer(tx, parts, RepeatableFor("SetPassword", request.idempotency_key, session),
                          Secret(ledger::PackFields({standing.recovery.reference, verifier}))));
  return standing.recovery.reference;
}

// The answer that this request got before, if it comes again: same key, same session, and same
// password. The password is compared by the verifier that it became, so that no quicker digest of
// it lies anywhere (Law 12).
Result<std::optional<std::string>> AnswerAgain(const Parts& parts,
                                               const NewPasswordRequest& request,
                                               const model::Token& session) {
  LATCHKEY_ASSIGN(
      auto answer,
      FindEarlierAnswer(parts, RepeatableFor("SetPassword", request.idempotency_key, session)));
  if (!answer) return std::optional<std::string>();
  auto fields = ledger::UnpackFields(answer->Reveal(), 2);
  if (!fields) return Fail(Reason::kInternal, "an answer has another shape");
  // A comparison with the password in force, so it is counted; apart from the offers, which may be
  // spent when the answer was lost.
  LATCHKEY_TRY(TakeOne(parts, session, kRepeats, parts.rules.password_repeats));
  auto canonical = model::CanonicalPassword(request.new_password.Reveal());
  if (!canonical.ok()) return Fail(Reason::kConflict);
  const Secret password = Secret::Adopt(*canonical);
  LATCHKEY_ASSIGN(auto place, parts.slots.Enter(signin::Priority::kKnownDevice, request.deadline));
  LATCHKEY_ASSIGN(const auto verified, parts.slots.VerifyProven(place, password, (*fields)[1]));
  if (verified != crypto::Verification::kMatch) return Fail(Reason::kConflict);
  return std::optional<std::string>(std::move((*fields)[0]));
}

Result<std::string> SetOnce(const Parts& parts, const NewPasswordRequest& request,
                            const model::Token& session) {
  LATCHKEY_ASSIGN(const Ground ground, parts.ledger.Transact([&](Transaction& tx) {
    return LoadGround(tx, parts, session);
  }));
  LATCHKEY_ASSIGN(const Secret password, Judge(parts, ground, request.new_password));
  // Only what is compared counts: whoever looks for words that are long enough has time.
  LATCHKEY_TRY(TakeOne(parts, session, kOffers, parts.rules.password_offers));
  LATCHKEY_ASSIGN(const std::string verifier, Hash(parts, request, ground, password));
  return parts.ledger.Transact([&](Transaction& tx) -> Result<std::string> {
    return Write(tx, parts, request, session, verifier);
  });
}

constexpr Millis kWorkedOn{1000};

// Repetitions that arrive together wait for the first, so that they spend none of the offers that
// its recovery has.
Result<OneAtATime::Turn> TakeTurn(const Parts& parts, const NewPasswordRequest& request,
                                  const model::Token& session) {
  const Bytes key = RepeatableFor("SetPassword", request.idempotency_key, session).request_key;
  const TimePoint now = parts.store.clock.Now();
  if (auto turn = parts.setting_password->Enter(key, request.deadline - now)) {
    return std::move(*turn);
  }
  return Failure{.reason = Reason::kBusy,
                 .detail = "the same request is still being worked on",
                 .retry_at = now + kWorkedOn};
}

}  // namespace

Result<std::string> SetPassword(const Parts& parts, const NewPasswordRequest& request) {
  LATCHKEY_ASSIGN(const model::Token session, FindSession(parts, request.session));
  LATCHKEY_ASSIGN(const OneAtATime::Turn turn, TakeTurn(parts, request, session));
  LATCHKEY_ASSIGN(auto earlier, AnswerAgain(parts, request, session));
  if (earlier) return std::move(*earlier);
  auto set = SetOnce(parts, request, session);
  if (set.ok() || set.reason() == Reason::kPasswordUnsuitable) return set;
  // The same request may have been answered meanwhile, on another node or by a transaction whose
  // success we missed.
  LATCHKEY_ASSIGN(earlier, AnswerAgain(parts, request, session));
  if (earlier) return std::move(*earlier);
  return set;
}

}  // namespace latchkey::recovery
