// SPDX-License-Identifier: Apache-2.0
// What customers do by themselves.
#include "tests/crash/kill/journey.h"

#include "crypto/token.h"
#include "services/base/bytes.h"

namespace latchkey::crash {

using v1::Recovery;

constexpr int kFailuresBeforeRest = 5;

Journey::Journey(Load& load, Customer& customer, Dice dice)
    : load_(load), who_(customer), dice_(std::move(dice)) {
  // Guesses whose answer was lost may begin a rest too; the owner hears of it once a day.
  for (const std::string& mail : who_.mail)
    who_.letters.try_emplace({mail, kRestingSubject}, Range{.at_least = 0, .at_most = 1});
}

void Journey::Go() {
  static constexpr std::pair<const char*, void (Journey::*)()> kKinds[] = {
      {"reset by message", &Journey::ResetByMessage},
      {"reset by message", &Journey::ResetByMessage},
      {"call, finished on the web", &Journey::FinishCallOnTheWeb},
      {"back from rest", &Journey::ComeBackFromRest},
      {"sign-in and out", &Journey::SignInAndOut},
      {"stop a stranger", &Journey::StopAStranger},
      {"reset by branch", &Journey::ResetByBranch},
      {"reset by branch", &Journey::ResetByBranch},
  };
  const auto& [name, go] = kKinds[dice_.Below(std::size(kKinds))];
  name_ = name;
  try {
    (this->*go)();
    load_.book_.Count("journeys: " + name_);
  } catch (const Abandoned&) {
    load_.book_.Count("journeys that were abandoned");
    who_.resting = true;
  } catch (const NoAnswer&) {
    Broken("no answer came at all");
    who_.resting = true;
  }
}

v1::Source Journey::From() {
  v1::Source source;
  source.set_address("10." + std::to_string(dice_.Below(256)) + "." +
                     std::to_string(dice_.Below(256)) + "." + std::to_string(dice_.Below(256)));
  source.set_language("en");
  return source;
}

void Journey::Expect(size_t mail, const std::string& subject, size_t at_least, size_t at_most) {
  Range& range = who_.letters[{who_.mail[mail], subject}];
  range.at_least += at_least;
  range.at_most += at_most;
}

void Journey::Broken(const std::string& what) {
  load_.book_.Broken(name_ + " of " + who_.login + ": " + what);
}

void Journey::ResetByMessage() {
  const std::string session = SignIn(who_.password);
  if (who_.resting) return;
  const std::string handle = Begin(v1::INTENT_RESET);
  const Letter letter = AwaitLetter(0, kResetSubject);
  SetPassword(ProveBy(handle, letter));
  ExpectSession(session, false);
  if (dice_.OneIn(2)) AfterCrash();
  const std::string fresh = SignIn(who_.password);
  ExpectNoSignIn(who_.old_password);
  if (!letter.token.empty() && dice_.OneIn(2)) {
    v1::OpenLinkRequest request;
    request.set_link_token(crypto::FromBase64Url(letter.token).value_or(""));
    *request.mutable_source() = From();
    auto again = Insist<Recovery::Stub, v1::OpenLinkRequest, v1::ProofResponse>(
        Door::kPortal, &Recovery::Stub::OpenLink, [&] { return request; });
    if (again.answer.ok() || again.answer.refused().reason() != v1::REFUSAL_REASON_USED)
      BrokenBy("the link of a completed recovery", again.answer);
  }
  ExpectSession(fresh, true);
}

void Journey::FinishCallOnTheWeb() {
  const std::string handle = Begin(v1::INTENT_RESET);
  SendLink(ProveBy(handle, AwaitLetter(0, kResetSubject)));
  if (dice_.OneIn(2)) AfterCrash();
  SetPassword(OpenLink(AwaitLetter(0, kResetSubject).token));
  SignIn(who_.password);
  ExpectNoSignIn(who_.old_password);
}

// No failure is forgotten: of wrong passwords that were answered, the fifth begins the rest,
// however often the service died in between; and nothing but an unlock ends it.
void Journey::ComeBackFromRest() {
  int answered = 0;
  while (true) {
    v1::SignInRequest request;
    request.set_identifier(who_.login);
    request.set_password("wrong " + ToHex(dice_.Bytes(8)));
    *request.mutable_source() = From();
    auto in = AskOnce(Door::kPortal, &v1::SignIn::Stub::SignIn, request);
    ++who_.maybe_wrong_passwords;
    if (in.ok()) return Broken("a wrong password signs in");
    const auto reason = in.refused().reason();
    if (reason == v1::REFUSAL_REASON_BUSY) continue;
    if (reason == v1::REFUSAL_REASON_RESTING) {
      if (who_.maybe_wrong_passwords <= kFailuresBeforeRest) BrokenBy("rests too early", in);
      break;
    }
    if (reason != v1::REFUSAL_REASON_WRONG) return BrokenBy("a wrong password", in);
    if (in.refused().refusal.retry_at_unix_ms() != 0) {
      if (who_.maybe_wrong_passwords < kFailuresBeforeRest) BrokenBy("rests too early", in);
      for (const std::string& mail : who_.mail) who_.letters[{mail, kRestingSubject}].at_least = 1;
      break;
    }
    if (++answered >= kFailuresBeforeRest) return Broken("a failure was forgotten");
    if (dice_.OneIn(3)) AfterCrash();
  }
  AfterCrash();
  ExpectNoSignIn(who_.password);
  const std::string handle = Begin(v1::INTENT_UNLOCK);
  Unlock(ProveBy(handle, AwaitLetter(0, kUnlockSubject)));
  if (dice_.OneIn(2)) AfterCrash();
  SignIn(who_.password);
}

void Journey::SignInAndOut() {
  const std::string session = SignIn(who_.password);
  if (session.empty()) return;
  AfterCrash();
  ExpectSession(session, true);
  v1::SignOutRequest request;
  request.set_session_token(session);
  auto out = Insist<v1::SignIn::Stub, v1::SignOutRequest, v1::SignOutResponse>(
      Door::kPortal, &v1::SignIn::Stub::SignOut, [&] { return request; });
  if (!out.answer.ok()) BrokenBy("SignOut", out.answer);
  ExpectSession(session, false);
  v1::AskForPersonRequest ask;
  ask.set_customer_number(who_.number);
  ask.set_idempotency_key(dice_.Bytes(16));
  *ask.mutable_source() = From();
  auto asked = Insist<Recovery::Stub, v1::AskForPersonRequest, v1::AskForPersonResponse>(
      Door::kPortal, &Recovery::Stub::AskForPerson, [&] { return ask; });
  if (!asked.answer.ok()) return BrokenBy("AskForPerson", asked.answer);
  who_.call_back_asked = true;
}

// A reset, and the button in the notice to the second address.
void Journey::StopAStranger() {
  const std::string handle = Begin(v1::INTENT_RESET);
  SetPassword(ProveBy(handle, AwaitLetter(0, kResetSubject)));
  const std::string session = SignIn(who_.password);
  v1::FreezeRequest request;
  request.set_link_token(crypto::FromBase64Url(AwaitLetter(1, kChangedSubject).token).value_or(""));
  *request.mutable_source() = From();
  const std::function<v1::FreezeRequest()> make = [&] { return request; };
  // What waits to be told of an earlier rest is not told any more.
  for (const std::string& mail : who_.mail) who_.letters[{mail, kRestingSubject}].at_least = 0;
  auto frozen = Insist(Door::kPortal, &Recovery::Stub::Freeze, make);
  if (!frozen.answer.ok()) return BrokenBy("Freeze", frozen.answer);
  who_.frozen = true;
  ++who_.events[model::Event::kFrozen];
  for (size_t mail : {0, 1}) Expect(mail, kFrozenSubject, 1, 1);
  AfterCrash();
  ExpectSession(session, false);
  ExpectNoSignIn(who_.password);
  auto again = Insist(Door::kPortal, &Recovery::Stub::Freeze, make);
  if (!again.answer.ok() || again.answer.value().reference() != frozen.answer.value().reference())
    BrokenBy("Freeze again gave another answer", again.answer);
}

}  // namespace latchkey::crash
