// SPDX-License-Identifier: Apache-2.0
#include "tests/attacks/desk.h"

#include <utility>
#include <variant>

namespace latchkey::attacks {
namespace {

template <typename Variant>
void PlantAny(Canaries& canaries, const Variant& message, std::string_view party) {
  std::visit(
      [&](const auto& one) {
        if constexpr (std::is_base_of_v<google::protobuf::Message, std::decay_t<decltype(one)>>)
          PlantSecrets(canaries, one, party);
      },
      message);
}

}  // namespace

Desk::Desk(const Caller& terminal, Canaries& canaries, Clock& clock)
    : canaries_(canaries),
      party_(terminal.party()),
      link_(terminal.channel()),
      presenter_(clock, random_) {
  Go(presenter_.Start());
}

void Desk::Go(branch::Turn turn) {
  while (true) {
    for (std::string& line : turn.lines) {
      canaries_.Hear(party_, line);
      shown_.push_back(std::move(line));
    }
    if (turn.finished || !turn.request) return;
    PlantAny(canaries_, *turn.request, party_);
    branch::Reply reply = link_.Carry(std::move(*turn.request));
    PlantAny(canaries_, reply, party_);
    turn = presenter_.Answered(std::move(reply));
  }
}

std::vector<std::string> Desk::Type(const std::string& line) {
  shown_.clear();
  Go(presenter_.Line(line));
  return shown_;
}

std::string Desk::TypeForText(const std::string& line) {
  std::string text;
  for (const std::string& each : Type(line)) text += each + "\n";
  return text;
}

PhoneCall::PhoneCall(const Caller& gateway, Canaries& canaries, const std::string& from)
    : canaries_(canaries),
      party_(gateway.party()),
      link_(gateway.channel()),
      dialogue_({.language = ivr::Language::kEnglish,
                 .caller_number = from,
                 .bank_name = "Harbour Bank",
                 .web_address = "access.harbour.example"},
                random_) {
  Go(dialogue_.Start());
}

void PhoneCall::Go(ivr::Step step) {
  while (true) {
    for (const ivr::Utterance& utterance : step.say) {
      const std::string text = ivr::TextOf(ivr::Language::kEnglish, utterance);
      canaries_.Hear(party_, text);
      spoken_ += text + "\n";
      names_.emplace_back(ivr::NameOf(utterance.prompt));
    }
    if (step.ended || !step.request) return;
    PlantAny(canaries_, *step.request, party_);
    const ivr::Reply reply = link_.Carry(*step.request);
    PlantAny(canaries_, reply, party_);
    for (const char key : std::exchange(ahead_, {})) {
      if (dialogue_.Key(key).request) names_.emplace_back("a request of keys ahead");
    }
    step = dialogue_.Answered(reply);
  }
}

std::vector<std::string> PhoneCall::Press(std::string_view keys, std::string_view ahead) {
  names_.clear();
  ahead_ = ahead;
  for (const char key : keys) {
    ivr::Step step = dialogue_.Key(key);
    if (!step.say.empty() || step.request || step.ended) {
      Go(std::move(step));
      return names_;
    }
  }
  Go(dialogue_.Silence());
  return names_;
}

}  // namespace latchkey::attacks
