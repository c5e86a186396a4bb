// SPDX-License-Identifier: Apache-2.0
// What the terminal shows of the service's answers.
#include <algorithm>
#include <string>
#include <utility>

#include "clients/branch/case_sheet.h"
#include "clients/branch/presenter.h"
#include "clients/branch/wording.h"
#include "clients/common/typed.h"
#include "services/base/check.h"

namespace latchkey::branch {
namespace {

// Notices go out by mail, to settled addresses and to others (Law 9).
std::string ToldWords(const v1::Case& one) {
  const bool mail = std::any_of(one.contacts().begin(), one.contacts().end(), [](const auto& each) {
    return each.kind() == v1::CONTACT_KIND_EMAIL;
  });
  return mail ? "every e-mail address was told." : "there is no e-mail address that could be told.";
}

// Without a password in use "unlocked" would be read as "works again", and the customer would be
// sent home, and stand before the same door (Law 10); so would one whose sign-in did not rest.
std::vector<std::string> UnlockedLines(const v1::Case& one, bool was_resting) {
  const bool in_use = one.password_state() == v1::PASSWORD_STATE_IN_USE;
  if (in_use && was_resting)
    return {"Done: unlocked. The password is as it was; " + ToldWords(one)};
  std::vector<std::string> lines = {
      "Done: failed tries count no more, and codes can be typed again; " + ToldWords(one)};
  if (in_use) {
    lines.push_back(
        "Sign-in: was not resting before; the password is as it was. Who cannot get in with it "
        "needs a new one: a token, or a recovery");
    return lines;
  }
  lines.push_back(one.password_state() == v1::PASSWORD_STATE_DISABLED
                      ? "Password state: still disabled: the customer needs a new one, with a "
                        "token from you or by a message"
                      : "Password state: " + std::string(PasswordWords(one.password_state())));
  return lines;
}

}  // namespace

Turn Presenter::Answered(Reply reply) {
  LATCHKEY_CHECK(step_ == Step::kAnswer);
  if (ending_) {
    step_ = Step::kFinished;
    Turn turn;
    turn.lines.push_back("Signed out.");
    turn.finished = true;
    turn.forget = true;
    return turn;
  }
  const auto* refused = std::get_if<client::Refused>(&reply);
  // Under a key that was refused nothing was done, or the other try of the same act is still on its
  // way.
  const bool over = refused == nullptr || refused->reason() == v1::REFUSAL_REASON_USED ||
                    refused->reason() == v1::REFUSAL_REASON_CONFLICT;
  if (over && act_ && act_->command == command_) act_.reset();
  if (refused != nullptr) return ShowRefusal(*refused);
  if (auto* opened = std::get_if<v1::SignInStaffResponse>(&reply)) {
    session_ = Secret(opened->staff_session());
    idle_until_ = FromUnixMillis(opened->idle_expires_at_unix_ms());
    idle_ = std::max(idle_until_ - clock_.Now(), Millis(std::chrono::minutes(1)));
    return AtPrompt({"Signed in: " + client::Printable(opened->display_name())});
  }
  idle_until_ = clock_.Now() + idle_;  // the service has moved it as well
  if (const auto* list = std::get_if<v1::ListWaitingResponse>(&reply))
    return AtPrompt(WaitingSheet(*list));
  if (const auto* issued = std::get_if<v1::IssueTokenResponse>(&reply)) {
    case_ = issued->updated();
    return AtPrompt(TokenSlip(issued->token(), issued->expires_at_unix_ms()));
  }
  if (const auto* one = std::get_if<v1::Case>(&reply)) return ShowCase(*one);
  return AtPrompt({});
}

Turn Presenter::ShowCase(const v1::Case& one) {
  const bool was_frozen = case_ && case_->account_state() == v1::ACCOUNT_STATE_FROZEN;
  const bool was_resting = case_ && case_->sign_in_resting();
  const bool was_waiting = case_ && case_->waiting_for_person();
  const bool other = !case_ || case_->reference() != one.reference();
  if (other) code_sent_ = false;
  case_ = one;
  if (command_ == Command::kFind || command_ == Command::kCase) return AtPrompt(CaseSheet(one));
  std::vector<std::string> lines;
  switch (command_) {
    case Command::kInspect:
      lines.push_back("Done: the inspection is recorded.");
      break;
    case Command::kSend:
      code_sent_ = true;
      lines.push_back(
          "Done: a code is on its way. Let the customer read it to you, then: check CODE");
      break;
    case Command::kCheck:
      lines.push_back("Done: the code is right.");
      break;
    case Command::kUnlock:
      lines = UnlockedLines(one, was_resting);
      break;
    case Command::kLift:
      lines.push_back(was_frozen ? "Done: the freeze is lifted. Links and codes from before stay "
                                   "void; " +
                                       ToldWords(one)
                                 : "Nothing was lifted: the account is not frozen.");
      break;
    default:
      lines.push_back(was_waiting && !one.waiting_for_person()
                          ? "Done: noted; this customer no longer waits for a person."
                          : "Done: noted.");
      break;
  }
  if (command_ == Command::kLift && one.password_state() != v1::PASSWORD_STATE_IN_USE)
    lines.push_back("Password state: " + std::string(PasswordWords(one.password_state())));
  for (std::string& line : ProofLines(one)) lines.push_back(std::move(line));
  return AtPrompt(std::move(lines));
}

Turn Presenter::ShowRefusal(const client::Refused& refused) {
  ++refusals_;
  std::vector<std::string> lines = {"Refused: " + RefusalWords(refused, command_)};
  if (command_ == Command::kSignIn) return AskLogin(std::move(lines));
  // Nothing but the staff session expires here.
  if (refused.reason() == v1::REFUSAL_REASON_EXPIRED) {
    Turn turn = AskLogin(std::move(lines));
    turn.forget = true;
    return turn;
  }
  return AtPrompt(std::move(lines));
}

}  // namespace latchkey::branch
