// SPDX-License-Identifier: Apache-2.0
// The steps that journeys share.
#include "crypto/token.h"
#include "services/base/bytes.h"
#include "tests/crash/kill/journey.h"

namespace latchkey::crash {

using v1::Recovery;

constexpr int kFailuresBeforeRest = 5;

std::string Journey::Begin(v1::Intent intent) {
  v1::BeginRequest request;
  request.set_identifier(dice_.OneIn(2) ? who_.login : who_.number);
  request.set_intent(intent);
  *request.mutable_source() = From();
  request.set_idempotency_key(dice_.Bytes(16));
  const std::function<v1::BeginRequest()> make = [&] { return request; };
  auto begun = Insist(Door::kPortal, &Recovery::Stub::Begin, make);
  if (!begun.answer.ok()) {
    BrokenBy("Begin", begun.answer);
    throw Abandoned();
  }
  Expect(0, intent == v1::INTENT_UNLOCK ? kUnlockSubject : kResetSubject, 1, 1);
  if (dice_.OneIn(3)) {
    auto again = Insist(Door::kPortal, &Recovery::Stub::Begin, make);
    if (!again.answer.ok() || again.answer.value().handle() != begun.answer.value().handle())
      BrokenBy("Begin again with the same key gave another answer", again.answer);
  }
  return begun.answer.value().handle();
}

Letter Journey::AwaitLetter(size_t mail, const std::string& subject) {
  const Pile pile{who_.mail[mail], subject};
  const auto letter = load_.sink_.Await(pile, who_.letters[pile].at_least, load_.options_.patience);
  if (letter) return *letter;
  Broken("a message that was promised never came: " + subject);
  throw Abandoned();
}

std::string Journey::OpenLink(const std::string& token) {
  v1::OpenLinkRequest request;
  request.set_link_token(crypto::FromBase64Url(token).value_or(""));
  *request.mutable_source() = From();
  auto proof = Insist<Recovery::Stub, v1::OpenLinkRequest, v1::ProofResponse>(
      Door::kPortal, &Recovery::Stub::OpenLink, [&] { return request; });
  if (!proof.answer.ok()) {
    BrokenBy("OpenLink", proof.answer);
    throw Abandoned();
  }
  return proof.answer.value().recovery_session();
}

// By the code or, when its tries are used up or the dice say so, by the link.
std::string Journey::ProveBy(const std::string& handle, const Letter& letter) {
  if (dice_.OneIn(2) && !letter.token.empty()) return OpenLink(letter.token);
  std::string key = dice_.Bytes(16);
  const std::function<v1::SubmitCodeRequest()> make = [&] {
    v1::SubmitCodeRequest request;
    request.set_handle(handle);
    request.set_code(letter.code);
    request.set_idempotency_key(key);
    *request.mutable_source() = From();
    return request;
  };
  auto proof = Insist(Door::kPortal, &Recovery::Stub::SubmitCode, make);
  who_.maybe_wrong_codes += proof.unknown;
  if (proof.answer.ok()) {
    const std::string session = proof.answer.value().recovery_session();
    // An answer that came again clears nothing.
    if (proof.unknown == 0) who_.maybe_wrong_codes = 0;
    if (dice_.OneIn(3)) {
      auto again = Insist(Door::kPortal, &Recovery::Stub::SubmitCode, make);
      who_.maybe_wrong_codes += again.unknown;
      if (who_.maybe_wrong_codes < kFailuresBeforeRest &&
          (!again.answer.ok() || again.answer.value().recovery_session() != session))
        BrokenBy("SubmitCode again with the same key gave another answer", again.answer);
    }
    if (dice_.OneIn(3)) {
      key = dice_.Bytes(16);
      auto twice = Insist(Door::kPortal, &Recovery::Stub::SubmitCode, make);
      who_.maybe_wrong_codes += 1 + twice.unknown;
      if (twice.answer.ok()) Broken("a code succeeded twice");
    }
    return session;
  }
  // Calls that were cut off while they compared took the code's tries, and count.
  const v1::RefusalReason reason = proof.answer.refused().reason();
  if (who_.maybe_wrong_codes < kFailuresBeforeRest ||
      (reason != v1::REFUSAL_REASON_WRONG && reason != v1::REFUSAL_REASON_RESTING))
    BrokenBy("SubmitCode after " + std::to_string(proof.unknown) + " calls without an answer",
             proof.answer);
  ++who_.maybe_wrong_codes;
  if (letter.token.empty()) throw Abandoned();
  return OpenLink(letter.token);
}

void Journey::SetPassword(const std::string& session) {
  const std::string chosen = "lively herring " + ToHex(dice_.Bytes(8));
  v1::SetPasswordRequest request;
  request.set_recovery_session(session);
  request.set_new_password(chosen);
  request.set_idempotency_key(dice_.Bytes(16));
  *request.mutable_source() = From();
  const std::function<v1::SetPasswordRequest()> make = [&] { return request; };
  auto set = Insist(Door::kPortal, &Recovery::Stub::SetPassword, make);
  if (!set.answer.ok()) {
    // Each offer that was not answered counts, and ten in a row must wait.
    if (set.unknown > 0 && set.answer.refused().reason() == v1::REFUSAL_REASON_RESTING)
      throw Abandoned();
    BrokenBy("SetPassword after " + std::to_string(set.unknown) + " calls without an answer",
             set.answer);
    throw Abandoned();
  }
  who_.old_password = std::exchange(who_.password, chosen);
  who_.maybe_wrong_passwords = who_.maybe_wrong_codes = 0;
  ++who_.events[model::Event::kPasswordReset];
  for (size_t mail : {0, 1}) Expect(mail, kChangedSubject, 1, 1);
  if (dice_.OneIn(3)) {
    auto again = Insist(Door::kPortal, &Recovery::Stub::SetPassword, make);
    if (!again.answer.ok() || again.answer.value().reference() != set.answer.value().reference())
      BrokenBy("SetPassword again with the same key gave another answer", again.answer);
  }
  if (dice_.OneIn(3)) {
    request.set_idempotency_key(dice_.Bytes(16));
    request.set_new_password("a second " + ToHex(dice_.Bytes(8)));
    auto twice = Insist(Door::kPortal, &Recovery::Stub::SetPassword, make);
    if (twice.answer.ok()) Broken("one recovery set two passwords");
  }
}

// Its message has the subject of the first.
void Journey::SendLink(const std::string& session) {
  v1::SendLinkRequest request;
  request.set_recovery_session(session);
  request.set_idempotency_key(dice_.Bytes(16));
  *request.mutable_source() = From();
  const std::function<v1::SendLinkRequest()> make = [&] { return request; };
  auto sent = Insist(Door::kPhone, &Recovery::Stub::SendLink, make);
  if (!sent.answer.ok() || !sent.answer.value().message_queued()) {
    BrokenBy("SendLink after " + std::to_string(sent.unknown) + " calls without an answer",
             sent.answer);
    throw Abandoned();
  }
  Expect(0, kResetSubject, 1, 1);
  if (dice_.OneIn(3)) {
    auto again = Insist(Door::kPhone, &Recovery::Stub::SendLink, make);
    if (!again.answer.ok() || again.answer.value().reference() != sent.answer.value().reference())
      BrokenBy("SendLink again with the same key gave another answer", again.answer);
  }
}

void Journey::Unlock(const std::string& session) {
  v1::UnlockRequest request;
  request.set_recovery_session(session);
  request.set_idempotency_key(dice_.Bytes(16));
  *request.mutable_source() = From();
  const std::function<v1::UnlockRequest()> make = [&] { return request; };
  auto unlocked = Insist(Door::kPortal, &Recovery::Stub::Unlock, make);
  if (!unlocked.answer.ok()) {
    BrokenBy("Unlock after " + std::to_string(unlocked.unknown) + " calls without an answer",
             unlocked.answer);
    throw Abandoned();
  }
  who_.maybe_wrong_passwords = who_.maybe_wrong_codes = 0;
  ++who_.events[model::Event::kUnlocked];
  for (size_t mail : {0, 1}) Expect(mail, kUnlockedSubject, 1, 1);
  auto again = Insist(Door::kPortal, &Recovery::Stub::Unlock, make);
  if (!again.answer.ok() || again.answer.value().reference() != unlocked.answer.value().reference())
    BrokenBy("Unlock again with the same key gave another answer", again.answer);
}

std::string Journey::SignIn(const std::string& password) {
  auto in = Insist<v1::SignIn::Stub, v1::SignInRequest, v1::SignInResponse>(
      Door::kPortal, &v1::SignIn::Stub::SignIn, [&] {
        v1::SignInRequest request;
        request.set_identifier(who_.login);
        request.set_password(password);
        *request.mutable_source() = From();
        return request;
      });
  who_.maybe_wrong_passwords += in.unknown;
  if (in.answer.ok()) {
    who_.maybe_wrong_passwords = 0;
    return in.answer.value().session_token();
  }
  const bool rests = in.answer.refused().reason() == v1::REFUSAL_REASON_RESTING;
  if (!rests || who_.maybe_wrong_passwords < kFailuresBeforeRest)
    BrokenBy("the password in force does not sign in", in.answer);
  who_.resting = true;
  return {};
}

void Journey::ExpectNoSignIn(const std::string& password) {
  auto in = Insist<v1::SignIn::Stub, v1::SignInRequest, v1::SignInResponse>(
      Door::kPortal, &v1::SignIn::Stub::SignIn, [&] {
        v1::SignInRequest request;
        request.set_identifier(who_.login);
        request.set_password(password);
        *request.mutable_source() = From();
        return request;
      });
  who_.maybe_wrong_passwords += 1 + in.unknown;
  if (in.answer.ok()) Broken("a password that is not in force signs in");
}

void Journey::ExpectSession(const std::string& session, bool alive) {
  if (session.empty()) return;
  v1::GetSessionRequest request;
  request.set_session_token(session);
  auto seen = Insist<v1::SignIn::Stub, v1::GetSessionRequest, v1::GetSessionResponse>(
      Door::kPortal, &v1::SignIn::Stub::GetSession, [&] { return request; });
  if (seen.answer.ok() != alive)
    BrokenBy(alive ? "a session was forgotten" : "a dead session lives", seen.answer);
}

void Journey::AfterCrash() {
  const auto now = load_.service_.AwaitLife(0, Millis(0));
  if (now != nullptr) load_.service_.AwaitLife(now->number, std::chrono::seconds(2));
}

}  // namespace latchkey::crash
