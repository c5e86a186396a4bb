// SPDX-License-Identifier: Apache-2.0
// Strangers learn nothing: names that nobody has, frozen, closed and password-less accounts answer
// and cost alike.
#include <tuple>

#include "tests/unit/signin/world.h"

namespace latchkey::signin {
namespace {

class Silence : public World {
 protected:
  Silence() {
    AddCustomer("Fred Frozen", "fred", Hash("fred's own words"));
    AddCustomer("Clara Closed", "clara", Hash("clara's own words"));
    AddCustomer("Nora New", "nora", "");
    SetState(Id("fred"), model::AccountState::kFrozen);
    SetState(Id("clara"), model::AccountState::kClosed);
  }
  // {SSHA} of "password".
  static constexpr std::string_view kImported = "{SSHA}yI6cZwQadOA1e+/f+T+H3eCQQhRzYWx0";
  void Run(const ledger::Work& work) { ASSERT_TRUE(ledger_.Commit(work).ok()); }
  AccountId Id(const std::string& login) {
    return *ledger_
                .Query([&](ledger::Transaction& tx) {
                  return ledger::FindAccount(tx, keys_, {model::IdentifierKind::kLogin, login});
                })
                .value();
  }
};

TEST_F(Silence,
       GivesTheSameTwentyAnswersToKnownAndUnknownNamesAndAgainAfterTheRest) {  // E05, Law 6
  using Answer = std::tuple<Reason, Millis>;
  auto answers = [&](const std::string& name) {
    std::vector<Answer> all;
    for (int round = 0; round < 3; ++round) {
      for (int i = 0; i < 20; ++i) {
        const Failure failure = Enter(name, "wrong " + std::to_string(round * 100 + i)).failure();
        const bool timed = failure.retry_at != TimePoint{};
        all.emplace_back(failure.reason, timed ? failure.retry_at - clock_.Now() : Millis(0));
      }
      clock_.Advance(std::chrono::minutes(31));
    }
    return all;
  };
  const std::vector<Answer> known = answers("anna");
  for (const char* name :
       {"nobody", "nobody@example.org", "fred", "clara", "nora", "no\u202ebody", "4711"}) {
    EXPECT_EQ(answers(name), known) << name;
  }
}

// Fails without: ImitateAppend in NoteFailure; with TellOwner for customers alone (seen).
TEST_F(Silence, HashesAndWritesAsMuchForEveryKindOfName) {  // E03
  using Cost = std::tuple<int64_t, int64_t, int64_t, int64_t, int64_t>;
  // Over the beginning of a rest, and over that of a second one on the same day.
  auto costs = [&](const std::string& name) {
    std::vector<Cost> all;
    for (int guess = 0; guess < 10; ++guess) {
      if (guess == 5) clock_.Advance(std::chrono::minutes(15));
      const int64_t hashes = slots_.hashes();
      const int64_t commits = ledger_.commits(), statements = ledger_.statements();
      const int64_t reads = ledger_.reads(), kept = ToldOfRests();
      EXPECT_EQ(Enter(name, "wrong " + std::to_string(guess), NextAddress()).reason(),
                Reason::kWrong);
      all.emplace_back(slots_.hashes() - hashes, ledger_.commits() - commits,
                       ledger_.statements() - statements, ledger_.reads() - reads,
                       ToldOfRests() - kept);
    }
    return all;
  };
  const std::vector<Cost> known = costs("anna");
  EXPECT_EQ(std::get<0>(known[0]), 1);
  EXPECT_EQ(std::get<4>(known[4]), 1) << "the fifth began a rest, and that is kept to be told";
  EXPECT_EQ(std::get<4>(known[9]), 0) << "once a day";
  for (const char* name : {"nobody", "fred", "clara", "nora", "\x01"})
    EXPECT_EQ(costs(name), known) << name;
}

// Fails without: BorrowVerifier in CountAndLoad.
TEST_F(Silence, HashesByTheKindsThatCustomersHaveForNamesThatNobodyHas) {  // E03
  for (const char* login : {"anna", "fred", "clara"}) {
    Run([&](ledger::Transaction& tx) {
      return ledger::PutVerifier(
          tx, context_, Id(login),
          {.verifier = std::string(kImported), .set_at = context_.clock.Now()});
    });
  }
  int64_t foreign = 0;
  for (int i = 0; i < 64; ++i) {
    const int64_t before = slots_.foreign_hashes();
    GuessWrong("nobody " + std::to_string(i), "wrong", NextAddress());
    foreign += slots_.foreign_hashes() - before;
    // The same name costs the same again.
    const int64_t between = slots_.foreign_hashes();
    GuessWrong("nobody " + std::to_string(i), "wrong once more", NextAddress());
    EXPECT_EQ(slots_.foreign_hashes() - between, between - before);
  }
  EXPECT_GE(foreign, 32) << "all customers but those after the last digest have an imported one";
}

TEST_F(Silence, ThrowsAwayWhatABorrowedVerifierSays) {  // E03
  for (const char* login : {"anna", "fred", "clara"}) {
    Run([&](ledger::Transaction& tx) {
      return ledger::PutVerifier(
          tx, context_, Id(login),
          {.verifier = std::string(kImported), .set_at = context_.clock.Now()});
    });
  }
  for (int i = 0; i < 16; ++i) GuessWrong("nobody " + std::to_string(i), "password", NextAddress());
}

TEST_F(Silence, AnswersTheRightPasswordOfAFrozenAccountAsWrongAndChangesNothing) {  // K09
  const std::string verifier = Password(Id("fred")).verifier;
  EXPECT_EQ(Enter("fred", "fred's own words").reason(), Reason::kWrong);
  EXPECT_EQ(Enter("clara", "clara's own words").reason(), Reason::kWrong);
  EXPECT_EQ(Password(Id("fred")).verifier, verifier);
  EXPECT_EQ(Load(Id("fred")).state, model::AccountState::kFrozen);
  EXPECT_EQ(Journaled(Id("fred"), model::Event::kSignedIn), 0);
  SetState(Id("fred"), model::AccountState::kActive);
  EXPECT_TRUE(Enter("fred", "fred's own words").ok()) << "it was not remembered as a wrong guess";
}

TEST_F(Silence, KeepsAFloodOfNamesOutOfTheJournalButTellsTheirNumber) {  // Law 13, K04
  for (int i = 0; i < 200; ++i) GuessWrong("name" + std::to_string(i), "wrong", NextAddress());
  EXPECT_EQ(Journaled(AccountId{}, model::Event::kUnknownNames), 0);
  clock_.Advance(std::chrono::hours(1));
  EXPECT_EQ(sign_in_.FlushUnknownNames().value(), 200);
  EXPECT_EQ(Journaled(AccountId{}, model::Event::kUnknownNames), 1);
  EXPECT_EQ(sign_in_.FlushUnknownNames().value(), 0);
  EXPECT_EQ(Journaled(AccountId{}, model::Event::kUnknownNames), 1);
}

TEST_F(Silence, RefusesPasswordsThatCannotBeAnybodysBeforeAnyWork) {  // R01, X02
  for (const std::string& password :
       {std::string(), std::string(1025, 'x'), std::string("a\0b", 3), std::string("\xff")}) {
    EXPECT_EQ(Enter("anna", password).reason(), Reason::kMalformed);
    EXPECT_EQ(Enter("nobody", password).reason(), Reason::kMalformed);
  }
  EXPECT_EQ(slots_.hashes(), 0);
}

TEST_F(Silence, ReplacesAnOlderVerifierWhenItsOwnerSignsIn) {
  const crypto::Argon2Cost old_cost{.memory_kib = 16, .passes = 1};
  const AccountId olga = AddCustomer("Olga Old", "olga", Hash("olga's own words", old_cost));
  const std::string before = Password(olga).verifier;
  EXPECT_EQ(Enter("olga", "wrong").reason(), Reason::kWrong);
  EXPECT_EQ(Password(olga).verifier, before);
  ASSERT_TRUE(Enter("olga", "olga's own words").ok());
  EXPECT_NE(Password(olga).verifier, before);
  EXPECT_FALSE(slots_.NeedsUpgrade(Password(olga).verifier));
  EXPECT_EQ(Journaled(olga, model::Event::kVerifierUpgraded), 1);
  ASSERT_TRUE(Enter("olga", "olga's own words").ok());
  EXPECT_EQ(Journaled(olga, model::Event::kVerifierUpgraded), 1);
}

}  // namespace
}  // namespace latchkey::signin
