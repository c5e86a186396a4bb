// SPDX-License-Identifier: Apache-2.0
// Signing in by password: resolve, spend budgets, then through the gate: count, compare, write what
// follows.
#include "services/signin/sign_in.h"

#include <algorithm>
#include <utility>

#include "crypto/digest.h"
#include "crypto/token.h"
#include "services/base/check.h"
#include "services/hotstate/spend.h"
#include "services/ledger/journal.h"
#include "services/ledger/strangers.h"
#include "services/ledger/unknown_names.h"
#include "services/model/canonical.h"
#include "services/signin/tell_owner.h"

namespace latchkey::signin {
namespace {

constexpr crypto::Purpose kBudgetPurpose{"latchkey/sign-in-budget/1"};

}  // namespace

SignIn::SignIn(SignInOptions options, ledger::Ledger& ledger, const ledger::StoreContext& context,
               hotstate::HotState& hot_state, GuessGate& gate, HashSlots& slots)
    : options_(options),
      ledger_(ledger),
      context_(context),
      hot_state_(hot_state),
      gate_(gate),
      slots_(slots) {}

Result<SignedIn> SignIn::SignInByPassword(const SignInAttempt& attempt) {
  LATCHKEY_ASSIGN(std::string canonical, model::CanonicalPassword(attempt.password.Reveal()));
  const Secret password = Secret::Adopt(canonical);
  // In a storm most strangers find no room. To turn them away must cost next to nothing, or it
  // takes the time of those whose device is known (Law 5); whom they name makes no difference (Law
  // 6).
  if (attempt.device_token.empty()) LATCHKEY_TRY(slots_.CheckRoom(Priority::kStranger));
  LATCHKEY_ASSIGN(const Named named, Resolve(attempt));
  if (named.device.empty()) LATCHKEY_TRY(slots_.CheckRoom(Priority::kStranger));
  LATCHKEY_TRY(SpendBudgets(attempt.source, named));

  const Guess guess{.subject = SubjectOf(named),
                    .kind = SecretKind::kPassword,
                    .source = attempt.source.address,
                    .device = named.device,
                    .device_is_older = named.device_is_older};
  std::optional<SignedIn> signed_in;
  LATCHKEY_TRY(gate_.Try(guess, password, [&](const Counted& counted) {
    return Compare(attempt, password, named, counted, signed_in);
  }));
  LATCHKEY_CHECK(signed_in.has_value());  // the gate calls no other guess right
  return std::move(*signed_in);
}

Result<SignIn::Named> SignIn::Resolve(const SignInAttempt& attempt) {
  Named named;
  Result<model::Identifier> identifier = model::CanonicalIdentifier(attempt.identifier);
  // A text that cannot be a name is a name that nobody has: same work, same answers.
  named.identifier =
      identifier.ok() ? *identifier : model::Identifier{.kind = {}, .text = attempt.identifier};
  const TimePoint since = context_.clock.Now() - options_.device;
  LATCHKEY_TRY(ledger_.Query([&](ledger::Transaction& tx) -> Done {
    LATCHKEY_ASSIGN(const auto nearest,
                    ledger::FindNearestAccount(tx, context_.keys, named.identifier));
    // For nobody the same statements, about somebody else; no device of theirs is known to them
    // (attack E03).
    named.stand_in = nearest.id;
    LATCHKEY_ASSIGN(auto looked_at, ledger::FindAccountById(tx, nearest.id));
    named.account = nearest.is_named ? std::move(looked_at) : std::nullopt;
    const AccountId account = named.account_id();
    LATCHKEY_ASSIGN(ledger::Device device,
                    ledger::FindDevice(tx, context_.keys, account, attempt.device_token, since));
    named.device_is_older = device.is_older;
    named.device = std::move(device.digest);
    return {};
  }));
  return named;
}

Subject SignIn::SubjectOf(const Named& named) {
  return named.account ? Subject::Customer(*named.account) : Subject::UnknownName(named.identifier);
}

std::vector<hotstate::Budget> SignIn::BudgetsOf(const model::Source& source,
                                                const Named& named) const {
  if (named.device.empty())
    return SourceBudgets(context_.keys, "sign-in", source.address, options_.strangers);
  // A known device does not share budgets with strangers, not even with those behind the same
  // address, and the owner's does not share one with those of whom a reset shut out (Law 5). But it
  // has one: it goes before all strangers to the hash slots (R02).
  const std::string_view scope =
      named.device_is_older ? "an account's older devices" : "an account's devices";
  return {
      {.key = crypto::KeyedDigest(context_.keys.Current(crypto::KeyUse::kIdentifier),
                                  kBudgetPurpose, {scope, crypto::Part(named.account_id().value)}),
       .capacity = options_.devices.capacity,
       .refill = options_.devices.refill}};
}

Done SignIn::SpendBudgets(const model::Source& source, const Named& named) {
  return hotstate::Spend(hot_state_, BudgetsOf(source, named), "too many requests in a short time",
                         context_.clock.Now());
}

Result<Verdict> SignIn::Compare(const SignInAttempt& attempt, const Secret& password,
                                const Named& named, const Counted& counted,
                                std::optional<SignedIn>& signed_in) {
  Target target;
  bool matches = false;
  std::string new_verifier;
  {
    // The place comes before the authenticator's count, which cannot be given back: a storm that
    // fills the slots must not use up somebody's hundred failures.
    auto place = slots_.Enter(named.device.empty() ? Priority::kStranger : Priority::kKnownDevice,
                              attempt.deadline);
    if (!place.ok()) return Verdict::NotCompared(place.failure());
    Result<Target> loaded = CountAndLoad(attempt, named);
    if (!loaded.ok()) return Verdict::NotCompared(loaded.failure());
    target = std::move(*loaded);
    LATCHKEY_ASSIGN(matches, Matches(*place, counted, password, attempt.password, target));
    if (matches && target.may_sign_in && slots_.NeedsUpgrade(target.authenticator->verifier)) {
      new_verifier = slots_.Hash(*place, password);
    }
  }
  if (!matches || !target.may_sign_in) {
    LATCHKEY_TRY(NoteFailure(attempt, named, counted));
    // A match that may not be used is not remembered as wrong: the freeze may be lifted.
    return matches || MayBeSpelledOtherwise(password, target) ? Verdict::Refused()
                                                              : Verdict::Wrong();
  }
  SignedIn made;
  LATCHKEY_ASSIGN(bool opened, OpenSession(attempt, named, target, new_verifier, made));
  if (!opened) {
    return Verdict::NotCompared(Fail(Reason::kBusy, "the account changed during the sign-in"));
  }
  signed_in = std::move(made);
  return Verdict::Right();
}

Result<SignIn::Target> SignIn::CountAndLoad(const SignInAttempt& attempt, const Named& named) {
  return ledger_.Transact([&](ledger::Transaction& tx) -> Result<Target> {
    Target target;
    const AccountId account = named.account_id();
    // The account before its verifier: when a reset comes in between, the session would carry the
    // epoch from before it, and OpenSession refuses (Law 1).
    LATCHKEY_ASSIGN(target.account, ledger::FindAccountById(tx, account));
    LATCHKEY_ASSIGN(
        target.authenticator,
        ledger::FindAuthenticator(tx, context_.keys, account, model::AuthenticatorKind::kPassword));
    // For everybody, so that it costs everybody the same.
    LATCHKEY_ASSIGN(target.borrowed, ledger::BorrowVerifier(tx, context_.keys, named.identifier));
    if (!target.authenticator) {
      LATCHKEY_TRY(ledger::CountUnknownName(tx, context_));
      return target;
    }
    const bool was_disabled = target.authenticator->disabled_at != TimePoint{};
    LATCHKEY_ASSIGN(int64_t failures, ledger::CountAuthenticatorFailure(
                                          tx, target.authenticator->id, context_.clock.Now()));
    // The failure that disables it is compared in vain.
    target.may_sign_in = target.account && target.account->state == model::AccountState::kActive &&
                         !was_disabled && failures < ledger::kFailuresThatDisable;
    if (!was_disabled && failures == ledger::kFailuresThatDisable)
      LATCHKEY_TRY(NoteDisabled(tx, attempt, named));
    return target;
  });
}

// In the transaction that disables it, so that it is never done and not said (Laws 9, 13).
Done SignIn::NoteDisabled(ledger::Transaction& tx, const SignInAttempt& attempt,
                          const Named& named) {
  LATCHKEY_TRY(TellOwnerOfDisabled(tx, context_, named.identifier, attempt.source));
  return ledger::Append(tx, context_,
                        {.account_id = named.account_id(),
                         .event = model::Event::kPasswordDisabled,
                         .channel = attempt.source.channel,
                         .details = "a hundred failures in a row"});
}

Result<bool> SignIn::Matches(const HashSlots::Place& place, const Counted& counted,
                             const Secret& password, const Secret& as_typed, const Target& target) {
  // A verifier that was taken over may have been made of the bytes as they were typed then. It is
  // the same guess.
  const bool typed_otherwise = !password.Matches(as_typed);
  if (!target.authenticator) {
    slots_.VerifyNobody(place, counted, password, target.borrowed);
    if (typed_otherwise && !target.borrowed.empty() && crypto::IsForeign(target.borrowed))
      slots_.VerifyNobody(place, counted, as_typed, target.borrowed);
    return false;
  }
  const std::string& verifier = target.authenticator->verifier;
  LATCHKEY_ASSIGN(auto verified, slots_.Verify(place, counted, password, verifier));
  if (verified == crypto::Verification::kNoMatch && typed_otherwise &&
      crypto::IsForeign(verifier)) {
    LATCHKEY_ASSIGN(verified, slots_.Verify(place, counted, as_typed, verifier));
  }
  return verified == crypto::Verification::kMatch;
}

bool SignIn::MayBeSpelledOtherwise(const Secret& password, const Target& target) {
  const std::string& verifier =
      target.authenticator ? target.authenticator->verifier : target.borrowed;
  if (verifier.empty() || !crypto::IsForeign(verifier)) return false;
  return std::any_of(password.Reveal().begin(), password.Reveal().end(),
                     [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}

Done SignIn::NoteFailure(const SignInAttempt& attempt, const Named& named, const Counted& counted) {
  // Written once for each rest, by the guess that began it: guesses during the rest leave no entry,
  // so that a flood cannot fill the ledger.
  const bool rests = counted.rests_until() != TimePoint{};
  const BegunRest rest{.subject = SubjectOf(named),
                       .identifier = named.identifier,
                       .source = attempt.source,
                       .until = counted.rests_until()};
  return ledger_.Transact([&](ledger::Transaction& tx) -> Done {
    if (counted.rest() >= options_.told_rest) LATCHKEY_TRY(TellOwner(tx, context_, rest));
    if (!named.account) {
      LATCHKEY_TRY(ledger::ImitateAppend(tx, context_, named.stand_in));
      if (rests) LATCHKEY_TRY(ledger::ImitateAppend(tx, context_, named.stand_in));
      return {};
    }
    model::Entry entry{.account_id = named.account_id(),
                       .event = model::Event::kSignInFailed,
                       .channel = attempt.source.channel};
    LATCHKEY_TRY(ledger::Append(tx, context_, entry));
    if (!rests) return {};
    entry.event = model::Event::kSignInResting;
    return ledger::Append(tx, context_, entry);
  });
}

Result<bool> SignIn::OpenSession(const SignInAttempt& attempt, const Named& named,
                                 const Target& target, const std::string& new_verifier,
                                 SignedIn& made) {
  const TimePoint now = context_.clock.Now();
  LATCHKEY_CHECK(target.account && target.authenticator);
  const AccountId account = target.account->id;
  made.session_token = crypto::NewToken(context_.random);
  if (named.device.empty()) made.device_token = crypto::NewToken(context_.random);
  made.expires_at = now + options_.longest;
  made.idle_expires_at = now + std::min(options_.idle, options_.longest);
  return ledger_.Transact([&](ledger::Transaction& tx) -> Result<bool> {
    LATCHKEY_ASSIGN(bool inserted,
                    ledger::InsertSession(tx, context_.keys, made.session_token,
                                          {.account_id = account,
                                           .security_epoch = target.account->security_epoch,
                                           .made_at = now,
                                           .idle_expires_at = made.idle_expires_at,
                                           .expires_at = made.expires_at}));
    if (!inserted) return false;
    LATCHKEY_TRY(ledger::ClearAuthenticatorFailures(tx, target.authenticator->id));
    if (named.device.empty()) {
      LATCHKEY_TRY(ledger::InsertDevice(tx, context_.keys, account, made.device_token, now));
    } else {
      LATCHKEY_TRY(ledger::TouchDevice(tx, named.device, now));
    }
    model::Entry entry{
        .account_id = account, .event = model::Event::kSignedIn, .channel = attempt.source.channel};
    LATCHKEY_TRY(ledger::Append(tx, context_, entry));
    if (new_verifier.empty()) return true;
    LATCHKEY_ASSIGN(bool upgraded,
                    ledger::UpgradeVerifier(tx, context_, *target.authenticator, new_verifier));
    if (!upgraded) return true;  // another sign-in of the same moment did it
    entry.event = model::Event::kVerifierUpgraded;
    LATCHKEY_TRY(ledger::Append(tx, context_, entry));
    return true;
  });
}

}  // namespace latchkey::signin
