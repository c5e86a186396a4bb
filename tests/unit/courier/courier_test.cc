// SPDX-License-Identifier: Apache-2.0
// What becomes of a message, by what the relay does with it.
#include "services/courier/courier.h"

#include <gmock/gmock.h>
#include <sys/wait.h>

#include <functional>
#include <set>
#include <thread>

#include "crypto/seal.h"
#include "services/ledger/sql/sealed_fields.h"
#include "tests/unit/courier/post_office.h"

namespace latchkey::courier {
namespace {

using ledger::MessageState;
using model::Event;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class CourierTest : public PostOffice {
 protected:
  std::unique_ptr<Relay> Hostile(std::vector<std::string> modes) {
    return Relay::Hostile(folder_ / "hostile", std::move(modes));
  }
};

TEST_F(CourierTest, ShredsAndJournalsWhatTheRelayTook) {  // Law 13
  const auto relay = Hostile({"accept"});
  const auto channel = Through(relay->Plain());
  const MessageId id = Enqueue(kRecovery);
  ASSERT_TRUE(RowOf(id).holds_payload);
  const auto courier = Employ(*channel);
  EXPECT_EQ(Look(*courier), 1);
  EXPECT_EQ(RowOf(id).state, MessageState::kAccepted);
  EXPECT_FALSE(RowOf(id).holds_payload);
  EXPECT_EQ(RowOf(id).last_error, "");
  EXPECT_THAT(Journal(Event::kMessageAccepted),
              ElementsAre(HasSubstr("recovery to a\u2022\u2022\u2022@example.org")));
  EXPECT_THAT(Journal(Event::kMessageFailed), IsEmpty());
  EXPECT_THAT(relay->message_ids(), ElementsAre(MessageIdOf(id)));
  EXPECT_EQ(courier->counts().accepted, 1u);
  clock_.Advance(std::chrono::hours(10));
  EXPECT_EQ(Look(*courier), 0);
  EXPECT_THAT(relay->mails(), SizeIs(1));
}

// Fails without: the look at expires_at in Courier::Handle.
TEST_F(CourierTest, SaysInTheHistoryThatAMessageExpiredBeforeItCouldBeSent) {  // Laws 11 and 13
  const auto relay = Hostile({"accept"});
  const auto channel = Through(relay->Plain());
  const MessageId id = Enqueue(kRecovery, std::chrono::minutes(30));
  clock_.Advance(std::chrono::minutes(30));
  const auto courier = Employ(*channel);
  EXPECT_EQ(Look(*courier), 1);
  EXPECT_EQ(RowOf(id).state, MessageState::kOvertaken);
  EXPECT_FALSE(RowOf(id).holds_payload);
  EXPECT_THAT(Journal(Event::kMessageFailed),
              ElementsAre(HasSubstr("expired before it could be sent")));
  EXPECT_THAT(relay->mails(), IsEmpty());
  EXPECT_EQ(courier->counts().overtaken, 1u);
}

TEST_F(CourierTest, KeepsNoCodeAndNoAddressInClear) {  // Law 12
  Enqueue(kRecovery);
  std::string stored;
  for (const auto& entry : fs::directory_iterator(folder_)) stored += ReadAll(entry.path());
  ASSERT_THAT(stored, HasSubstr("payload_sealed")) << "the scan must see the ledger's bytes";
  ASSERT_THAT(stored, HasSubstr("recovery"));
  for (const std::string_view secret :
       {kSampleCode, kSampleCodeShown, kSampleToken, kSampleTokenShown,
        std::string_view("anna@example.org"), std::string_view("Canary Adler")})
    EXPECT_EQ(stored.find(secret), std::string::npos) << secret;
}

TEST_F(CourierTest, LogsNeitherSecretsNorAddressesNorTheOthersWords) {  // Laws 12 and 14, I06
  const auto relay = Hostile({"accept", "later", "never", "policy", "spam", "busy"});
  const auto channel = Through(relay->Plain());
  for (int i = 0; i < 6; ++i) Enqueue(kRecovery);
  ::testing::internal::CaptureStderr();
  Look(*channel);
  Look(*channel);
  const std::string log = ::testing::internal::GetCapturedStderr();
  ASSERT_THAT(log, HasSubstr("courier.accepted"));
  ASSERT_THAT(log, HasSubstr("courier.postponed"));
  ASSERT_THAT(log, HasSubstr("courier.set_aside"));
  for (const auto secret : {kSampleCode, kSampleCodeShown, kSampleTokenShown,
                            std::string_view("example.org"), std::string_view("HOSTILE")})
    EXPECT_EQ(log.find(secret), std::string::npos) << secret;
}

TEST_F(CourierTest, PutsOffWhatIsNotTakenNowWithGrowingPauses) {
  const auto relay = Hostile({"later", "full", "later", "later", "accept"});
  const auto channel = Through(relay->Plain());
  const auto courier =
      Employ(*channel, {.pauses = {.first = Millis(10'000), .longest = Millis(60'000)}});
  const MessageId id = Enqueue(kRecovery);
  for (const int64_t whole : {10'000, 20'000, 40'000, 60'000}) {
    ASSERT_EQ(Look(*courier), 1);
    const Row row = RowOf(id);
    EXPECT_EQ(row.state, MessageState::kQueued);
    EXPECT_TRUE(row.holds_payload);
    EXPECT_THAT(row.last_error, HasSubstr(" 45"));
    EXPECT_THAT(row.last_error, Not(HasSubstr("HOSTILE")));
    const int64_t pause = (row.next_at - clock_.Now()).count();
    EXPECT_GT(pause, whole / 2);
    EXPECT_LE(pause, whole);
    clock_.Set(row.next_at - Millis(1));
    EXPECT_EQ(Look(*courier), 0) << "not before its time";
    clock_.Advance(Millis(1));
  }
  EXPECT_EQ(Look(*courier), 1);
  EXPECT_EQ(RowOf(id).state, MessageState::kAccepted);
  EXPECT_EQ(RowOf(id).attempts, 5);
  EXPECT_EQ(courier->counts().postponed, 4u);
  EXPECT_THAT(Journal(Event::kMessageFailed), IsEmpty());
}

TEST_F(CourierTest, SetsAsideAtOnceWhatIsRefusedForGood) {
  for (const char* mode : {"never", "spam"}) {
    const auto relay = Relay::Hostile(folder_ / mode, {mode});
    const auto channel = Through(relay->Plain());
    const MessageId id = Enqueue(kPasswordResetNotice);
    EXPECT_EQ(Look(*channel), 1);
    const Row row = RowOf(id);
    EXPECT_EQ(row.state, MessageState::kSetAside);
    EXPECT_FALSE(row.holds_payload);
    EXPECT_THAT(row.last_error,
                HasSubstr(mode == std::string("never") ? "550 5.1.1" : "554 5.6.0"));
    EXPECT_THAT(row.last_error, Not(HasSubstr("HOSTILE")));
  }
  EXPECT_THAT(Journal(Event::kMessageFailed),
              ElementsAre(HasSubstr("refused for good"), HasSubstr("refused for good")));
  EXPECT_THAT(Journal(Event::kMessageAccepted), IsEmpty());
}

TEST_F(CourierTest, SetsAsideAfterTheLastTry) {
  const auto relay = Hostile({"lose", "lose"});
  const auto channel = Through(kTimeout, relay->Plain());
  const auto courier = Employ(*channel, {.max_attempts = 2, .pauses = {}});
  const MessageId id = Enqueue(kRecovery);
  EXPECT_EQ(Look(*courier), 1);
  EXPECT_EQ(RowOf(id).state, MessageState::kQueued);
  clock_.Set(RowOf(id).next_at);
  EXPECT_EQ(Look(*courier), 1);
  EXPECT_EQ(RowOf(id).state, MessageState::kSetAside);
  EXPECT_THAT(Journal(Event::kMessageFailed),
              ElementsAre(HasSubstr("given up after 2 tries without an answer")));
}

// A relay that is away over a weekend. Fails without: the fate in TryLater (it was set aside, and
// the button that stops a thief with it).
TEST_F(CourierTest, KeepsWhatNobodyTookUntilItExpires) {  // Laws 9, 11
  const auto relay = Hostile({"later"});
  const auto channel = Through(relay->Plain());
  const auto courier = Employ(*channel, {.max_attempts = 2, .pauses = {}});
  const MessageId id = Enqueue(kPasswordResetNotice, std::chrono::hours(24 * 30));
  const TimePoint monday = clock_.Now() + std::chrono::hours(60);
  while (clock_.Now() < monday) {
    ASSERT_EQ(Look(*courier), 1);
    ASSERT_EQ(RowOf(id).state, MessageState::kQueued) << RowOf(id).last_error;
    clock_.Set(RowOf(id).next_at);
  }
  EXPECT_TRUE(RowOf(id).holds_payload);
}

// Fails without: `unanswered` in TryLater (the first lost answer after the outage set it aside).
TEST_F(CourierTest, CountsLostAnswersApartFromAnOutage) {  // Laws 9, 11
  const auto relay = Hostile({"later", "later", "later", "lose", "accept"});
  const auto channel = Through(kTimeout, relay->Plain());
  const auto courier = Employ(*channel, {.max_attempts = 2, .pauses = {}});
  const MessageId id = Enqueue(kPasswordResetNotice, std::chrono::hours(24 * 30));
  for (int i = 0; i < 5; ++i) {
    ASSERT_EQ(RowOf(id).state, MessageState::kQueued) << i;
    ASSERT_EQ(Look(*courier), 1);
    clock_.Set(std::max(clock_.Now(), RowOf(id).next_at));
  }
  EXPECT_EQ(RowOf(id).state, MessageState::kAccepted);
}

// A notice that never got out is for the operator to know. Fails without: SetAside for what carries
// no key (it was overtaken, which nobody counts).
TEST_F(CourierTest, SetsAsideANoticeThatNobodyTookInTime) {  // Law 9
  const auto relay = Hostile({"later"});
  const auto channel = Through(relay->Plain());
  const auto courier = Employ(*channel);
  const MessageId id = Enqueue(kPasswordResetNotice, std::chrono::seconds(3));
  EXPECT_EQ(Look(*courier), 1);
  EXPECT_EQ(RowOf(id).state, MessageState::kSetAside);
}

TEST_F(CourierTest, SendsAgainUnderTheSameIdWhenTheAnswerIsLost) {  // Law 11
  const auto relay = Hostile({"lose", "accept"});
  const auto second = Relay::Hostile(folder_ / "second", {"accept"});
  const auto channel = Through(kTimeout, relay->Plain(), second->Plain());
  const auto courier = Employ(*channel);
  const MessageId id = Enqueue(kRecovery);
  EXPECT_EQ(Look(*courier), 1);
  EXPECT_EQ(RowOf(id).state, MessageState::kQueued);
  EXPECT_EQ(courier->counts().unknown, 1u);
  EXPECT_THAT(second->mails(), IsEmpty()) << "that would be a double for certain";
  clock_.Set(RowOf(id).next_at);
  EXPECT_EQ(Look(*courier), 1);
  EXPECT_EQ(RowOf(id).state, MessageState::kAccepted);
  ASSERT_THAT(relay->message_ids(), ElementsAre(MessageIdOf(id), MessageIdOf(id)));
  EXPECT_EQ(relay->mails()[0], relay->mails()[1]) << "a double has to be one to the last byte";
}

TEST_F(CourierTest, GivesUpWaitingForARelayThatHangs) {
  const auto relay = Hostile({"hang", "accept"});
  const auto channel = Through(Millis(4000), relay->Plain());
  const auto courier = Employ(*channel);
  const MessageId id = Enqueue(kRecovery);
  EXPECT_EQ(Look(*courier), 1);
  EXPECT_EQ(courier->counts().unknown, 1u);
  clock_.Set(RowOf(id).next_at);
  EXPECT_EQ(Look(*courier), 1);
  EXPECT_THAT(relay->message_ids(), ElementsAre(MessageIdOf(id), MessageIdOf(id)));
}

// Law 11: killed after the relay had the message and before the ledger knew of it.
TEST_F(CourierTest, SendsAgainUnderTheSameIdWhenKilledBeforeItCouldSaySo) {
  const auto relay = Hostile({"hold", "accept"});
  const auto channel = Through(relay->Plain());
  const MessageId id = Enqueue(kRecovery);
  ledger_.reset();  // an open SQLite does not survive a fork
  const pid_t child = fork();
  if (child == 0) {
    OpenLedger();
    Look(*channel);
    _exit(0);
  }
  ASSERT_EQ(relay->process().ReadLine(), "took");
  kill(child, SIGKILL);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status)) << "it had ended already";
  OpenLedger();
  const auto courier = Employ(*channel);
  // The lease covers a whole batch of four that all take as long as they may.
  clock_.Advance(kTimeout * 4 + std::chrono::minutes(1) - Millis(1));
  EXPECT_EQ(Look(*courier), 0);
  EXPECT_TRUE(RowOf(id).holds_payload);
  clock_.Advance(Millis(1));
  EXPECT_EQ(Look(*courier), 1);
  EXPECT_EQ(RowOf(id).state, MessageState::kAccepted);
  EXPECT_THAT(relay->message_ids(), ElementsAre(MessageIdOf(id), MessageIdOf(id)));
}

// Does something as soon as the relay has a message.
class AfterSend final : public Channel {
 public:
  AfterSend(Channel& inner, std::function<void()> then) : inner_(inner), then_(std::move(then)) {}
  model::ContactKind kind() const override { return inner_.kind(); }
  Millis longest_send() const override { return inner_.longest_send(); }
  Delivery Send(const Parcel& parcel) override {
    Delivery delivery = inner_.Send(parcel);
    then_();
    return delivery;
  }

 private:
  Channel& inner_;
  const std::function<void()> then_;
};

// Fails without: GiveBack in RunOnce (seen: the second message waited for the end of the lease).
TEST_F(CourierTest, DoesNotKeepTheRestOfABatchWhenTheLedgerFaltersOnce) {  // Law 11
  const auto relay = Hostile({"accept"});
  const auto channel = Through(relay->Plain());
  testing::Faults faults;
  ledger_->Watch(faults);
  // The commit that follows the first message fails, and no other.
  AfterSend faltering(*channel, [&] {
    if (!faults.struck()) faults.Arm({.at = 1});
  });
  const auto courier = Employ(faltering);
  const MessageId first = Enqueue(kRecovery);
  const MessageId second = Enqueue(kPasswordResetNotice);
  EXPECT_EQ(Look(*courier), -1);
  EXPECT_EQ(RowOf(second).attempts, 0);
  EXPECT_EQ(Look(*courier), 1) << "at once";
  EXPECT_THAT(relay->message_ids(), ElementsAre(MessageIdOf(first), MessageIdOf(second)));
  EXPECT_EQ(RowOf(second).attempts, 1);
  EXPECT_LE(RowOf(first).next_at, clock_.Now() + Pauses().first);
  EXPECT_GT(RowOf(first).next_at, clock_.Now()) << "it may have been sent: no double at once";
  clock_.Set(RowOf(first).next_at);
  EXPECT_EQ(Look(*courier), 1);
  EXPECT_EQ(RowOf(first).state, MessageState::kAccepted);
  EXPECT_EQ(RowOf(first).attempts, 2);
}

// Is stopped for so long, once its relay has refused the message, that another worker sends it.
class Overslept final : public Channel {
 public:
  explicit Overslept(std::function<void()> meanwhile) : meanwhile_(std::move(meanwhile)) {}
  model::ContactKind kind() const override { return model::ContactKind::kEmail; }
  Millis longest_send() const override { return Millis(1000); }
  Delivery Send(const Parcel&) override {
    meanwhile_();
    return {.fate = Fate::kPermanent, .note = "550"};
  }

 private:
  const std::function<void()> meanwhile_;
};

// Fails without: the look at what EndMessage says in Courier::End (seen: "refused for good" beside
// "accepted" in one history).
TEST_F(CourierTest, WritesOneEndOfAMessageIntoTheHistoryThoughAWorkerOverslept) {  // Law 13
  const auto relay = Hostile({"accept"});
  const auto channel = Through(relay->Plain());
  const MessageId id = Enqueue(kRecovery);
  Overslept overslept([&] {
    clock_.Advance(std::chrono::hours(1));
    EXPECT_EQ(Look(*channel), 1);
  });
  EXPECT_EQ(Look(overslept), 1);
  EXPECT_EQ(RowOf(id).state, MessageState::kAccepted);
  EXPECT_THAT(Journal(Event::kMessageAccepted), SizeIs(1));
  EXPECT_THAT(Journal(Event::kMessageFailed), IsEmpty());
}

TEST_F(CourierTest, LosesNothingWhileTheLedgerIsAway) {  // Law 11
  const auto relay = Hostile({"accept"});
  const auto channel = Through(relay->Plain());
  AfterSend cut(*channel, [this] { ledger_->GoAway(true); });
  const MessageId first = Enqueue(kRecovery);
  const MessageId second = Enqueue(kPasswordResetNotice);
  EXPECT_EQ(Look(cut), -1);
  EXPECT_THAT(relay->mails(), SizeIs(1)) << "the second waits: its end could not be written either";
  ledger_->GoAway(false);
  EXPECT_THAT(Journal(Event::kMessageAccepted), IsEmpty());
  clock_.Advance(std::chrono::hours(1));
  EXPECT_EQ(Look(*channel), 2);
  EXPECT_THAT(relay->message_ids(),
              ElementsAre(MessageIdOf(first), MessageIdOf(first), MessageIdOf(second)));
}

TEST_F(CourierTest, LetsNoSecondWorkerHaveAMessageThatIsOnItsWay) {
  const auto relay = Hostile({"hold", "accept"});
  const auto channel = Through(relay->Plain());
  const MessageId id = Enqueue(kRecovery);
  int handled = 0;
  std::thread worker([&] { handled = Look(*channel); });
  EXPECT_EQ(relay->process().ReadLine(), "took");
  EXPECT_EQ(Look(*channel), 0);
  relay->process().WriteLine("go on");
  worker.join();
  EXPECT_EQ(handled, 1);
  EXPECT_EQ(RowOf(id).state, MessageState::kAccepted);
  EXPECT_THAT(relay->mails(), SizeIs(1));
}

TEST_F(CourierTest, SendsEachMessageOnceWithManyWorkers) {
  const auto relay = Hostile({"accept"});
  const auto channel = Through(relay->Plain());
  std::set<std::string> ids;
  for (int i = 0; i < 12; ++i) ids.insert(MessageIdOf(Enqueue(kRecovery)));
  std::vector<std::thread> workers;
  for (int i = 0; i < 4; ++i) {
    workers.emplace_back([&] {
      const auto courier = Employ(*channel, {.batch = 2, .pauses = {}});
      while (Look(*courier) > 0) {
      }
    });
  }
  for (auto& worker : workers) worker.join();
  const auto sent = relay->message_ids();
  EXPECT_THAT(sent, SizeIs(12));
  EXPECT_EQ(std::set<std::string>(sent.begin(), sent.end()), ids);
  EXPECT_THAT(Journal(Event::kMessageAccepted), SizeIs(12));
}

TEST_F(CourierTest, StopsItsWorkersAfterWhatIsOnItsWay) {
  const auto relay = Hostile({"hold"});
  const auto channel = Through(relay->Plain());
  const auto courier =
      Employ(*channel, {.workers = 1, .pauses = {}, .idle = std::chrono::hours(1)});
  courier->Start();
  const MessageId id = Enqueue(kRecovery);
  courier->Wake();
  EXPECT_EQ(relay->process().ReadLine(), "took");
  std::thread stopping([&] { courier->Stop(); });
  relay->process().WriteLine("go on");
  stopping.join();
  EXPECT_EQ(RowOf(id).state, MessageState::kAccepted);
}

}  // namespace
}  // namespace latchkey::courier
