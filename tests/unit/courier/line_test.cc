// SPDX-License-Identifier: Apache-2.0
// A line that is kept: many messages by one handshake, and none that is lost or held up by a relay
// that has had enough of it.
#include <gmock/gmock.h>

#include "services/courier/courier.h"
#include "tests/unit/courier/post_office.h"

namespace latchkey::courier {
namespace {

using ledger::MessageState;
using ::testing::SizeIs;

class LineTest : public PostOffice {
 protected:
  std::unique_ptr<Relay> Hostile(std::vector<std::string> modes) {
    return Relay::Hostile(folder_ / "hostile", std::move(modes));
  }
};

TEST_F(LineTest, CarriesOneMessageAfterAnother) {
  const auto relay = Hostile({"keep"});
  const auto channel = Through(relay->Plain());
  const auto courier = Employ(*channel);
  for (int i = 0; i < 3; ++i) Enqueue(kRecovery);
  EXPECT_EQ(Look(*courier), 3);
  EXPECT_EQ(courier->counts().accepted, 3u);
  EXPECT_THAT(relay->heard(), SizeIs(1)) << "one conversation";
}

// Fails without: the second turn in RelayLine::HandOver.
TEST_F(LineTest, IsReplacedAtOnceWhenTheRelayHadEnoughOfIt) {  // Law 11
  const auto relay = Hostile({"once-more", "accept"});
  const auto channel = Through(relay->Plain());
  const auto courier = Employ(*channel);
  const MessageId first = Enqueue(kRecovery);
  const MessageId second = Enqueue(kRecovery);
  EXPECT_EQ(Look(*courier), 2);
  EXPECT_EQ(RowOf(first).state, MessageState::kAccepted);
  EXPECT_EQ(RowOf(second).state, MessageState::kAccepted);
  EXPECT_EQ(courier->counts().postponed, 0u);
  EXPECT_THAT(relay->heard(), SizeIs(2));
  EXPECT_THAT(relay->message_ids(),
              ::testing::UnorderedElementsAre(MessageIdOf(first), MessageIdOf(second)));
}

TEST_F(LineTest, LeavesNothingOfARefusedMessageToTheNext) {
  const auto relay = Hostile({"later", "accept"});
  const auto channel = Through(relay->Plain());
  const auto courier = Employ(*channel);
  const MessageId first = Enqueue(kRecovery);
  const MessageId second = Enqueue(kRecovery);
  EXPECT_EQ(Look(*courier), 2);
  EXPECT_EQ(RowOf(first).state, MessageState::kQueued);
  EXPECT_EQ(RowOf(second).state, MessageState::kAccepted);
  EXPECT_THAT(relay->message_ids(), ::testing::ElementsAre(MessageIdOf(second)));
}

}  // namespace
}  // namespace latchkey::courier
