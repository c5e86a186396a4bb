// SPDX-License-Identifier: Apache-2.0
// What the simulation found (tests/simulation/seeds.txt), each in a few lines.
#include "tests/unit/recovery/world.h"

namespace latchkey::recovery {
namespace {

using FoundBySimulation = World;

// Law 10. Fails when evidence that is still fresh is never given again: it went stale under the
// session.
TEST_F(FoundBySimulation, ASessionOfALinkThatAScannerOpenedLongAgoLivesItsWholeTime) {
  const Mail mail = AskForMail("anna");
  ASSERT_TRUE(Open(mail.link).ok());  // the scanner, at once
  clock_.Advance(std::chrono::minutes(29));
  const auto proof = Open(mail.link);
  ASSERT_TRUE(proof.ok());
  clock_.Advance(std::chrono::minutes(14));
  EXPECT_TRUE(Set(proof->session).ok());
}

// Laws 10, 11. Fails when the handle is drawn at random: the one that was answered is then in the
// spool, and another one in the ledger.
TEST_F(FoundBySimulation, AHandleWorksThoughTheLedgerCouldNotSayThatItHasTheRequest) {
  ledger_.LoseNextAnswer();
  auto begun = Ask("anna");
  ASSERT_TRUE(begun.ok());
  while (DrainSpool(parts_).value() > 0) {
  }
  Drain();
  const auto messages = TakeMessages();
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_TRUE(Submit(begun->handle, ValueOf(messages[0], courier::kCode)).ok());
}

}  // namespace
}  // namespace latchkey::recovery
