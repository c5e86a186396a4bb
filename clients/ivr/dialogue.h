// SPDX-License-Identifier: Apache-2.0
// One telephone call, from the greeting to the goodbye: a state machine that is told keys, silence,
// answers and the hang-up, and says what to speak, what to ask the service for, and how long to
// listen. No input, no output, no time.
//
// The same for every caller: nothing here looks at who calls, and what is said before a proof does
// not depend on whether the customer number exists (attacks T01, T02). A proof lives as long as the
// call and no longer (T07).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "clients/ivr/catalog.h"
#include "clients/ivr/exchange.h"
#include "crypto/secret.h"
#include "services/base/clock.h"
#include "services/base/random.h"

namespace latchkey::ivr {

// What the caller's telephone company and the bank say about a call.
struct CallFacts {
  Language language = Language::kEnglish;
  std::string caller_number;  // a source to count by, never a proof; empty when withheld
  std::string bank_name;
  std::string web_address;  // as it is said aloud
};

// One step. With a request: carry it and come back with Answered; keys that come meanwhile are
// dropped. Otherwise listen, unless the call has ended.
struct Step {
  std::vector<Utterance> say;
  std::optional<Request> request;
  Millis patience{};  // how long to wait for the next key
  // A prompt that takes no keys from before it: they are to be thrown away (attack T06). The first
  // two menus take them, so that who knows the way need not listen. A secret and a confirmation do
  // not: a key too many would become a wrong guess, or a frozen account.
  bool fresh_input = false;
  bool ended = false;
};

inline constexpr int kTriesPerPrompt = 3;
// So many prompts, repeats included; then the call ends with the ways on. Nobody needs half of
// them.
inline constexpr int kLongestCall = 40;

class Dialogue {
 public:
  Dialogue(CallFacts facts, Random& random) : facts_(std::move(facts)), random_(random) {}

  Step Start();
  // One of 0-9, *, #. Anything else is noise and is ignored (attack T05). A 0 alone, with # where
  // a number is awaited, is the wish for a person: no number and no code is that short.
  Step Key(char key);
  // The patience of the last step is over.
  Step Silence();
  // The caller or the network ended the call, in whatever state it is. Forgets everything.
  Step HangUp();
  // The answer to the last step's request; ignored if none is awaited any more.
  Step Answered(const Reply& reply);

  bool ended() const { return state_ == State::kEnded; }
  bool awaits_answer() const { return state_ == State::kAnswer; }

 private:
  enum class State {
    kStart,
    kNumber,
    kMenu,
    kCodeMenu,
    kCode,
    kToken,
    kProvenMenu,
    kConfirmFreeze,
    kAnswer,
    kEnded
  };

  Step Choose(char key);
  Step Complete(const std::string& digits);
  Step WishForPerson();
  Step ListenAt(State state, std::vector<Utterance> before = {});
  Step Again(std::vector<Utterance> before);
  Step Collecting() const;
  Step End(std::vector<Utterance> say);
  Step Farewell(std::vector<Utterance> before);
  Step Refuse(const client::Refused& refused);
  Step OfferNoUnlock();
  Utterance PromptOf(State state) const;
  Prompt ProvenMenu() const;
  Millis PatienceOf(State state) const;
  size_t LongestInput(State state) const;
  size_t ShortestInput(State state) const;
  static bool MayBeKeyedAhead(State state) {
    return state == State::kMenu || state == State::kCodeMenu;
  }
  void Forget();

  Step BeginRecovery();
  Step AskForPerson();
  Step SubmitCode(const std::string& digits);
  Step RedeemToken(const std::string& digits);
  Step Unlock();
  Step SendLink();
  Step Freeze();
  template <typename Message>
  Step SendOnce(Message request);
  Step Send(Request request);
  void FillSource(v1::Source& source) const;

  const CallFacts facts_;
  Random& random_;
  State state_ = State::kStart;
  State asked_from_ = State::kStart;  // where the awaited answer leads back to
  std::string input_;
  int tries_ = 0;
  int prompts_ = 0;
  bool message_sent_ = false;    // in this call: more patience for its code
  std::optional<Request> sent_;  // to repeat once, with the same idempotency key
  bool repeated_ = false;
  bool wants_person_ = false;  // said before there was a number to call back by
  std::string number_;
  Secret handle_;
  Secret session_;
  bool may_unlock_ = false;
  bool may_set_password_ = false;
};

}  // namespace latchkey::ivr
