// SPDX-License-Identifier: Apache-2.0
// Who of the staff is at a terminal: one guess, one verdict, one session for one terminal.
#include <optional>
#include <utility>

#include "crypto/token.h"
#include "crypto/totp.h"
#include "services/assist/assist.h"
#include "services/ledger/fields.h"
#include "services/ledger/journal.h"
#include "services/ledger/staff.h"
#include "services/model/canonical.h"

namespace latchkey::assist {
namespace {

constexpr size_t kTotpDigits = 6;

// The two secrets as one guess: if each were remembered on its own, the speed of the second answer
// would tell which of them was wrong, and the right password beside a wrong TOTP would be
// remembered as wrong.
Secret AsOneGuess(const Secret& password, const Secret& totp) {
  std::string both = ledger::PackFields({password.Reveal(), totp.Reveal()});
  return Secret::Adopt(both);
}

}  // namespace

// One sign-in at one terminal.
struct Assist::StaffAttempt {
  std::string place;  // the URI of the terminal's certificate
  const Secret& password;
  const Secret& totp;
  TimePoint deadline;
  std::optional<ledger::StaffCredentials> found;
  // Those who are disabled have none, and cost the same.
  const ledger::StaffCredentials* credentials() const {
    return found && !found->verifier.empty() ? &*found : nullptr;
  }
  bool may_try = false;  // here, if both are right
};

Result<StaffSession> Assist::SignIn(const crypto::Identity& terminal, const StaffSignIn& given,
                                    TimePoint deadline) {
  if (given.login.empty() || given.login.size() > model::kMaxIdentifierBytes)
    return Malformed("staff_login");
  LATCHKEY_ASSIGN(std::string canonical, model::CanonicalPassword(given.password.Reveal()));
  const Secret password = Secret::Adopt(canonical);
  if (!crypto::IsCode(given.totp.Reveal(), kTotpDigits)) return Malformed("totp", "6 digits");

  StaffAttempt attempt{.place = crypto::ToUri(terminal),
                       .password = password,
                       .totp = given.totp,
                       .deadline = deadline,
                       .found = {}};
  LATCHKEY_ASSIGN(attempt.found, ledger_.Query([&](ledger::Transaction& tx) {
    return ledger::FindStaff(tx, context_.keys, std::string(given.login));
  }));
  const auto& found = attempt.found;
  const ledger::StaffCredentials* known = attempt.credentials();
  attempt.may_try = known != nullptr && ToUnixMillis(known->staff.disabled_at) == 0 &&
                    terminal.role == crypto::Role::kBranch &&
                    known->staff.branch == terminal.branch;
  const signin::Guess guess{.subject = found ? signin::Subject::Staff(found->staff.id)
                                             : signin::Subject::UnknownStaff(given.login),
                            .kind = signin::SecretKind::kStaffPassword,
                            .source = attempt.place};
  std::optional<StaffSession> opened;
  LATCHKEY_TRY(
      gate_.Try(guess, AsOneGuess(password, given.totp),
                [&](const signin::Counted& counted) { return Compare(attempt, counted, opened); }));
  LATCHKEY_CHECK(opened.has_value());
  return std::move(*opened);
}

Result<signin::Verdict> Assist::Compare(const StaffAttempt& attempt, const signin::Counted& counted,
                                        std::optional<StaffSession>& opened) {
  const ledger::StaffCredentials* known = attempt.credentials();
  // The teller's device follows the wall clock, wherever ours stands (attack D06); that no step
  // comes twice is the last step's business.
  const auto step =
      crypto::MatchTotp(known ? known->totp_key : nobodys_totp_key_, attempt.totp.Reveal(),
                        context_.clock.Wall(), known ? known->totp_last_step : 0);
  bool password_matches = false;
  std::string new_verifier;
  {
    // A bank's own terminal does not wait behind strangers.
    auto place = slots_.Enter(signin::Priority::kKnownDevice, attempt.deadline);
    if (!place.ok()) return signin::Verdict::NotCompared(place.failure());
    if (known) {
      LATCHKEY_ASSIGN(auto verified,
                      slots_.Verify(*place, counted, attempt.password, known->verifier));
      password_matches = verified == crypto::Verification::kMatch;
    } else {
      slots_.VerifyNobody(*place, counted, attempt.password);
    }
    // Only for who is let in, so that the time tells nothing about the password alone.
    if (attempt.may_try && password_matches && step && slots_.NeedsUpgrade(known->verifier))
      new_verifier = slots_.Hash(*place, attempt.password);
  }
  if (attempt.may_try && password_matches && step) {
    LATCHKEY_ASSIGN(opened, OpenSession(attempt, *known, *step, new_verifier));
  }
  if (opened) return signin::Verdict::Right();
  LATCHKEY_TRY(ledger_.Transact([&](ledger::Transaction& tx) -> Done {
    return ledger::Append(tx, context_,
                          {.event = model::Event::kStaffSignInFailed,
                           .channel = model::Channel::kBranch,
                           .staff_id = attempt.found ? attempt.found->staff.id : StaffId{},
                           .details = attempt.place});
  }));
  // A TOTP that is too early or used may be right later; a pair with a wrong password never will
  // be. Both are answered alike, and neither is remembered.
  return signin::Verdict::Refused();
}

// Absent: the TOTP was used at another terminal in between (RFC 6238, 5.2).
Result<std::optional<StaffSession>> Assist::OpenSession(const StaffAttempt& attempt,
                                                        const ledger::StaffCredentials& found,
                                                        int64_t step,
                                                        const std::string& new_verifier) {
  const TimePoint now = context_.clock.Now();
  StaffSession session{.token = crypto::NewToken(context_.random),
                       .display_name = found.staff.name,
                       .idle_expires_at = now + rules_.session_idle};
  LATCHKEY_ASSIGN(
      const bool first_use, ledger_.Transact([&](ledger::Transaction& tx) -> Result<bool> {
        LATCHKEY_ASSIGN(const bool used_now, ledger::UseTotpStep(tx, found.staff.id, step));
        if (!used_now) return false;
        LATCHKEY_TRY(ledger::InsertStaffSession(tx, context_, session.token, found.staff.id,
                                                attempt.place,
                                                {.idle_expires_at = session.idle_expires_at,
                                                 .expires_at = now + rules_.session_longest}));
        model::Entry entry{.event = model::Event::kStaffSignedIn,
                           .channel = model::Channel::kBranch,
                           .staff_id = found.staff.id,
                           .details = attempt.place};
        LATCHKEY_TRY(ledger::Append(tx, context_, entry));
        if (new_verifier.empty()) return true;
        LATCHKEY_ASSIGN(const bool upgraded,
                        ledger::UpgradeStaffVerifier(tx, context_, found, new_verifier));
        if (!upgraded) return true;  // another sign-in of the same moment did it
        entry.event = model::Event::kVerifierUpgraded;
        LATCHKEY_TRY(ledger::Append(tx, context_, entry));
        return true;
      }));
  if (!first_use) return std::optional<StaffSession>();
  return std::optional(std::move(session));
}

Done Assist::SignOut(const crypto::Identity& terminal, const Secret& session) {
  if (session.size() != crypto::kTokenBytes) return Malformed("staff_session");
  const std::string place = crypto::ToUri(terminal);
  return ledger_.Transact([&](ledger::Transaction& tx) -> Done {
    LATCHKEY_ASSIGN(auto person,
                    ledger::TouchStaffSession(tx, context_, session, place, TimePoint{}));
    LATCHKEY_ASSIGN(const bool ended, ledger::EndStaffSession(tx, context_, session, place));
    if (!ended || !person) return {};
    return ledger::Append(tx, context_,
                          {.event = model::Event::kStaffSignedOut,
                           .channel = model::Channel::kBranch,
                           .staff_id = person->id,
                           .details = place});
  });
}

Result<model::Staff> Assist::Enter(const crypto::Identity& terminal, const Secret& session) {
  if (session.size() != crypto::kTokenBytes)
    return Fail(Reason::kExpired, "no staff session was given");
  LATCHKEY_ASSIGN(auto person, ledger_.Transact([&](ledger::Transaction& tx) {
    return ledger::TouchStaffSession(tx, context_, session, crypto::ToUri(terminal),
                                     context_.clock.Now() + rules_.session_idle);
  }));
  // Somebody who was moved to another branch signs in there.
  if (!person || person->branch != terminal.branch)
    return Fail(Reason::kExpired, "no live session at this terminal");
  return *std::move(person);
}

}  // namespace latchkey::assist
