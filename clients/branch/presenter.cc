// SPDX-License-Identifier: Apache-2.0
#include "clients/branch/presenter.h"

#include <algorithm>
#include <cctype>
#include <string_view>
#include <utility>

#include "clients/branch/case_sheet.h"
#include "clients/branch/wording.h"
#include "clients/common/typed.h"
#include "services/base/check.h"

namespace latchkey::branch {
namespace {

constexpr size_t kTotpDigits = 6;

std::string_view Trim(std::string_view text) {
  const size_t from = text.find_first_not_of(" \t\r");
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(" \t\r") - from + 1);
}

// The first word, and the rest without the blanks between.
std::pair<std::string, std::string> FirstWord(std::string_view text) {
  text = Trim(text);
  const size_t end = std::min(text.find_first_of(" \t"), text.size());
  return {std::string(text.substr(0, end)), std::string(Trim(text.substr(end)))};
}

// The same for a number that is typed in groups, "1000 0001 forgot".
std::pair<std::string, std::string> FirstNumber(std::string_view text) {
  auto [number, rest] = FirstWord(text);
  while (client::AllDigits(client::StripTypedCode(number))) {
    auto [group, others] = FirstWord(rest);
    if (group.empty() || !client::AllDigits(client::StripTypedCode(group))) break;
    number += " " + group;
    rest = std::move(others);
  }
  return {std::move(number), std::move(rest)};
}

// How many words a command takes before the last argument takes the rest of the line.
size_t ArgumentsOf(Command command) {
  switch (command) {
    case Command::kFind:
      return 3;
    case Command::kInspect:
      return 2;
    case Command::kCase:
    case Command::kSend:
    case Command::kCheck:
    case Command::kToken:
    case Command::kNote:
      return 1;
    default:
      return 0;
  }
}

}  // namespace

// Codes go out by mail; a settled telephone number is proof of nothing yet.
bool TakesCodes(const v1::Contact& contact) {
  return contact.settled() && contact.kind() == v1::CONTACT_KIND_EMAIL;
}

Turn Presenter::Start() { return AskLogin({"Latchkey branch terminal. ? explains, Ctrl-D ends."}); }

Turn Presenter::AskLogin(std::vector<std::string> lines) {
  Forget();
  step_ = Step::kLogin;
  return Ask({.text = "Login: "}, std::move(lines));
}

Turn Presenter::Ask(Question question, std::vector<std::string> lines) {
  Turn turn;
  turn.lines = std::move(lines);
  turn.question = std::move(question);
  return turn;
}

Turn Presenter::Send(Request request) {
  step_ = Step::kAnswer;
  Turn turn;
  turn.request = std::move(request);
  return turn;
}

Turn Presenter::AtPrompt(std::vector<std::string> lines) {
  step_ = Step::kCommand;
  arguments_.clear();
  std::string next = "Next: ";
  for (Command command : Next()) next.append(InfoOf(command).name).append(", ");
  next.resize(next.size() - 2);
  lines.push_back(std::move(next));
  return Ask({}, std::move(lines));
}

void Presenter::Forget() {
  login_.clear();
  password_ = Secret();
  session_ = Secret();
  arguments_.clear();
  case_.reset();
  act_.reset();
  code_sent_ = false;
  command_ = Command::kSignIn;
}

std::optional<TimePoint> Presenter::idle_expires_at() const {
  if (!signed_in()) return std::nullopt;
  return idle_until_;
}

std::vector<Command> Presenter::Next() const {
  std::vector<Command> next;
  if (case_ && case_->closed()) {
    next.insert(next.end(), {Command::kCase, Command::kLeave});
  } else if (case_) {
    const bool active = case_->account_state() == v1::ACCOUNT_STATE_ACTIVE;
    const bool frozen = case_->account_state() == v1::ACCOUNT_STATE_FROZEN;
    const bool settled =
        std::any_of(case_->contacts().begin(), case_->contacts().end(), TakesCodes);
    const bool one_proof = case_->document_inspected() || case_->code_checked();
    const bool both_proofs = case_->document_inspected() && case_->code_checked();
    if (!case_->document_inspected()) next.push_back(Command::kInspect);
    if (!case_->code_checked() && settled) next.push_back(Command::kSend);
    if (!case_->code_checked() && code_sent_) next.push_back(Command::kCheck);
    if (case_->may_issue_token()) next.push_back(Command::kToken);
    const bool in_use = case_->password_state() == v1::PASSWORD_STATE_IN_USE;
    if (active && one_proof && in_use) next.push_back(Command::kUnlock);
    if (frozen && both_proofs) next.push_back(Command::kLift);
    next.insert(next.end(), {Command::kNote, Command::kCase, Command::kLeave});
  }
  next.push_back(Command::kFind);
  if (!case_) next.push_back(Command::kCase);
  next.insert(next.end(), {Command::kWaiting, Command::kHelp, Command::kSignOut});
  return next;
}

Turn Presenter::Line(std::string line) {
  switch (step_) {
    case Step::kLogin:
    case Step::kPassword:
    case Step::kTotp:
      return SignInLine(std::move(line));
    case Step::kCommand:
      return CommandLine(line);
    case Step::kArgument:
      return ArgumentLine(line);
    case Step::kAnswer:
    case Step::kFinished:
      break;
  }
  LATCHKEY_CHECK(false);
}

// What cannot be right is asked for again at once: sent, it would only cost the whole sign-in.
Turn Presenter::SignInLine(std::string line) {
  switch (step_) {
    case Step::kLogin:
      login_ = Trim(line);
      if (login_.empty() || login_ == "?") {
        return Ask({.text = "Login: "},
                   {"Type the login that your bank gave you. Password and code are asked for next, "
                    "and commands work once you are signed in. Ctrl-D ends."});
      }
      step_ = Step::kPassword;
      return Ask({.text = "Password: ", .hidden = true});
    case Step::kPassword:
      if (line.empty()) return Ask({.text = "Password: ", .hidden = true}, {"Type your password."});
      password_ = Secret::Adopt(line);
      step_ = Step::kTotp;
      return Ask({.text = "Code from your authenticator: "});
    default: {
      std::string code = client::StripTypedCode(Trim(line));
      if (code.size() != kTotpDigits || !client::AllDigits(code)) {
        return Ask({.text = "Code from your authenticator: "},
                   {"The code from your authenticator has 6 digits."});
      }
      command_ = Command::kSignIn;
      v1::SignInStaffRequest request;
      request.set_staff_login(login_);
      request.set_password(std::string(password_.Reveal()));
      request.set_totp(std::move(code));
      password_ = Secret();
      return Send(std::move(request));
    }
  }
}

Turn Presenter::CommandLine(const std::string& line) {
  auto [word, rest] = FirstWord(line);
  if (word.empty()) return Ask({});
  const auto command = CommandNamed(word);
  if (!command) {
    return AtPrompt({"Refused: " + NoSuchCommandWords(word)});
  }
  command_ = *command;
  arguments_.clear();
  if (NeedsCase(command_) && !case_) {
    return AtPrompt(
        {"Refused: no customer is open. Find one by customer number: find NUMBER REASON"});
  }
  if (case_ && case_->closed() && NeedsCase(command_) && command_ != Command::kLeave)
    return AtPrompt({"Refused: " + ClosedCaseWords(*case_)});
  if (case_ && (command_ == Command::kSend || command_ == Command::kToken) &&
      std::none_of(case_->contacts().begin(), case_->contacts().end(), TakesCodes))
    return AtPrompt({"Refused: " + NoAddressWords(command_, *case_)});
  const size_t wanted = ArgumentsOf(command_);
  while (arguments_.size() < wanted && !rest.empty()) {
    if (arguments_.size() + 1 == wanted) {
      arguments_.push_back(std::exchange(rest, {}));
    } else {
      const bool number = command_ == Command::kFind && arguments_.empty();
      auto [first, others] = number ? FirstNumber(rest) : FirstWord(rest);
      arguments_.push_back(std::move(first));
      rest = std::move(others);
    }
  }
  if (!rest.empty())
    return AtPrompt({"Refused: " + std::string(InfoOf(command_).name) +
                     " takes nothing more. help shows its form."});
  for (size_t i = 0; i < arguments_.size(); ++i) {
    arguments_[i] = Tidied(command_, i, arguments_[i]);
    const std::string fault = ArgumentFault(command_, i, arguments_[i]);
    if (!fault.empty()) return AtPrompt({"Refused: " + fault});
  }
  return Proceed();
}

Turn Presenter::ArgumentLine(const std::string& line) {
  const std::string text = Tidied(command_, arguments_.size(), Trim(line));
  if (text.empty()) return GiveUp();
  std::string fault = ArgumentFault(command_, arguments_.size(), text);
  if (fault.empty()) {
    arguments_.emplace_back(text);
    return Proceed();
  }
  fault.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(fault.front())));
  Turn again = Proceed();
  again.lines = {fault + " An empty line gives the command up."};
  return again;
}

Turn Presenter::GiveUp() {
  return step_ == Step::kArgument ? AtPrompt({"Nothing was done."}) : EndOfInput();
}

Turn Presenter::EndOfInput() {
  ending_ = true;
  if (signed_in()) {
    v1::SignOutStaffRequest request;
    request.set_staff_session(Session());
    command_ = Command::kSignOut;
    Forget();
    return Send(std::move(request));
  }
  step_ = Step::kFinished;
  Turn turn;
  turn.finished = true;
  return turn;
}

Turn Presenter::IdleEnded() {
  Turn turn = AskLogin(
      {"Signed out: nobody touched this terminal for a while. Sign in again; the case is kept."});
  turn.forget = true;
  return turn;
}

}  // namespace latchkey::branch
