// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <random>
#include <string_view>

#include "tests/unit/ivr/caller.h"

namespace latchkey::ivr {
namespace {

// Callers and services that do anything at all: no crash, no state with nothing to say, and always
// an end.
TEST(DialogueFuzz, AnyCallEnds) {
  for (unsigned seed = 0; seed < 3'000; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 dice(seed);
    CountingRandom random;
    Dialogue dialogue({.language = Language::kGerman,
                       .caller_number = "",
                       .bank_name = "{}",
                       .web_address = "{}"},
                      random);
    Step step = dialogue.Start();
    int prompts = 0;
    int events = 0;
    while (!step.ended) {
      ASSERT_LT(++events, 5'000);
      if (!step.say.empty() && !step.ended) {
        ASSERT_LE(++prompts, kLongestCall);
      }
      for (const Utterance& utterance : step.say)
        ASSERT_FALSE(TextOf(Language::kGerman, utterance).empty());
      if (step.request) {
        switch (dice() % 7) {
          case 0:
            step = dialogue.Answered(Begun());
            break;
          case 1:
            step = dialogue.Answered(Proof(dice() % 2 == 0, dice() % 2 == 0));
            break;
          case 2: {
            v1::SendLinkResponse sent;
            sent.set_message_queued(dice() % 2 == 0);
            step = dialogue.Answered(sent);
            break;
          }
          case 3:
            step = dialogue.Key('1');
            ASSERT_FALSE(step.request);
            step = dialogue.Answered(Refused(v1::REFUSAL_REASON_WRONG));
            break;
          default:
            step = dialogue.Answered(
                Refused(static_cast<v1::RefusalReason>(dice() % 15), dice() % 3 == 0));
        }
      } else if (dice() % 12 == 0) {
        step = dialogue.Silence();
      } else {
        constexpr std::string_view kKeys = "00112233456789*#x";
        step = dialogue.Key(kKeys[dice() % kKeys.size()]);
      }
    }
    EXPECT_TRUE(dialogue.ended());
  }
}

}  // namespace
}  // namespace latchkey::ivr
