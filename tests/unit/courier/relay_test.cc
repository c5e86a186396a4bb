// SPDX-License-Identifier: Apache-2.0
// Relays that refuse, hang or take half: the message goes another way at once, or comes again under
// its own id; never lost, and never sent twice where one may have taken it (Law 11).
#include <gmock/gmock.h>

#include "services/courier/courier.h"
#include "tests/unit/courier/post_office.h"

namespace latchkey::courier {
namespace {

using ledger::MessageState;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class RelayTest : public PostOffice {};

// Fails without: relay_failed in Classify (the message then waits for the first relay).
TEST_F(RelayTest, IsPassedOverAtOnceWhenItTookNothing) {
  for (const std::string mode : {"away", "busy", "policy", "mute", "stall", "later"}) {
    SCOPED_TRACE(mode);
    const auto first = Relay::Hostile(folder_ / (mode + "-first"), {mode});
    const auto second = Relay::Hostile(folder_ / (mode + "-second"), {"accept"});
    const auto channel = Through(Millis(1500), first->Plain(), second->Plain());
    const MessageId id = Enqueue(kRecovery);
    EXPECT_EQ(Look(*channel), 1);
    EXPECT_EQ(RowOf(id).state, MessageState::kAccepted);
    EXPECT_THAT(second->message_ids(), ElementsAre(MessageIdOf(id)));
    EXPECT_THAT(first->mails(), IsEmpty());
  }
}

TEST_F(RelayTest, IsPassedOverAtOnceWhenItHasNoTls) {
  const ServerFiles files = IssueFor(folder_ / "tls", clock_.Now());
  const auto first = Relay::Hostile(folder_ / "first", {"break-tls"});
  const auto second = Relay::Hostile(folder_ / "second", {"accept"});
  const auto channel = Through(kTimeout, first->UnderTls(files.authority), second->Plain());
  const MessageId id = Enqueue(kRecovery);
  EXPECT_EQ(Look(*channel), 1);
  EXPECT_EQ(RowOf(id).state, MessageState::kAccepted);
  EXPECT_THAT(second->message_ids(), ElementsAre(MessageIdOf(id)));
  for (const std::string& heard : first->heard())
    EXPECT_EQ(heard.find("AUTH"), std::string::npos) << "the password left without TLS";
}

// It may have everything, so no other relay gets the message meanwhile.
TEST_F(RelayTest, GetsTheMessageAgainWhenItMayHaveIt) {
  for (const std::string mode : {"cut", "lose", "hang"}) {
    SCOPED_TRACE(mode);
    const auto first = Relay::Hostile(folder_ / (mode + "-first"), {mode, "accept"});
    const auto second = Relay::Hostile(folder_ / (mode + "-second"), {"accept"});
    const auto channel = Through(Millis(1500), first->Plain(), second->Plain());
    const auto courier = Employ(*channel);
    const MessageId id = Enqueue(kRecovery);
    const auto begun = std::chrono::steady_clock::now();
    EXPECT_EQ(Look(*courier), 1);
    // The good-bye counts too: libcurl waits two minutes for its answer, which no lease covers.
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(20));
    EXPECT_EQ(RowOf(id).state, MessageState::kQueued);
    EXPECT_THAT(second->mails(), IsEmpty());
    clock_.Set(RowOf(id).next_at);
    EXPECT_EQ(Look(*courier), 1);
    EXPECT_EQ(RowOf(id).state, MessageState::kAccepted);
    EXPECT_THAT(first->message_ids(), ::testing::Each(MessageIdOf(id)));
    EXPECT_THAT(first->message_ids(), ::testing::Contains(MessageIdOf(id)));
  }
}

// Half a disk at the relay: the content was taken in and then refused, so nobody has it.
TEST_F(RelayTest, IsLeftForTheNextWhenItRefusesTheContent) {
  const auto first = Relay::Hostile(folder_ / "first", {"full"});
  const auto second = Relay::Hostile(folder_ / "second", {"accept"});
  const auto channel = Through(kTimeout, first->Plain(), second->Plain());
  const MessageId id = Enqueue(kRecovery);
  EXPECT_EQ(Look(*channel), 1);
  EXPECT_EQ(RowOf(id).state, MessageState::kAccepted);
  EXPECT_THAT(second->message_ids(), ElementsAre(MessageIdOf(id)));
}

// One hanging relay must not keep the messages of a batch from each other for ever.
TEST_F(RelayTest, IsSparedAWhileAfterItHung) {
  const auto first = Relay::Hostile(folder_ / "first", {"mute"});
  const auto second = Relay::Hostile(folder_ / "second", {"accept"});
  const auto channel = Through(Millis(1500), first->Plain(), second->Plain());
  for (int i = 0; i < 4; ++i) Enqueue(kRecovery);
  EXPECT_EQ(Look(*channel), 4);
  EXPECT_THAT(second->mails(), SizeIs(4));
  EXPECT_THAT(first->heard(), SizeIs(1)) << "it was asked again while it was spared";
}

}  // namespace
}  // namespace latchkey::courier
