// SPDX-License-Identifier: Apache-2.0
// Guessing a password, by many ways at once and for long: what is compared, and who is kept out.
#include <set>
#include <thread>

#include "tests/unit/signin/world.h"

namespace latchkey::signin {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class Lockout : public World {
 protected:
  // Wrong guesses from ever new addresses until the account rests; how many were compared.
  int64_t GuessUntilResting(const std::string& name) {
    const int64_t before = slots_.hashes();
    for (int i = 0; i < 50; ++i) {
      auto refused = Enter(name, "wrong " + std::to_string(guesses_++), NextAddress());
      if (refused.reason() == Reason::kResting) break;
    }
    return slots_.hashes() - before;
  }
  int guesses_ = 0;
};

TEST_F(Lockout, ComparesFiveOfFiveHundredParallelGuesses) {  // K01, C03, Law 4
  std::vector<std::thread> guessers;
  std::vector<std::string> addresses;
  for (int i = 0; i < 500; ++i) addresses.push_back(NextAddress());
  for (size_t t = 0; t < 20; ++t) {
    guessers.emplace_back([&, t] {
      for (size_t i = t; i < addresses.size(); i += 20) {
        EXPECT_FALSE(Enter("anna", "wrong " + std::to_string(i), addresses[i]).ok());
      }
    });
  }
  for (std::thread& guesser : guessers) guesser.join();
  EXPECT_EQ(slots_.hashes(), 5);
  EXPECT_EQ(Password(anna_).consecutive_failures, 5);
  EXPECT_EQ(Journaled(anna_, model::Event::kSignInFailed), 5);
  EXPECT_EQ(Journaled(anna_, model::Event::kSignInResting), 1) << "once for a rest, not for a try";
}

TEST_F(Lockout, CountsEverySpellingOfANameOnItsAccount) {  // K02
  const char* spellings[] = {"anna", "ANNA", " Anna ", "anna@example.org", "Anna@Example.ORG",
                             "aNNa"};
  for (int i = 0; i < 60; ++i) {
    EXPECT_FALSE(Enter(spellings[i % 6], "wrong " + std::to_string(i), NextAddress()).ok());
  }
  EXPECT_EQ(slots_.hashes(), 5);
}

TEST_F(Lockout, LetsOneSourceWaitBeforeTheWholeAccountDoes) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Enter("anna", "wrong " + std::to_string(i)).reason(), Reason::kWrong);
  }
  auto waits = Enter("anna", kPassword);
  ASSERT_EQ(waits.reason(), Reason::kResting);
  EXPECT_EQ(waits.failure().retry_at, clock_.Now() + seconds(30));
  EXPECT_TRUE(Enter("anna", kPassword, "192.0.2.2").ok()) << "from elsewhere it works";
}

TEST_F(Lockout, SaysWithTheWrongGuessThatARestBegins) {
  EXPECT_EQ(Enter("anna", "wrong 1").failure().retry_at, TimePoint{});
  EXPECT_EQ(Enter("anna", "wrong 2").failure().retry_at, TimePoint{});
  auto third = Enter("anna", "wrong 3");
  EXPECT_EQ(third.reason(), Reason::kWrong);
  EXPECT_EQ(third.failure().retry_at, clock_.Now() + seconds(30));
}

TEST_F(Lockout, CountsTheSameWrongPasswordOnce) {
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Enter("anna", "my old password").reason(), Reason::kWrong);
  EXPECT_EQ(slots_.hashes(), 1);
  EXPECT_TRUE(Enter("anna", kPassword).ok());
}

TEST_F(Lockout, ComparesAsFewInEachOfFiveCyclesAndRestsLonger) {  // K05
  Millis last{0};
  for (int cycle = 0; cycle < 5; ++cycle) {
    EXPECT_EQ(GuessUntilResting("anna"), 5) << cycle;
    const TimePoint wakes = Lane(anna_).rests_until;
    EXPECT_GT(wakes - clock_.Now(), last);
    last = wakes - clock_.Now();
    clock_.Set(wakes);
  }
  EXPECT_TRUE(Enter("anna", kPassword, NextAddress()).ok());
}

// Fails without: the day in the key of TellOwner.
TEST_F(Lockout, IsToldToTheOwnerOnceADayByWhateverNameItWasBegun) {  // Law 9, R03
  int64_t days = 0;
  for (TimePoint begin = clock_.Now(); clock_.Now() < begin + hours(24 * 4); ++days) {
    const TimePoint midnight = std::chrono::ceil<std::chrono::days>(clock_.Now() + Millis(1));
    for (int i = 0; clock_.Now() < midnight; ++i) {
      GuessUntilResting(i % 2 == 0 ? "anna" : "anna@example.org");
      clock_.Advance(minutes(16));
    }
    EXPECT_EQ(ToldOfRests(), days + 1) << "day " << days;
  }
}

TEST_F(Lockout, IsNotToldWhileOnlyOneSourceWaits) {
  for (int i = 0; i < 3; ++i) GuessWrong("anna", "wrong " + std::to_string(i), "192.0.2.1");
  EXPECT_EQ(Enter("anna", kPassword).reason(), Reason::kResting);
  EXPECT_EQ(ToldOfRests(), 0) << "half a minute";
  for (int i = 3; i < 5; ++i) GuessWrong("anna", "wrong " + std::to_string(i), NextAddress());
  EXPECT_EQ(ToldOfRests(), 1) << "a quarter of an hour, for everybody";
}

TEST_F(Lockout, IsToldAlsoWhenADeviceFromBeforeTheResetBegins) {  // Law 9
  const Secret device = std::move(Enter("anna", kPassword)->device_token);
  clock_.Advance(minutes(1));
  Reset(anna_, "a new one of her own");
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(Enter("anna", "wrong " + std::to_string(i), "192.0.2.7", device).reason(),
              Reason::kWrong);
  }
  EXPECT_EQ(ToldOfRests(), 1);
}

// Whatever fails on the way, a rest is journaled and kept to be told, or neither.
TEST_F(Lockout, IsKeptToBeToldInTheTransactionThatJournalsIt) {  // Laws 2 and 13
  for (int64_t n = 1;; ++n) {
    ASSERT_LT(n, 40);
    const std::string login = "customer" + std::to_string(n);
    const AccountId customer = AddCustomer("Some Customer", login, Hash("some own words"));
    for (int i = 0; i < 4; ++i) GuessWrong(login, "wrong " + std::to_string(i), NextAddress());
    const int64_t told = ToldOfRests();
    ledger_.FailAtStatement(n);
    const Reason reason = Enter(login, "wrong at last", NextAddress()).reason();
    ledger_.FailAtStatement(0);
    EXPECT_EQ(ToldOfRests() - told, Journaled(customer, model::Event::kSignInResting)) << n;
    if (reason != Reason::kWrong) continue;
    EXPECT_EQ(ToldOfRests() - told, 1);
    break;
  }
}

TEST_F(Lockout, NeverLengthensTheRestOfAnAccountThatIsAskedFor) {  // Law 5
  GuessUntilResting("anna");
  const TimePoint wakes = Lane(anna_).rests_until;
  for (int i = 0; i < 200; ++i) {
    clock_.Advance(seconds(4));
    EXPECT_EQ(Enter("anna", "wrong", NextAddress()).reason(), Reason::kResting);
  }
  EXPECT_EQ(Lane(anna_).rests_until, wakes);
}

TEST_F(Lockout, IsNotLiftedByTheGuessersOwnSignIns) {  // K06
  AddCustomer("Mallory", "mallory", Hash("mallory's own words"));
  int64_t compared = 0;
  for (int i = 0; i < 30; ++i) {
    const int64_t before = slots_.hashes();
    EXPECT_FALSE(Enter("anna", "wrong " + std::to_string(i), "203.0.113.9").ok());
    compared += slots_.hashes() - before;
    EXPECT_TRUE(Enter("mallory", "mallory's own words", "203.0.113.9").ok());
  }
  EXPECT_EQ(compared, 3);
}

TEST_F(Lockout, KeepsNobodyOutOfAKnownDeviceHoweverLongAStrangerGuesses) {  // K07, Law 5
  const Secret device = std::move(Enter("anna", kPassword)->device_token);
  const TimePoint end = clock_.Now() + hours(24);
  while (clock_.Now() < end) {
    EXPECT_FALSE(Enter("anna", "wrong " + std::to_string(guesses_++), NextAddress()).ok());
    clock_.Advance(seconds(50));
  }
  EXPECT_EQ(Enter("anna", kPassword, NextAddress()).reason(), Reason::kResting);
  auto owner = Enter("anna", kPassword, NextAddress(), device);
  ASSERT_TRUE(owner.ok());
  EXPECT_TRUE(owner->device_token.empty());
  EXPECT_EQ(Password(anna_).disabled_at, TimePoint{});
  EXPECT_TRUE(Enter("anna", kPassword, NextAddress()).ok())
      << "her success cleared the account's count";
}

TEST_F(Lockout, GivesAKnownDeviceFiveFailuresOfItsOwn) {
  const Secret device = std::move(Enter("anna", kPassword)->device_token);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(Enter("anna", "wrong " + std::to_string(i), NextAddress(), device).reason(),
              Reason::kWrong);
  }
  EXPECT_EQ(Enter("anna", kPassword, NextAddress(), device).reason(), Reason::kResting);
  EXPECT_TRUE(Enter("anna", kPassword, NextAddress()).ok()) << "nothing else counted them";
}

// Fails without: device_is_older in LanesOf.
TEST_F(Lockout, GivesADeviceFromBeforeTheResetNoMoreGuessesThanAStranger) {  // Laws 4 and 5
  const Secret device = std::move(Enter("anna", kPassword)->device_token);
  clock_.Advance(std::chrono::minutes(1));
  Reset(anna_, "a new one of her own");
  int compared = 0;
  for (int minute = 0; minute < 24 * 60; ++minute) {
    const auto tried =
        Enter("anna", "wrong " + std::to_string(minute), "192.0.2.7", device).reason();
    compared += tried == Reason::kWrong ? 1 : 0;
    clock_.Advance(std::chrono::minutes(1));
  }
  EXPECT_LE(compared, 40);
  EXPECT_TRUE(Enter("anna", "a new one of her own").ok()) << "the owner's lanes are their own";
}

// Whoever had the password once has as many devices as they wanted, and all of them after each
// reset. Fails without: the one lane of older devices in LanesOf: ten were compared (seen).
TEST_F(Lockout, GivesAllDevicesFromBeforeTheResetTogetherNoMoreGuessesThanOne) {  // Laws 4 and 5
  std::vector<Secret> devices;
  for (int i = 0; i < 9; ++i)  // and the owner's own: as many as are known
    devices.push_back(std::move(Enter("anna", kPassword, NextAddress())->device_token));
  clock_.Advance(std::chrono::minutes(1));
  Reset(anna_, "a new one of her own");
  const Secret own = std::move(Enter("anna", "a new one of her own")->device_token);
  const int64_t before = slots_.hashes();
  for (const Secret& device : devices) {
    for (int i = 0; i < 5; ++i)
      EXPECT_FALSE(Enter("anna", "wrong " + std::to_string(guesses_++), "192.0.2.7", device).ok());
  }
  EXPECT_EQ(slots_.hashes() - before, 5);
  EXPECT_TRUE(Enter("anna", "a new one of her own", "192.0.2.1", own).ok());
  EXPECT_TRUE(Enter("anna", "a new one of her own", NextAddress()).ok());
}

TEST_F(Lockout, KnowsADeviceFullyAgainOnceItSignsInAfterTheReset) {
  const Secret device = std::move(Enter("anna", kPassword)->device_token);
  clock_.Advance(std::chrono::minutes(1));
  Reset(anna_, "a new one of her own");
  ASSERT_TRUE(Enter("anna", "a new one of her own", "192.0.2.7", device).ok());
  for (int i = 0; i < 5; ++i) {
    EXPECT_FALSE(Enter("anna", "wrong " + std::to_string(i), "192.0.2.7", device).ok());
  }
  clock_.Advance(std::chrono::minutes(1));
  EXPECT_TRUE(Enter("anna", "a new one of her own", "192.0.2.7", device).ok());
}

TEST_F(Lockout, TakesNobodyElsesDeviceForAKnownOne) {
  AddCustomer("Mallory", "mallory", Hash("mallory's own words"));
  const Secret device = std::move(Enter("mallory", "mallory's own words")->device_token);
  GuessUntilResting("anna");
  EXPECT_EQ(Enter("anna", kPassword, NextAddress(), device).reason(), Reason::kResting);
}

TEST_F(Lockout, IsForgottenByAResetInTheLedgersOwnTransaction) {  // Law 2
  GuessUntilResting("anna");
  Reset(anna_, "quiet copper bridges");
  EXPECT_EQ(Lane(anna_).rests_until, TimePoint{});
  EXPECT_TRUE(Enter("anna", "quiet copper bridges", NextAddress()).ok());
}

TEST_F(Lockout, OutlivesTheProcess) {  // K04
  for (int i = 0; i < 4; ++i) GuessWrong("anna", "wrong " + std::to_string(i), NextAddress());
  hot_state_.reset();
  auto reopened = hotstate::OpenInFile(folder_.path() / "hot.db").value();
  GuessGate gate(*reopened, GuessRules::Default(), keys_, clock_);
  EXPECT_EQ(gate.Peek(Subject::Customer(Load(anna_)), SecretKind::kPassword)->failures, 4);
}

TEST_F(Lockout,
       DisablesAPasswordAfterAHundredFailuresInARowUntilItIsReset) {  // NIST SP 800-63B-4, 3.2.2
  for (int i = 0; i < 99; ++i) {
    ASSERT_TRUE(ledger_
                    .Transact([&](ledger::Transaction& tx) {
                      return ledger::CountAuthenticatorFailure(tx, Password(anna_).id,
                                                               clock_.Now());
                    })
                    .ok());
  }
  EXPECT_EQ(Enter("anna", kPassword).reason(), Reason::kWrong)
      << "the hundredth is compared in vain";
  EXPECT_NE(Password(anna_).disabled_at, TimePoint{});
  EXPECT_EQ(Enter("anna", kPassword).reason(), Reason::kWrong);
  EXPECT_EQ(Journaled(anna_, model::Event::kPasswordDisabled), 1) << "once, by the hundredth";
  EXPECT_EQ(ToldOfRests(), 1) << "the owner hears of it";
  Reset(anna_, "quiet copper bridges");
  EXPECT_TRUE(Enter("anna", "quiet copper bridges").ok());
}

TEST_F(Lockout, ForgetsConsecutiveFailuresAfterASuccess) {
  GuessWrong("anna", "wrong 1", "192.0.2.1");
  GuessWrong("anna", "wrong 2", "192.0.2.1");
  EXPECT_EQ(Password(anna_).consecutive_failures, 2);
  EXPECT_TRUE(Enter("anna", kPassword).ok());
  EXPECT_EQ(Password(anna_).consecutive_failures, 0);
  EXPECT_EQ(Lane(anna_).failures, 0);
}

TEST_F(Lockout, BrakesASourceThatAsksTooOftenButNoKnownDeviceBehindIt) {  // K10, Law 5
  const Secret device = std::move(Enter("anna", kPassword)->device_token);
  int resting = 0;
  for (int i = 0; i < 150; ++i) {
    auto refused = Enter("name" + std::to_string(i), "wrong");
    if (refused.reason() != Reason::kResting) continue;
    ++resting;
    EXPECT_GT(refused.failure().retry_at, clock_.Now());
  }
  EXPECT_EQ(resting, 51);
  EXPECT_TRUE(Enter("anna", kPassword, "192.0.2.1", device).ok());
}

// Known devices go first to the hash slots, so they must not go there as often as they like.
// Fails without: the budget of devices in SpendBudgets (seen: none of thirty was told to wait).
TEST_F(Lockout, BrakesAllDevicesOfAnAccountTogether) {  // R02, K10
  AddCustomer("Bruno Berg", "bruno", Hash("bruno's own words"));
  std::vector<Secret> devices;
  for (int i = 0; i < 5; ++i)
    devices.push_back(std::move(Enter("anna", kPassword, NextAddress())->device_token));
  const Secret others = std::move(Enter("bruno", "bruno's own words")->device_token);
  const int64_t before = slots_.hashes();
  int resting = 0;
  TimePoint retry_at;
  for (size_t i = 0; i < 30; ++i) {
    auto tried = Enter("anna", kPassword, NextAddress(), devices[i % devices.size()]);
    if (tried.ok()) continue;
    EXPECT_EQ(tried.reason(), Reason::kResting);
    ++resting;
    retry_at = tried.failure().retry_at;
  }
  EXPECT_EQ(resting, 20);
  EXPECT_EQ(slots_.hashes() - before, 10);
  EXPECT_TRUE(Enter("bruno", "bruno's own words", "192.0.2.1", others).ok()) << "another account";
  EXPECT_TRUE(Enter("anna", kPassword, NextAddress()).ok()) << "a device that is not known";
  clock_.Set(retry_at);
  EXPECT_TRUE(Enter("anna", kPassword, NextAddress(), devices[0]).ok());
}

// Fails without: the budget of their own in SpendBudgets (seen: the owner was told to wait).
TEST_F(Lockout, TakesNothingOfTheOwnersDeviceForThoseFromBeforeTheReset) {  // Law 5
  const Secret older = std::move(Enter("anna", kPassword)->device_token);
  clock_.Advance(std::chrono::minutes(1));
  Reset(anna_, "a new one of her own");
  const Secret own = std::move(Enter("anna", "a new one of her own")->device_token);
  for (int i = 0; i < 30; ++i)
    EXPECT_FALSE(Enter("anna", "wrong " + std::to_string(guesses_++), "192.0.2.7", older).ok());
  EXPECT_TRUE(Enter("anna", "a new one of her own", "192.0.2.1", own).ok());
}

}  // namespace
}  // namespace latchkey::signin
