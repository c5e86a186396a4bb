// SPDX-License-Identifier: Apache-2.0
// From a command and its arguments to the question that is still open, or to the request.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "clients/branch/presenter.h"
#include "clients/branch/wording.h"
#include "clients/common/typed.h"
#include "services/base/check.h"

namespace latchkey::branch {
namespace {

constexpr size_t kIdempotencyBytes = 16;
constexpr Millis kTokenLives = std::chrono::hours(72);  // at most; the bank may choose less

// When a token was issued that a new one may make void; nullopt: there is none.
std::optional<int64_t> EarlierToken(const v1::Case& one, TimePoint now) {
  for (const v1::TimelineEntry& entry : one.timeline()) {
    const v1::Activity& activity = entry.activity();
    if (activity.kind() == v1::ACTIVITY_KIND_PASSWORD_RESET ||
        activity.kind() == v1::ACTIVITY_KIND_FROZEN)
      return std::nullopt;
    if (activity.kind() != v1::ACTIVITY_KIND_ASSISTED_TOKEN_ISSUED) continue;
    const bool live = now - FromUnixMillis(activity.at_unix_ms()) < kTokenLives;
    return live ? std::optional(activity.at_unix_ms()) : std::nullopt;
  }
  return std::nullopt;
}

std::vector<std::string> HelpLines() {
  std::vector<std::string> lines;
  for (const CommandInfo& info : Commands()) {
    std::string form = "  " + std::string(info.name) + " " + std::string(info.arguments);
    form.resize(std::max<size_t>(form.size() + 1, 32), ' ');
    lines.push_back(form + std::string(info.meaning));
  }
  return lines;
}

}  // namespace

Turn Presenter::Proceed() {
  const size_t have = arguments_.size();
  auto ask = [&](std::string text) {
    step_ = Step::kArgument;
    return Ask({.text = std::move(text)});
  };
  switch (command_) {
    case Command::kFind:
      if (have == 0) return ask("Customer number: ");
      if (have == 1) return ask("Reason (forgot, locked, suspicious, callback, other): ");
      if (have == 2 && ReasonNamed(arguments_[1]) == v1::REASON_OTHER) return ask("Note: ");
      break;
    case Command::kInspect:
      if (have == 0) return ask("Document (passport, card, licence, permit): ");
      if (have == 1) return ask("Last four characters of its number: ");
      break;
    case Command::kSend:
      if (have == 0) {
        std::vector<uint32_t> settled;
        for (const v1::Contact& contact : OpenCase().contacts()) {
          if (TakesCodes(contact)) settled.push_back(contact.index());
        }
        if (settled.size() != 1) return ask("To which contact (its number): ");
        arguments_.push_back(std::to_string(settled.front()));
      }
      break;
    case Command::kCheck:
      if (have == 0) return ask("Code that the customer reads: ");
      break;
    case Command::kNote:
      if (have == 0) return ask("Note: ");
      break;
    case Command::kToken:
      // The slip in the customer's hand may be good; but what had no answer is only asked for
      // again.
      if (const auto at = EarlierToken(OpenCase(), clock_.Now()); at && have == 0 && !IsOpenAct())
        return ask("A new token makes the one of " + TimeWords(*at) +
                   " void. Issue it (yes, no): ");
      if (have > 0 && !IsYes(arguments_[0])) return AtPrompt({"Nothing was done."});
      arguments_.clear();  // the same act, whether it had to be asked for or not
      break;
    default:
      break;
  }
  return Run();
}

// For commands that are refused while no case is open.
const v1::Case& Presenter::OpenCase() const {
  LATCHKEY_CHECK(case_.has_value());
  return *case_;
}

bool Presenter::IsOpenAct() const {
  return act_ && act_->command == command_ && act_->arguments == arguments_ &&
         act_->reference == OpenCase().reference();
}

std::string Presenter::IdempotencyKey() {
  if (!act_ || !IsOpenAct())
    act_ = OpenAct{command_, arguments_, OpenCase().reference(), random_.Take(kIdempotencyBytes)};
  return act_->key;
}

template <typename Message>
Message Presenter::OnCase() {
  Message message;
  message.set_staff_session(Session());
  message.set_case_reference(OpenCase().reference());
  message.set_idempotency_key(IdempotencyKey());
  return message;
}

Turn Presenter::Run() {
  switch (command_) {
    case Command::kHelp:
      return AtPrompt(HelpLines());
    case Command::kLeave:
      return Leave();
    case Command::kSignOut:
      return EndOfInput();
    case Command::kCase:
      if (arguments_.empty() && !case_)
        return AtPrompt({"Refused: no customer is open. case REFERENCE opens one, or find."});
      break;
    default:
      break;
  }
  return Send(ToRequest());
}

Turn Presenter::Leave() {
  case_.reset();
  code_sent_ = false;
  Turn turn = AtPrompt({"Done: no customer is open."});
  turn.forget = true;
  return turn;
}

Request Presenter::ToRequest() {
  switch (command_) {
    case Command::kFind: {
      v1::FindCustomerRequest request;
      request.set_staff_session(Session());
      request.set_customer_number(arguments_[0]);
      request.set_reason(ReasonNamed(arguments_[1]).value_or(v1::REASON_UNSPECIFIED));
      if (arguments_.size() > 2) request.set_note(arguments_[2]);
      return request;
    }
    case Command::kCase: {
      v1::GetCaseRequest request;
      request.set_staff_session(Session());
      request.set_case_reference(arguments_.empty() ? OpenCase().reference() : arguments_[0]);
      return request;
    }
    case Command::kInspect: {
      auto request = OnCase<v1::RecordInspectionRequest>();
      request.set_document_kind(
          DocumentNamed(arguments_[0]).value_or(v1::DOCUMENT_KIND_UNSPECIFIED));
      request.set_document_number_tail(arguments_[1]);
      return request;
    }
    case Command::kSend: {
      auto request = OnCase<v1::SendCodeRequest>();
      request.set_contact_index(static_cast<uint32_t>(std::stoul(arguments_[0])));
      return request;
    }
    case Command::kCheck: {
      auto request = OnCase<v1::CheckCodeRequest>();
      request.set_code(arguments_[0]);
      return request;
    }
    case Command::kToken:
      return OnCase<v1::IssueTokenRequest>();
    case Command::kUnlock:
      return OnCase<v1::UnlockAccountRequest>();
    case Command::kLift:
      return OnCase<v1::LiftFreezeRequest>();
    case Command::kNote: {
      auto request = OnCase<v1::AddNoteRequest>();
      request.set_text(arguments_[0]);
      return request;
    }
    case Command::kWaiting: {
      v1::ListWaitingRequest request;
      request.set_staff_session(Session());
      return request;
    }
    case Command::kSignIn:
    case Command::kSignOut:
    case Command::kLeave:
    case Command::kHelp:
      break;
  }
  LATCHKEY_CHECK(false);
}

}  // namespace latchkey::branch
