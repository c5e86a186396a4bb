// SPDX-License-Identifier: Apache-2.0
// Somebody who calls, and a service that answers what the test says.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <variant>

#include "clients/ivr/dialogue.h"

namespace latchkey::ivr {

// The same bytes each time, so that a failure can be repeated.
class CountingRandom final : public Random {
 public:
  void Fill(void* out, size_t size) override {
    for (size_t i = 0; i < size; ++i)
      static_cast<unsigned char*>(out)[i] = static_cast<unsigned char>(++last_);
  }

 private:
  int last_ = 0;
};

inline client::Refused Refused(v1::RefusalReason reason, bool unreachable = false) {
  client::Refused refused;
  refused.refusal.set_reason(reason);
  refused.refusal.set_retry_at_unix_ms(1'800'000'000'000);
  refused.unreachable = unreachable;
  return refused;
}

inline v1::BeginResponse Begun() {
  v1::BeginResponse begun;
  begun.set_handle(std::string(32, 'h'));
  return begun;
}
inline v1::ProofResponse Proof(bool may_unlock = true, bool may_set_password = true) {
  v1::ProofResponse proof;
  proof.set_recovery_session(std::string(32, 's'));
  proof.set_may_unlock(may_unlock);
  proof.set_may_set_password(may_set_password);
  return proof;
}

class DialogueTest : public ::testing::Test {
 protected:
  DialogueTest() { last_ = dialogue_.Start(); }

  // Presses keys up to the first step that says or asks something.
  void Press(std::string_view keys) {
    for (char key : keys) {
      last_ = dialogue_.Key(key);
      if (!last_.say.empty() || last_.request || last_.ended) return;
    }
  }
  void Answer(const Reply& reply) { last_ = dialogue_.Answered(reply); }
  // The names of what was said last.
  std::string Said() const {
    std::string names;
    for (const Utterance& utterance : last_.say) {
      if (!names.empty()) names.push_back(' ');
      names.append(NameOf(utterance.prompt));
    }
    return names;
  }
  template <typename Message>
  const Message& Asked() const {
    return std::get<Message>(last_.request.value());
  }
  void GoToProof() {
    Press("10000001#");
    Press("1");
    Press("1");
    Press("12345678");
    Answer(Proof());
  }

  CountingRandom random_;
  CallFacts facts_{.language = Language::kEnglish,
                   .caller_number = "+491512345678",
                   .bank_name = "Example Bank",
                   .web_address = "bank.example.org"};
  Dialogue dialogue_{facts_, random_};
  Step last_;
};

}  // namespace latchkey::ivr
