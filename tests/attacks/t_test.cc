// SPDX-License-Identifier: Apache-2.0
// Attacks by telephone: keys as code, keys by the thousand, and what is left when a call has ended.
#include <thread>

#include "tests/attacks/bank.h"

namespace latchkey::attacks {
namespace {

class Telephone : public Attack {
 protected:
  // To the prompt for a code, with a message asked for or without.
  void GoToCode(PhoneCall& call, bool with_message) {
    call.Press(anna_.number + "#");
    call.Press("1");
    call.Press(with_message ? "2" : "1");
  }
};

// T05. Fails without: the list of keys in Dialogue::Key (seen: letters became part of a number).
// There is no dial plan, AGI or VoiceXML yet that a text could reach.
TEST_F(Telephone, T05_WhatIsKeyedIsKeysAndNothingElse) {
  const Effort before = A().effort();
  for (const std::string& keys :
       {std::string("ABCD"), std::string("${EXTEN}"), std::string("`id`;$(id)"),
        std::string("\r\nEXEC System id\r\n"), std::string("\nSTREAM FILE /etc/passwd #"),
        std::string("&lt;break/&gt;<exit/>]]>"), std::string("\x1b[J\x07"),
        std::string("\u202e\u2028"), std::string(1, '\0') + "x", std::string("+,.;-/ "),
        std::string("'\" OR x=x --")}) {
    PhoneCall call(Phone(), canaries_, "+491701234567");
    EXPECT_EQ(call.Press(keys).front(), "nothing-heard") << keys;
    call.HangUp();
  }
  PhoneCall endless(Phone(), canaries_);
  endless.Press(std::string(10'000, '7'));
  for (int i = 0; i < 200 && !endless.ended(); ++i) endless.Press("*9#A" + std::string(50, '5'));
  EXPECT_TRUE(endless.ended()) << "no call goes on for ever";
  EXPECT_EQ((A().effort() - before).guesses, 0);
  // What the network says about the caller is refused where it is no number.
  for (const char* caller :
       {"\r\nX: y", "+49\n170", "Anna <sip:x@evil>", "${CALLERID}", "' OR '1", "%00"}) {
    v1::BeginRequest begin = BeginFor("anna", caller);
    EXPECT_EQ(Phone().Call(&v1::Recovery::Stub::Begin, begin).reason(),
              v1::REFUSAL_REASON_MALFORMED)
        << caller;
  }
  PhoneCall good(Phone(), canaries_, "+491701234567");
  EXPECT_EQ(good.Press(anna_.number + "#").back(), "menu");
  good.HangUp();
}

// T06. Fails without: the subject's lane in LanesOf (seen: each caller's number had its own tries).
TEST_F(Telephone, T06_RedialingBringsNoFreshTries) {
  Web("owner").Call(&v1::Recovery::Stub::Begin, BeginFor("anna", "192.0.2.1"));
  const std::string code = OneLetter().code();
  const int64_t before = A().effort().guesses + B().effort().guesses;
  int n = 0;
  for (int dial = 0; dial < 50; ++dial) {
    PhoneCall call(Phone("thief", dial % 2 == 0 ? &A() : &B()), canaries_,
                   "+4917012" + std::to_string(10'000 + dial));
    GoToCode(call, false);
    for (int guess = 0; guess < 3 && !call.ended(); ++guess) {
      // Many codes in one burst are one guess; what comes behind it is thrown away. Once codes
      // rest, keys mean other things.
      n += 2;
      const auto said = call.Press(WrongCode(code, n) + WrongCode(code, n + 1) + code);
      if (said.empty() || said.back() != "enter-code") break;
    }
    call.HangUp();
  }
  std::vector<std::thread> calls;
  for (int i = 0; i < 30; ++i) {
    calls.emplace_back([&, i] {
      PhoneCall call(Phone("thief"), canaries_, "+4917099" + std::to_string(10'000 + i));
      GoToCode(call, false);
      call.Press(WrongCode(code, 1'000 + i));
      call.HangUp();
    });
  }
  for (std::thread& call : calls) call.join();
  EXPECT_LE(A().effort().guesses + B().effort().guesses - before, 5);
  EXPECT_LE(Count(anna_, model::Event::kProofFailed), 5);
  // The same budget on the web.
  EXPECT_EQ(Web("thief")
                .Call(&v1::Recovery::Stub::SubmitCode, CodeFor("anna", code, "192.0.2.66"))
                .reason(),
            v1::REFUSAL_REASON_RESTING);
}

// T07. Fails without: the end and Forget in HangUp (seen: whoever was on the line then could
// unlock).
TEST_F(Telephone, T07_AProofEndsWithItsCall) {
  PhoneCall call(Phone("owner"), canaries_, "+491701234567");
  GoToCode(call, true);
  EXPECT_EQ(call.Press(OneLetter().code()).back(), "proven-menu");
  call.HangUp();
  EXPECT_TRUE(call.ended());
  // Whoever is on the line after that, keys what they like.
  for (const char* keys : {"1", "3", "1", "0", "12345678", "*"})
    EXPECT_TRUE(call.Press(keys).empty());
  PhoneCall next(Phone("next"), canaries_, "+491701234567");
  EXPECT_EQ(next.Press(anna_.number + "#").back(), "menu");
  EXPECT_EQ(next.Press("1").back(), "code-menu");
  next.HangUp();
  EXPECT_EQ(Count(anna_, model::Event::kUnlocked), 0);
  EXPECT_EQ(Load(anna_).state, model::AccountState::kActive);
  EXPECT_EQ(Count(anna_, model::Event::kProofGiven), 1);
}

// T07: nor is it left on the gateway's connection, which the next call shares with it down to the
// caller's number; and keys that come while the proof is looked at choose nothing behind it.
// Fails without: `state_ == State::kAnswer` in Dialogue::Key: the process ended in a CHECK of
// Choose (seen); or ConsumeToken in SubmitCode's Accept: the next call proved by the same code
// (seen).
TEST_F(Telephone, T07_NeitherTheLineNorKeysAheadCarryAProof) {
  const Caller line = Phone("owner");
  PhoneCall call(line, canaries_, "+491701234567");
  GoToCode(call, true);
  const std::string code = OneLetter().code();
  EXPECT_EQ(call.Press(code, "131"), std::vector<std::string>{"proven-menu"});
  EXPECT_EQ(Count(anna_, model::Event::kUnlocked), 0);
  call.HangUp();
  PhoneCall next(line, canaries_, "+491701234567");
  GoToCode(next, false);
  EXPECT_EQ(next.Press(code).front(), "wrong");
  next.HangUp();
  EXPECT_EQ(Count(anna_, model::Event::kProofGiven), 1);
  EXPECT_EQ(Load(anna_).state, model::AccountState::kActive);
}

}  // namespace
}  // namespace latchkey::attacks
