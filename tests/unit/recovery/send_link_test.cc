// SPDX-License-Identifier: Apache-2.0
// A proof of the phone that ends on the web.
#include <gtest/gtest.h>

#include <string>

#include "tests/unit/recovery/world.h"

namespace latchkey::recovery {
namespace {

class LinkByPhone : public World {
 protected:
  // By the code of a message, as it is keyed on the phone: the code is used up by it.
  Secret ProveByCode(const Mail& mail) {
    auto proof = Submit(mail.handle, mail.code, "+491512345678");
    LATCHKEY_CHECK(proof.ok());
    return std::move(proof->session);
  }
  Result<SentLink> Send(const Secret& session, const std::string& key = {}) {
    return SendLink(parts_, {.session = session.Copy(),
                             .idempotency_key = key.empty() ? Key() : key,
                             .source = From("+491512345678", model::Channel::kPhone)});
  }
};

// Law 15: the code was keyed on the phone; the web asks for nothing more.
TEST_F(LinkByPhone, LeadsToANewPasswordOnTheWebWithoutASecondCode) {
  const Mail mail = AskForMail("anna");
  const Secret session = ProveByCode(mail);
  EXPECT_EQ(ReasonOf(Submit(mail.handle, mail.code)), Reason::kWrong) << "used up on the phone";
  auto sent = Send(session);
  ASSERT_TRUE(sent.ok());
  EXPECT_TRUE(sent->queued);
  const auto messages = TakeMessages();
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(messages[0].contact_id, mail.contact_id);
  EXPECT_EQ(messages[0].template_name, courier::kLinkAfterCall);
  auto proof = Open(TokenIn(messages[0], courier::kLinkToken));
  ASSERT_TRUE(proof.ok());
  EXPECT_EQ(proof->reference, sent->reference) << "the same recovery";
  EXPECT_TRUE(proof->may_set_password);
  ASSERT_TRUE(Set(proof->session).ok());
  EXPECT_TRUE(PasswordIs(anna_, kNewPassword));
  EXPECT_EQ(CountEvents(anna_, model::Event::kMessageQueued), 1);
}

// Law 3: it takes its place among the links of the recovery; the one that is used ends them all.
TEST_F(LinkByPhone, WorksOnceAndDiesWithTheOthers) {
  const Mail mail = AskForMail("anna");
  const Secret session = ProveByCode(mail);
  ASSERT_TRUE(Send(session).ok());
  const Secret link = TokenIn(TakeMessages().at(0), courier::kLinkToken);
  auto by_mail = Open(mail.link);
  ASSERT_TRUE(by_mail.ok());
  ASSERT_TRUE(Set(by_mail->session).ok());
  EXPECT_EQ(ReasonOf(Open(link)), Reason::kUsed);
  EXPECT_EQ(ReasonOf(Send(session)), Reason::kUsed);
}

// Attack R03: the hour's messages are shared with all that are asked for; whoever gets none has a
// link that works.
TEST_F(LinkByPhone, IsBoundedWithTheMessagesOfTheHour) {
  const Mail mail = AskForMail("anna");
  const Secret session = ProveByCode(mail);
  for (int64_t n = 1; n < parts_.rules.messages_per_hour; ++n) EXPECT_TRUE(Send(session)->queued);
  auto refused = Send(session);
  ASSERT_TRUE(refused.ok());
  EXPECT_FALSE(refused->queued);
  EXPECT_EQ(TakeMessages().size(), static_cast<size_t>(parts_.rules.messages_per_hour - 1));
  EXPECT_EQ(CountEvents(anna_, model::Event::kMessageQueued), parts_.rules.messages_per_hour - 1);
  EXPECT_TRUE(Open(mail.link).ok());
}

// P08: sent again, it is sent once.
TEST_F(LinkByPhone, IsSentOnceForOneRequest) {
  const Secret session = ProveByCode(AskForMail("anna"));
  const std::string key = Key();
  auto first = Send(session, key);
  auto again = Send(session, key);
  ASSERT_TRUE(first.ok() && again.ok());
  EXPECT_EQ(again->reference, first->reference);
  EXPECT_TRUE(again->queued);
  EXPECT_EQ(TakeMessages().size(), 1u);
  const Secret other = std::move(Open(AskForMail("anna").link)->session);
  EXPECT_EQ(ReasonOf(Send(other, key)), Reason::kConflict);
}

TEST_F(LinkByPhone, IsSentLateAndStillLivesLongEnough) {
  const Secret session = ProveByCode(AskForMail("anna"));
  clock_.Advance(parts_.rules.session - std::chrono::seconds(1));
  ASSERT_TRUE(Send(session).ok());
  const Secret link = TokenIn(TakeMessages().at(0), courier::kLinkToken);
  clock_.Advance(parts_.rules.lifetime - std::chrono::seconds(1));
  auto proof = Open(link);
  ASSERT_TRUE(proof.ok());
  EXPECT_TRUE(proof->may_set_password) << "opening it is a proof of its own";
}

TEST_F(LinkByPhone, NeedsALivingSession) {
  const Mail mail = AskForMail("anna");
  const Secret session = ProveByCode(mail);
  EXPECT_EQ(ReasonOf(Send(mail.link)), Reason::kExpired) << "a link is no session";
  clock_.Advance(parts_.rules.session);
  EXPECT_EQ(ReasonOf(Send(session)), Reason::kExpired);
  const Secret frozen = std::move(Open(AskForMail("anna").link)->session);
  ASSERT_TRUE(Freeze(parts_, {.link_token = {}, .session = frozen.Copy(), .source = From()}).ok());
  TakeMessages();
  EXPECT_EQ(ReasonOf(Send(frozen)), Reason::kStopped);
  EXPECT_TRUE(TakeMessages().empty());
}

// Laws 2, 11: wherever it breaks, nothing has happened; where only the answer was lost, it is given
// again.
TEST_F(LinkByPhone, IsAllOrNothing) {
  const Secret session = ProveByCode(AskForMail("anna"));
  int64_t broken = 0;
  for (;; ++broken) {
    ledger_.FailAtStatement(broken + 1);
    const bool sent = Send(session).ok();
    ledger_.FailAtStatement(0);
    if (sent) break;
    EXPECT_TRUE(TakeMessages().empty()) << "at statement " << broken + 1;
  }
  EXPECT_GT(broken, 5);
  EXPECT_EQ(TakeMessages().size(), 1u);
  ledger_.LoseNextAnswer();
  EXPECT_TRUE(Send(session)->queued);
  EXPECT_EQ(TakeMessages().size(), 1u);
}

}  // namespace
}  // namespace latchkey::recovery
