// SPDX-License-Identifier: Apache-2.0
// From the service's answer to what the caller hears next.
#include <array>
#include <ctime>
#include <string>
#include <utility>
#include <variant>

#include "clients/ivr/dialogue.h"

namespace latchkey::ivr {
namespace {

// "14:05", as a clock on the wall shows it.
// The minute after which it is over: said rounded down, the caller would be there too early.
std::string WallTime(int64_t unix_ms) {
  constexpr int64_t kMinute = 60'000;
  const auto seconds = static_cast<std::time_t>((unix_ms + kMinute - 1) / kMinute * 60);
  std::tm parts{};
  std::array<char, 8> text{};
  if (localtime_r(&seconds, &parts) == nullptr) return "?";
  return {text.data(), std::strftime(text.data(), text.size(), "%H:%M", &parts)};
}

}  // namespace

Step Dialogue::Answered(const Reply& reply) {
  if (state_ != State::kAnswer) return Collecting();  // the caller has hung up meanwhile
  state_ = asked_from_;
  if (const auto* refused = std::get_if<client::Refused>(&reply)) return Refuse(*refused);
  sent_.reset();
  if (const auto* begun = std::get_if<v1::BeginResponse>(&reply)) {
    handle_ = Secret(begun->handle());
    message_sent_ = true;
    return ListenAt(State::kCode, {{Prompt::kMessageOnItsWay}});
  }
  if (const auto* redeemed = std::get_if<v1::RedeemAssistedResponse>(&reply)) {
    handle_ = Secret(redeemed->handle());
    message_sent_ = true;
    return ListenAt(State::kCode, {{Prompt::kTokenTaken}});
  }
  if (const auto* proof = std::get_if<v1::ProofResponse>(&reply)) {
    session_ = Secret(proof->recovery_session());
    may_unlock_ = proof->may_unlock();
    may_set_password_ = proof->may_set_password();
    return ListenAt(State::kProvenMenu);
  }
  if (const auto* unlocked = std::get_if<v1::UnlockResponse>(&reply)) {
    return End({{Prompt::kUnlocked, Spelled(unlocked->reference())}, {Prompt::kGoodbye}});
  }
  if (const auto* link = std::get_if<v1::SendLinkResponse>(&reply)) {
    return End({{link->message_queued() ? Prompt::kLinkOnItsWay : Prompt::kLinkSentBefore},
                {Prompt::kGoodbye}});
  }
  if (const auto* frozen = std::get_if<v1::FreezeResponse>(&reply)) {
    return End({{Prompt::kFrozen, Spelled(frozen->reference())}, {Prompt::kGoodbye}});
  }
  return End({{Prompt::kPersonWillCall}, {Prompt::kGoodbye}});
}

Step Dialogue::OfferNoUnlock() {
  may_unlock_ = false;
  sent_.reset();
  return ListenAt(State::kProvenMenu, {{Prompt::kNotPossibleNow}});
}

Step Dialogue::Refuse(const client::Refused& refused) {
  switch (refused.reason()) {
    case v1::REFUSAL_REASON_WRONG:
      sent_.reset();
      return Again({{Prompt::kWrong}});
    case v1::REFUSAL_REASON_RESTING:
      // Unlocked too often; that codes rest would be untrue.
      if (sent_ && std::holds_alternative<v1::UnlockRequest>(*sent_)) return OfferNoUnlock();
      return ListenAt(State::kMenu,
                      {{Prompt::kCodesRest, WallTime(refused.refusal.retry_at_unix_ms())}});
    case v1::REFUSAL_REASON_EXPIRED:
      handle_ = Secret();
      session_ = Secret();
      return ListenAt(State::kMenu, {{Prompt::kTooOld}});
    case v1::REFUSAL_REASON_USED:
      return Farewell({{Prompt::kUsed}});
    case v1::REFUSAL_REASON_STOPPED:
      return ListenAt(State::kMenu, {{Prompt::kStopped}});
    case v1::REFUSAL_REASON_MORE_PROOF:
      // Since the menu was said the password may have been disabled.
      if (sent_ && std::holds_alternative<v1::UnlockRequest>(*sent_) && may_set_password_)
        return OfferNoUnlock();
      // A mail must not carry what was shown in a branch.
      return sent_ && std::holds_alternative<v1::SendLinkRequest>(*sent_)
                 ? End({{Prompt::kTokenOnWeb, facts_.web_address}, {Prompt::kGoodbye}})
                 : Farewell({{Prompt::kMoreProof}});
    case v1::REFUSAL_REASON_MALFORMED:
      // Nobody can have such a number, unless it was the code or token that did not fit.
      return sent_ && !std::holds_alternative<v1::AskForPersonRequest>(*sent_) &&
                     (asked_from_ == State::kCode || asked_from_ == State::kToken)
                 ? Again({{Prompt::kNotUnderstood}})
                 : ListenAt(State::kNumber, {{Prompt::kNotUnderstood}});
    case v1::REFUSAL_REASON_BUSY:
      if (!repeated_ && sent_) {
        // The same request with the same key: what was done already is not done twice.
        repeated_ = true;
        asked_from_ = std::exchange(state_, State::kAnswer);
        Step step;
        step.request = *sent_;
        return step;
      }
      return Farewell({{Prompt::kNoAnswer}});
    default:
      return Farewell({{Prompt::kNoAnswer}});
  }
}

}  // namespace latchkey::ivr
