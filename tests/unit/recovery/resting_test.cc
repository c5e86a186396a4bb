// SPDX-License-Identifier: Apache-2.0
// The owner hears of wrong passwords that made passwords rest, and nobody else does.
#include <algorithm>
#include <map>
#include <set>

#include "services/ledger/intakes.h"
#include "tests/unit/recovery/world.h"

namespace latchkey::recovery {
namespace {

class Resting : public World {
 protected:
  // Five wrong passwords from five places; the fifth begins the rest.
  void MakeRest(const std::string& name) {
    for (int i = 0; i < 5; ++i) {
      auto refused =
          sign_in_.SignInByPassword({.identifier = name,
                                     .password = Secret("wrong " + std::to_string(++guesses_)),
                                     .source = From("198.51.100." + std::to_string(guesses_ % 250)),
                                     .device_token = {},
                                     .deadline = clock_.Now() + std::chrono::seconds(10)});
      EXPECT_EQ(ReasonOf(refused), Reason::kWrong);
    }
  }
  int64_t Waiting() {
    return ledger_.Query([](ledger::Transaction& tx) { return ledger::CountIntakes(tx); }).value();
  }
  void SetState(AccountId id, model::AccountState to) {
    const model::AccountState from = Load(id).state;
    Run([&](ledger::Transaction& tx) -> Done {
      LATCHKEY_ASSIGN(const bool changed, ledger::ChangeAccountState(tx, id, from, to));
      return changed ? Done() : Done(Fail(Reason::kInternal, "it was in another state"));
    });
  }
  int guesses_ = 0;
};

// Fails without: TellOwner in NoteFailure; with ChooseContact in place of Addressees.
TEST_F(Resting, IsToldToEveryAddressWithTheWaysOnAndNoSecret) {  // Law 9
  clock_.Advance(Millis(12'345));                                // within a minute
  MakeRest("10000001");
  EXPECT_EQ(Waiting(), 1) << "durable before the answer";
  EXPECT_TRUE(TakeMessages().empty()) << "nobody who guesses waits for mail";
  const TimePoint wakes =
      gate_.Peek(signin::Subject::Customer(Load(anna_)), signin::SecretKind::kPassword)
          ->rests_until;
  clock_.Advance(std::chrono::seconds(1));
  Drain();
  std::set<ContactId> told;
  for (const ledger::LeasedMessage& message : TakeMessages()) {
    EXPECT_EQ(message.account_id, anna_);
    EXPECT_EQ(message.template_name, courier::kPasswordsResting);
    EXPECT_EQ(ValueOf(message, courier::kAt),
              std::to_string(ToUnixMillis(clock_.Now() - std::chrono::seconds(1))));
    // Fails without: `ceil` in Compose: the mail told a minute in which they still rest (seen).
    EXPECT_EQ(ValueOf(message, courier::kRestsUntil),
              std::to_string(ToUnixMillis(std::chrono::ceil<std::chrono::minutes>(wakes))));
    EXPECT_EQ(message.values.size(), 3u) << "and where; nothing that opens, nothing that freezes";
    told.insert(message.contact_id);
  }
  EXPECT_EQ(told.size(), 2u);
  EXPECT_EQ(Waiting(), 0);
  EXPECT_EQ(CountEvents(anna_, model::Event::kSignInResting), 1);
  EXPECT_EQ(CountEvents(anna_, model::Event::kRecoveryStarted), 0) << "it is no recovery";
}

// Law 6: kept and ended alike for a name that nobody has, and counted only as it was tried.
TEST_F(Resting, IsToldToNobodyForNamesThatNobodyHas) {
  for (const char* name : {"nobody", "nobody@example.org", "99999999", "no\u202ebody"})
    MakeRest(name);
  EXPECT_EQ(Waiting(), 4);
  Drain();
  EXPECT_EQ(Waiting(), 0);
  EXPECT_TRUE(TakeMessages().empty());
  clock_.Advance(std::chrono::hours(1));
  EXPECT_EQ(sign_in_.FlushUnknownNames().value(), 20);
}

// Fails without: the state in SayThatPasswordsRest.
TEST_F(Resting, IsNotToldOfAccountsWhoseOwnersCannotSignInAnyway) {
  SetState(anna_, model::AccountState::kFrozen);
  SetState(bruno_, model::AccountState::kClosed);
  MakeRest("anna");
  MakeRest("bruno");
  Drain();
  EXPECT_TRUE(TakeMessages().empty());
  // The day's hint to the owner of a frozen account is for when somebody asks.
  ASSERT_TRUE(Ask("anna").ok());
  Drain();
  ASSERT_EQ(TakeMessages().size(), 1u);
}

// R03: a stranger's guesses bring one message a day to each address, whatever the owner does.
// Fails without: the day in the key of TellOwner; it came once and never again.
TEST_F(Resting, IsToldOnceADayThoughItBeginsAgainAfterAnUnlock) {
  for (int day = 0; day < 3; ++day) {
    MakeRest("anna");
    const Mail mail = AskForMailAside("anna", 2);
    ASSERT_TRUE(UnlockBy(Open(mail.link)->session).ok());
    TakeMessages();
    MakeRest("anna@example.org");
    Drain();
    EXPECT_TRUE(TakeMessages().empty()) << "day " << day;
    clock_.Advance(std::chrono::hours(24));
    ASSERT_TRUE(Sweep(parts_).ok());
  }
}

// Fails without: NoteDisabled in CountAndLoad.
TEST_F(Resting, WhenThePasswordIsDisabledByAHundredFailuresItsOwnerIsToldEverywhere) {  // Law 9
  for (int rest = 0; rest < 20; ++rest) {
    MakeRest("anna");
    clock_.Advance(std::chrono::hours(24));
  }
  std::map<ContactId, int> told;
  Drain();
  for (const ledger::LeasedMessage& message : TakeMessages()) {
    if (message.template_name == courier::kPasswordDisabledNotice) ++told[message.contact_id];
  }
  MakeRest("anna");
  Drain();
  EXPECT_TRUE(TakeMessages().empty()) << "a password that is disabled does not rest as well";
  clock_.Advance(std::chrono::hours(24));
  EXPECT_EQ(told.size(), 2u);
  for (const auto& [contact, times] : told) EXPECT_EQ(times, 1) << "contact " << contact.value;
  EXPECT_EQ(CountEvents(anna_, model::Event::kPasswordDisabled), 1);
  EXPECT_EQ(ReasonOf(SignInWith("anna", kOldPassword)), Reason::kWrong);
}

// Fails without: the look at the password before TellPasswordDisabled.
TEST_F(Resting, ThatAPasswordIsDisabledIsNotToldOnceANewOneIsSet) {
  for (int rest = 0; rest < 20; ++rest) {
    MakeRest("anna");
    clock_.Advance(std::chrono::hours(24));
  }
  ASSERT_EQ(CountEvents(anna_, model::Event::kPasswordDisabled), 1);
  Run([&](ledger::Transaction& tx) {
    return ledger::PutVerifier(tx, store_, anna_,
                               {.verifier = "a new one", .set_at = store_.clock.Now()});
  });
  Drain();
  for (const ledger::LeasedMessage& message : TakeMessages())
    EXPECT_NE(message.template_name, courier::kPasswordDisabledNotice);
}

// Law 11: a worker that dies after its lease began loses nothing and doubles nothing.
TEST_F(Resting, IsToldOnceThoughWorkersDie) {
  MakeRest("anna");
  for (int64_t n = 1;; ++n) {
    ledger_.FailAtStatement(n);
    static_cast<void>(DrainIntakes(parts_));
    const bool went_through = ledger_.statements() < n;
    ledger_.FailAtStatement(0);
    const size_t told = TakeMessages().size();
    ASSERT_EQ(told, went_through ? 2u : 0u) << "statement " << n;
    if (went_through) break;
    clock_.Advance(parts_.rules.lease);
  }
  Drain();
  EXPECT_TRUE(TakeMessages().empty());
}

// What the message promises holds: Laws 5 and 10.
TEST_F(Resting, LeavesTheKnownDeviceAndTheLinkOpen) {
  auto home = SignInWith("anna", kOldPassword);
  ASSERT_TRUE(home.ok());
  MakeRest("anna");
  EXPECT_EQ(ReasonOf(SignInWith("anna", kOldPassword)), Reason::kResting);
  EXPECT_TRUE(sign_in_
                  .SignInByPassword({.identifier = "anna",
                                     .password = Secret(kOldPassword),
                                     .source = From(),
                                     .device_token = home->device_token.Copy(),
                                     .deadline = clock_.Now() + std::chrono::seconds(10)})
                  .ok());
  MakeRest("anna");  // her success cleared the count
  EXPECT_TRUE(Open(AskForMailAside("anna", 2).link).ok());
}

}  // namespace
}  // namespace latchkey::recovery
