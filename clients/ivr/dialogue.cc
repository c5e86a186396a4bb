// SPDX-License-Identifier: Apache-2.0
#include "clients/ivr/dialogue.h"

#include <sodium.h>

#include <string_view>
#include <utility>

#include "services/base/check.h"

namespace latchkey::ivr {
namespace {

constexpr size_t kShortestNumber = 6;
constexpr size_t kLongestNumber = 12;
// Heard to its hash or its end: of a longer number, such as a card's, the rest must press no key of
// the menu.
constexpr size_t kMostDigits = 32;
constexpr size_t kCodeDigits = 8;
constexpr size_t kTokenDigits = 12;
constexpr std::string_view kPerson = "0";  // before #
constexpr Millis kBetweenKeys = std::chrono::seconds(10);
constexpr Millis kForAMessage = std::chrono::seconds(90);

bool IsDigit(char key) { return key >= '0' && key <= '9'; }

}  // namespace

Step Dialogue::Start() {
  LATCHKEY_CHECK(state_ == State::kStart);
  return ListenAt(State::kNumber, {{Prompt::kGreeting, facts_.bank_name}});
}

Step Dialogue::Key(char key) {
  if (!IsDigit(key) && key != '*' && key != '#') return Collecting();
  if (state_ == State::kAnswer || state_ == State::kEnded || state_ == State::kStart)
    return Collecting();
  if (key == '*') {
    input_.clear();
    return ListenAt(state_);
  }
  // A hash that comes late, after its number was complete already.
  if (key == '#' && input_.empty()) return Collecting();
  if (LongestInput(state_) == 1) return Choose(key);
  if (IsDigit(key)) {
    input_.push_back(key);
    if (input_.size() < LongestInput(state_)) return Collecting();
  } else if (input_ == kPerson) {
    return WishForPerson();
  }
  return Complete(std::exchange(input_, {}));
}

Step Dialogue::Silence() {
  if (state_ == State::kAnswer || state_ == State::kEnded || state_ == State::kStart)
    return Collecting();
  if (input_.empty()) return Again({{Prompt::kNothingHeard}});
  return Complete(std::exchange(input_, {}));
}

Step Dialogue::HangUp() {
  state_ = State::kEnded;
  Forget();
  Step step;
  step.ended = true;
  return step;
}

Step Dialogue::Choose(char key) {
  switch (state_) {
    case State::kMenu:
      if (key == '1') return ListenAt(State::kCodeMenu);
      if (key == '2') return ListenAt(State::kToken);
      if (key == '0') return AskForPerson();
      break;
    case State::kCodeMenu:
      if (key == '1') return ListenAt(State::kCode);
      if (key == '2') return BeginRecovery();
      if (key == '0') return AskForPerson();
      break;
    case State::kProvenMenu:
      if (key == '1' && may_unlock_) return Unlock();
      if (key == '2' && may_set_password_) return SendLink();
      if (key == '1' || key == '2') return Again({{Prompt::kNotPossibleNow}});
      if (key == '3') return ListenAt(State::kConfirmFreeze);
      if (key == '0') return AskForPerson();
      break;
    case State::kConfirmFreeze:
      if (key == '1') return Freeze();
      if (key == '2') return ListenAt(State::kProvenMenu, {{Prompt::kNothingFrozen}});
      if (key == '0') return AskForPerson();
      break;
    default:
      LATCHKEY_CHECK(false);
  }
  return Again({{Prompt::kNotUnderstood}});
}

Step Dialogue::Complete(const std::string& digits) {
  const bool too_long = state_ == State::kNumber && digits.size() > kLongestNumber;
  if (too_long || digits.size() < ShortestInput(state_)) return Again({{Prompt::kNotUnderstood}});
  switch (state_) {
    case State::kNumber:
      number_ = digits;
      return wants_person_ ? AskForPerson() : ListenAt(State::kMenu);
    case State::kCode:
      return SubmitCode(digits);
    case State::kToken:
      return RedeemToken(digits);
    default:
      LATCHKEY_CHECK(false);
  }
}

// A person calls back, and for that there must be a number to look up. Who has none at hand hears
// the ways on.
Step Dialogue::WishForPerson() {
  if (state_ != State::kNumber) return AskForPerson();
  if (std::exchange(wants_person_, true)) return Farewell({});
  return ListenAt(State::kNumber, {{Prompt::kPersonNeedsNumber}});
}

Step Dialogue::ListenAt(State state, std::vector<Utterance> before) {
  if (++prompts_ > kLongestCall) return Farewell({});
  if (state != state_) tries_ = 0;
  state_ = state;
  input_.clear();
  Step step;
  // What is said before a prompt was not expected, and nothing can be keyed ahead of it.
  step.fresh_input = !before.empty() || !MayBeKeyedAhead(state);
  step.say = std::move(before);
  step.say.push_back(PromptOf(state));
  step.patience = PatienceOf(state);
  return step;
}

Step Dialogue::Again(std::vector<Utterance> before) {
  if (++tries_ >= kTriesPerPrompt) return Farewell(std::move(before));
  return ListenAt(state_, std::move(before));
}

Step Dialogue::Collecting() const {
  Step step;
  step.patience = input_.empty() ? PatienceOf(state_) : kBetweenKeys;
  step.ended = state_ == State::kEnded;
  return step;
}

Step Dialogue::Farewell(std::vector<Utterance> before) {
  before.push_back({Prompt::kWaysOn, facts_.web_address});
  before.push_back({Prompt::kGoodbye});
  return End(std::move(before));
}

Step Dialogue::End(std::vector<Utterance> say) {
  Step step = HangUp();
  step.say = std::move(say);
  return step;
}

Utterance Dialogue::PromptOf(State state) const {
  switch (state) {
    case State::kNumber:
      return {Prompt::kCustomerNumber};
    case State::kMenu:
      return {Prompt::kMenu};
    case State::kCodeMenu:
      return {Prompt::kCodeMenu};
    case State::kCode:
      return {Prompt::kEnterCode};
    case State::kToken:
      return {Prompt::kEnterToken};
    case State::kProvenMenu:
      return {ProvenMenu()};
    case State::kConfirmFreeze:
      return {Prompt::kConfirmFreeze};
    case State::kStart:
    case State::kAnswer:
    case State::kEnded:
      break;
  }
  LATCHKEY_CHECK(false);
}

// Nothing is offered that would be refused.
Prompt Dialogue::ProvenMenu() const {
  if (may_unlock_) return may_set_password_ ? Prompt::kProvenMenu : Prompt::kProvenMenuUnlock;
  return may_set_password_ ? Prompt::kProvenMenuPassword : Prompt::kProvenMenuNeither;
}

Millis Dialogue::PatienceOf(State state) const {
  return state == State::kCode && message_sent_ ? kForAMessage : kBetweenKeys;
}

size_t Dialogue::LongestInput(State state) const {
  switch (state) {
    case State::kNumber:
      return kMostDigits;
    case State::kCode:
      return kCodeDigits;
    case State::kToken:
      return kTokenDigits;
    default:
      return 1;
  }
}

size_t Dialogue::ShortestInput(State state) const {
  return state == State::kNumber ? kShortestNumber : LongestInput(state);
}

void Dialogue::Forget() {
  sodium_memzero(input_.data(), input_.size());
  input_.clear();
  number_.clear();
  handle_ = Secret();
  session_ = Secret();
  sent_.reset();
  may_unlock_ = may_set_password_ = false;
}

}  // namespace latchkey::ivr
