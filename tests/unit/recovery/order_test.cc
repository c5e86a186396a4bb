// SPDX-License-Identifier: Apache-2.0
// Any order of calls, by anybody, with whatever tokens have been seen: only the legal ways change
// the password (attack S01). A model knows what each call must come to; rapidcheck looks for an
// order that disagrees.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/recovery/world.h"

namespace latchkey::recovery {
namespace {

enum class Call { kAsk, kOpen, kSubmit, kSubmitWrong, kSet, kUnlock, kFreeze, kWait };

class AnyOrder : public World {
 protected:
  // What was seen so far; the last of each is what the next call uses.
  struct Seen {
    std::vector<Mail> mails;
    std::vector<Secret> sessions;
  };
  // What the model expects of the account.
  struct Expected {
    std::string password{kOldPassword};
    bool frozen = false;
    bool link_alive = false;  // of the last mail
    bool code_alive = false;
    bool session_alive = false;  // the last one
    int wrong_codes = 0;         // five make the codes rest
    int codes_this_hour = 0;
    TimePoint recovery_ends;
  };

  void Ask(Seen& seen, Expected& expected) {
    auto begun = World::Ask("anna");
    RC_ASSERT(begun.ok());  // Law 10, Law 6: always the same answer
    Drain();
    for (const auto& message : TakeMessages()) {
      if (message.template_name != courier::kRecovery) continue;
      RC_ASSERT(!expected.frozen);
      // R03: after three in an hour, only when no link that was sent still works.
      RC_ASSERT(expected.codes_this_hour < 3 || !expected.link_alive);
      ++expected.codes_this_hour;
      seen.mails.push_back(MailOf(std::move(*begun), message));
      expected.link_alive = expected.code_alive = true;
      break;
    }
  }
  void Take(Result<Proof> proof, bool expected_ok, Seen& seen, Expected& expected) {
    RC_ASSERT(proof.ok() == expected_ok);
    if (!proof.ok()) return;
    seen.sessions.push_back(std::move(proof->session));
    expected.session_alive = true;
  }
  void End(Expected& expected) {
    expected.link_alive = expected.code_alive = expected.session_alive = false;
  }

  void Make(Call call, Seen& seen, Expected& expected) {
    const bool mail = !seen.mails.empty();
    const Secret nothing(std::string(crypto::kTokenBytes, 'x'));
    const Secret& session = seen.sessions.empty() ? nothing : seen.sessions.back();
    const bool live_session = !seen.sessions.empty() && expected.session_alive;
    switch (call) {
      case Call::kAsk:
        return Ask(seen, expected);
      case Call::kOpen:
        return Take(Open(mail ? seen.mails.back().link : nothing), mail && expected.link_alive,
                    seen, expected);
      case Call::kSubmit: {
        if (!mail) return;
        const bool right = expected.code_alive && expected.wrong_codes < 5;
        Take(SubmitFor("anna", seen.mails.back().code, NextAddress()), right, seen, expected);
        if (right) {
          expected.code_alive = false;
          expected.wrong_codes = 0;
        } else if (!expected.code_alive) {
          ++expected.wrong_codes;
        }
        return;
      }
      case Call::kSubmitWrong: {
        const std::string code = WrongCode(mail ? seen.mails.back().code : "00000000", ++guesses_);
        RC_ASSERT(!SubmitFor("anna", code, NextAddress()).ok());
        ++expected.wrong_codes;
        return;
      }
      case Call::kSet: {
        const std::string password = "lively herring number " + std::to_string(++passwords_);
        RC_ASSERT(Set(session, password).ok() == live_session);
        if (!live_session) return;
        expected.password = password;
        expected.wrong_codes = 0;
        return End(expected);
      }
      case Call::kUnlock:
        RC_ASSERT(UnlockBy(session).ok() == live_session);
        if (!live_session) return;
        expected.wrong_codes = 0;
        return End(expected);
      case Call::kFreeze: {
        const bool frozen =
            Freeze(parts_, {.link_token = {}, .session = session.Copy(), .source = From()}).ok();
        RC_ASSERT(frozen == live_session);
        if (!frozen) return;
        expected.frozen = true;
        return End(expected);
      }
      case Call::kWait:
        clock_.Advance(std::chrono::hours(2));
        expected.codes_this_hour = 0;
        return End(expected);
    }
  }

  std::string NextAddress() {
    ++sources_;
    return "10." + std::to_string(sources_ >> 16 & 255) + "." +
           std::to_string(sources_ >> 8 & 255) + "." + std::to_string(sources_ & 255);
  }

  int sources_ = 0;
  int guesses_ = 0;
  int passwords_ = 0;
};

RC_GTEST_FIXTURE_PROP(AnyOrder, ChangesThePasswordOnlyByALegalWay, ()) {
  const auto calls = *rc::gen::resize(
      12, rc::gen::container<std::vector<Call>>(rc::gen::element(
              Call::kAsk, Call::kAsk, Call::kOpen, Call::kOpen, Call::kSubmit, Call::kSubmitWrong,
              Call::kSet, Call::kUnlock, Call::kFreeze, Call::kWait)));
  Seen seen;
  Expected expected;
  for (Call call : calls) {
    // The lanes of codes have tests of their own: a model of their rests would be a second
    // implementation.
    if (call == Call::kWait && expected.wrong_codes > 0) continue;
    Make(call, seen, expected);
    RC_ASSERT(PasswordIs(anna_, expected.password));
    RC_ASSERT((Load(anna_).state == model::AccountState::kFrozen) == expected.frozen);
    RC_ASSERT(PasswordIs(bruno_, kOldPassword));
  }
}

}  // namespace
}  // namespace latchkey::recovery
