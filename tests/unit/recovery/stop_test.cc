// SPDX-License-Identifier: Apache-2.0
// Unlock, and "this was not me".
#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <thread>
#include <vector>

#include "services/ledger/cases.h"
#include "tests/unit/recovery/world.h"

namespace latchkey::recovery {
namespace {

class Unlocking : public World {};

// Law 5: a way on at once for somebody whom strangers have locked out.
TEST_F(Unlocking, ClearsLocksAndLeavesThePassword) {
  auto signed_in = SignInWith("anna", kOldPassword);
  ASSERT_TRUE(signed_in.ok());
  for (int i = 0; i < 8; ++i)
    EXPECT_FALSE(SignInWith("anna", "wrong number " + std::to_string(i)).ok());
  ASSERT_EQ(ReasonOf(SignInWith("anna", kOldPassword)), Reason::kResting);
  const Mail mail = AskForMail("anna", model::Intent::kUnlock);
  auto proof = Open(mail.link);
  EXPECT_EQ(proof->intent, model::Intent::kUnlock);
  const std::string key = Key();
  auto reference = UnlockBy(proof->session, key);
  ASSERT_TRUE(reference.ok());
  EXPECT_TRUE(SignInWith("anna", kOldPassword).ok());
  EXPECT_TRUE(sign_in_.GetSession(signed_in->session_token).ok()) << "sessions stay";
  EXPECT_EQ(Load(anna_).security_epoch, 1);
  EXPECT_EQ(CountEvents(anna_, model::Event::kUnlocked), 1);
  const auto notices = TakeMessages();
  ASSERT_EQ(notices.size(), 2u);
  EXPECT_EQ(notices[0].template_name, courier::kUnlockedNotice);
  // Law 3: once, and the same request gets the same answer.
  EXPECT_EQ(*UnlockBy(proof->session, key), *reference);
  EXPECT_EQ(ReasonOf(UnlockBy(proof->session)), Reason::kUsed);
  EXPECT_EQ(ReasonOf(Set(proof->session)), Reason::kUsed);
  EXPECT_EQ(ReasonOf(Open(mail.link)), Reason::kUsed);
  EXPECT_EQ(CountEvents(anna_, model::Event::kUnlocked), 1);
}

// Each unlock gives whoever reads the mail five more tries at the password. Fails without:
// TakeFromAllowance (the sixth succeeded).
TEST_F(Unlocking, HasAnAllowanceForEachAccountAndLeavesTheOtherWaysOpen) {
  for (int i = 0; i < 5; ++i)
    ASSERT_TRUE(UnlockBy(Open(AskForMailAside("anna").link)->session).ok()) << i;
  const Mail mail = AskForMailAside("anna");
  auto proof = Open(mail.link);
  auto refused = UnlockBy(proof->session);
  ASSERT_EQ(ReasonOf(refused), Reason::kResting);
  EXPECT_EQ(refused.failure().retry_at, clock_.Now() + parts_.rules.unlocks.refill);
  EXPECT_TRUE(UnlockBy(Open(AskForMailAside("bruno").link)->session).ok()) << "another account";
  EXPECT_TRUE(Set(Open(mail.link)->session).ok()) << "a new password needs no allowance";
  clock_.Advance(parts_.rules.unlocks.refill);
  EXPECT_TRUE(UnlockBy(Open(AskForMailAside("anna").link)->session).ok());
}

// A message alone sets no password of theirs, so it must not buy guesses without end: a hundred in
// a row stay a hundred (SP 800-63B-4, 3.2.2). Fails without: Forget (the password was in use
// still).
TEST_F(Unlocking, ByAMessageAloneKeepsTheHundredFailuresOfWhoNeedsTwoProofs) {
  const AccountId clara = AddCustomer("Clara Conrad", "clara", "10000003", "strong");
  int guesses = 0;
  for (int round = 0; round < 20; ++round) {
    for (int i = 0; i < 5; ++i) {
      EXPECT_EQ(ReasonOf(SignInWith("clara", "guess " + std::to_string(++guesses))),
                Reason::kWrong);
      clock_.Advance(std::chrono::seconds(31));  // the rest of one address
    }
    clock_.Advance(parts_.rules.unlocks.refill);
    const auto unlocked = UnlockBy(Open(AskForMailAside("clara").link)->session);
    EXPECT_EQ(unlocked.ok(), guesses < ledger::kFailuresThatDisable) << guesses;
  }
  EXPECT_EQ(ReasonOf(SignInWith("clara", kOldPassword)), Reason::kWrong);
  EXPECT_NE(ToUnixMillis(Password(clara).disabled_at), 0);
}

// Whoever unlocked a disabled password would be told that all is well, and not get in. Fails
// without: HasPasswordInUse in Weigh.
TEST_F(Unlocking, IsNotOfferedToWhomItWouldNotLetIn) {  // Law 10
  Run([&](ledger::Transaction& tx) -> Done {
    LATCHKEY_ASSIGN(auto password, ledger::FindAuthenticator(tx, keys_, anna_,
                                                             model::AuthenticatorKind::kPassword));
    for (int i = 0; i < ledger::kFailuresThatDisable; ++i)
      LATCHKEY_TRY(ledger::CountAuthenticatorFailure(tx, password->id, clock_.Now()));
    return {};
  });
  auto proof = Open(AskForMail("anna", model::Intent::kUnlock).link);
  ASSERT_TRUE(proof.ok());
  EXPECT_FALSE(proof->may_unlock);
  EXPECT_TRUE(proof->may_set_password);
  EXPECT_EQ(ReasonOf(UnlockBy(proof->session)), Reason::kMoreProof);
  ASSERT_TRUE(Set(proof->session).ok());
  EXPECT_TRUE(SignInWith("anna", kNewPassword).ok());
}

// Two different verbs at the same moment: the recovery has one end.
TEST_F(Unlocking, RacesWithAResetAndOneOfThemHappens) {
  const Mail mail = AskForMail("anna");
  auto a = Open(mail.link);
  auto b = Open(mail.link);
  std::atomic<int> done = 0;
  std::latch start(2);
  std::thread reset([&] {
    start.arrive_and_wait();
    if (Set(a->session).ok()) ++done;
  });
  std::thread unlock([&] {
    start.arrive_and_wait();
    if (UnlockBy(b->session).ok()) ++done;
  });
  reset.join();
  unlock.join();
  EXPECT_EQ(done, 1);
}

class Freezing : public World {
 protected:
  // A stranger's reset, and the notices of it.
  std::vector<ledger::LeasedMessage> ResetBySomebody(std::string_view password) {
    const Mail mail = AskForMail("anna");
    LATCHKEY_CHECK(Set(Open(mail.link)->session, password).ok());
    return TakeMessages();
  }
  // What the branch does once it has both proofs.
  void LiftFreeze() {
    Run([&](ledger::Transaction& tx) -> Done {
      auto changed = ledger::ChangeAccountState(tx, anna_, model::AccountState::kFrozen,
                                                model::AccountState::kActive);
      return changed.ok() ? Done() : Done(changed.failure());
    });
  }
};

// Law 9: the notice's button stops everything, and a person takes over.
TEST_F(Freezing, EndsWhateverIsInStrangersHands) {
  const auto notices = ResetBySomebody(kNewPassword);
  auto stranger = SignInWith("anna", kNewPassword);
  ASSERT_TRUE(stranger.ok());
  clock_.Advance(std::chrono::hours(2));
  const Mail pending = AskForMail("anna");
  auto reference = FreezeBy(TokenIn(notices[0], courier::kFreezeToken));
  ASSERT_TRUE(reference.ok());

  EXPECT_EQ(Load(anna_).state, model::AccountState::kFrozen);
  EXPECT_EQ(ReasonOf(sign_in_.GetSession(stranger->session_token)), Reason::kExpired);
  EXPECT_EQ(ReasonOf(SignInWith("anna", kNewPassword)), Reason::kWrong);
  EXPECT_TRUE(ledger_
                  .Query([&](ledger::Transaction& tx) {
                    return ledger::FindDevice(tx, keys_, anna_, stranger->device_token,
                                              TimePoint{});
                  })
                  ->digest.empty())
      << "the stranger's device has guesses of its own no more";
  EXPECT_EQ(ReasonOf(Open(pending.link)), Reason::kStopped);
  EXPECT_EQ(CountEvents(anna_, model::Event::kFrozen), 1);
  const auto waiting =
      ledger_.Query([&](ledger::Transaction& tx) { return ledger::ListWaitingCases(tx, 10); });
  ASSERT_EQ(waiting->size(), 1u);
  EXPECT_EQ(waiting->front().reference, *reference);
  EXPECT_EQ(waiting->front().waiting_for, model::Event::kFrozen);
  const auto told = TakeMessages();
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(told[0].template_name, courier::kFrozenNotice);
}

TEST_F(Freezing, SaysTheSameWhenItIsPressedTwice) {
  const auto notices = ResetBySomebody(kNewPassword);
  const Secret link = TokenIn(notices[0], courier::kFreezeToken);
  auto first = FreezeBy(link);
  auto second = FreezeBy(link);
  auto other = FreezeBy(TokenIn(notices[1], courier::kFreezeToken));
  ASSERT_TRUE(first.ok() && second.ok() && other.ok());
  EXPECT_EQ(*first, *second);
  EXPECT_EQ(*first, *other);
  EXPECT_EQ(CountEvents(anna_, model::Event::kFrozen), 1);
  // Once a person has lifted the freeze, the old notices are spent.
  LiftFreeze();
  EXPECT_EQ(ReasonOf(FreezeBy(link)), Reason::kUsed);
  EXPECT_EQ(ReasonOf(FreezeBy(TokenIn(notices[1], courier::kFreezeToken))), Reason::kUsed);
}

// An attacker who resets twice must not take the first notice's button away.
TEST_F(Freezing, WorksByAnyNoticeHoweverManyResetsFollowed) {
  const auto first = ResetBySomebody(kNewPassword);
  clock_.Advance(std::chrono::hours(2));
  ResetBySomebody("yet another lively herring");
  EXPECT_TRUE(FreezeBy(TokenIn(first[0], courier::kFreezeToken)).ok());
}

TEST_F(Freezing, WorksForThirtyDays) {
  const auto notices = ResetBySomebody(kNewPassword);
  const Secret link = TokenIn(notices[0], courier::kFreezeToken);
  clock_.Advance(parts_.rules.notices.freeze_link);
  EXPECT_EQ(ReasonOf(FreezeBy(link)), Reason::kExpired);
  EXPECT_EQ(Load(anna_).state, model::AccountState::kActive);
}

// On the phone there is no link; any proof will do for stopping.
TEST_F(Freezing, WorksAfterAProof) {
  const Mail mail = AskForMail("anna");
  auto proof = Open(mail.link);
  auto reference = Freeze(parts_, {.link_token = {},
                                   .session = proof->session.Copy(),
                                   .source = From("+493012345678", model::Channel::kPhone)});
  ASSERT_TRUE(reference.ok());
  EXPECT_EQ(ReasonOf(Set(proof->session)), Reason::kStopped);
  EXPECT_TRUE(PasswordIs(anna_, kOldPassword));
}

TEST_F(Freezing, HappensOnceHoweverManyPressAtOnce) {
  const auto notices = ResetBySomebody(kNewPassword);
  std::atomic<int> answered = 0;
  std::latch start(16);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < 16; ++i) {
    threads.emplace_back([&, i] {
      start.arrive_and_wait();
      if (FreezeBy(TokenIn(notices[i % 2], courier::kFreezeToken)).ok()) ++answered;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(answered, 16);
  EXPECT_EQ(CountEvents(anna_, model::Event::kFrozen), 1);
  EXPECT_EQ(TakeMessages().size(), 2u);
}

TEST_F(Freezing, DoesNotReopenAClosedAccount) {
  const auto notices = ResetBySomebody(kNewPassword);
  Run([&](ledger::Transaction& tx) -> Done {
    auto changed = ledger::ChangeAccountState(tx, anna_, model::AccountState::kActive,
                                              model::AccountState::kClosed);
    return changed.ok() ? Done() : Done(changed.failure());
  });
  EXPECT_EQ(ReasonOf(FreezeBy(TokenIn(notices[0], courier::kFreezeToken))), Reason::kStopped);
  EXPECT_EQ(Load(anna_).state, model::AccountState::kClosed);
}

}  // namespace
}  // namespace latchkey::recovery
