// SPDX-License-Identifier: Apache-2.0
// The gate: counted before compared, whatever happens after that.
#include "services/signin/guess.h"

#include <set>

#include "tests/unit/signin/world.h"

namespace latchkey::signin {
namespace {

class Gate : public World {
 protected:
  Guess CodeGuess(const std::string& recovery = "1") {
    return {.subject = Subject::Customer(Load(anna_)),
            .kind = SecretKind::kRecoveryCode,
            .source = NextAddress(),
            .context = recovery};
  }
  int64_t Failures() {
    return gate_.Peek(Subject::Customer(Load(anna_)), SecretKind::kRecoveryCode)->failures;
  }
};

TEST_F(Gate, CountsBeforeItCompares) {  // Law 4
  int64_t counted_at_comparison = -1;
  EXPECT_EQ(gate_
                .Try(CodeGuess(), Secret("12345678"),
                     [&](const Counted&) -> Result<Verdict> {
                       counted_at_comparison = Failures();
                       return Verdict::Wrong();
                     })
                .reason(),
            Reason::kWrong);
  EXPECT_EQ(counted_at_comparison, 1);
}

TEST_F(Gate, KeepsTheCountWhenTheComparisonFails) {  // D05
  EXPECT_EQ(gate_
                .Try(CodeGuess(), Secret("12345678"),
                     [](const Counted&) -> Result<Verdict> { return Fail(Reason::kUnavailable); })
                .reason(),
            Reason::kUnavailable);
  EXPECT_EQ(Failures(), 1);
}

TEST_F(Gate, GivesTheCountBackWhenNothingWasCompared) {
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(gate_
                  .Try(CodeGuess(), Secret("12345678"),
                       [](const Counted&) -> Result<Verdict> {
                         return Verdict::NotCompared(Fail(Reason::kBusy));
                       })
                  .reason(),
              Reason::kBusy);
  }
  EXPECT_EQ(Failures(), 0);
}

// Fails without: the case of kRightBefore in Try.
TEST_F(Gate, ClearsNothingForAGuessThatWasRightBefore) {
  const auto as = [](Verdict verdict) {
    return [verdict](const Counted&) -> Result<Verdict> { return verdict; };
  };
  EXPECT_FALSE(gate_.Try(CodeGuess(), Secret("11111111"), as(Verdict::Wrong())).ok());
  for (int i = 0; i < 20; ++i)
    EXPECT_TRUE(gate_.Try(CodeGuess(), Secret("12345678"), as(Verdict::RightBefore())).ok());
  EXPECT_EQ(Failures(), 1);
}

TEST_F(Gate, DoesNotCompareAKnownWrongGuessAgainUnlessItIsForAnotherRecovery) {
  int compared = 0;
  auto wrong = [&](const Counted&) -> Result<Verdict> {
    ++compared;
    return Verdict::Wrong();
  };
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(gate_.Try(CodeGuess("1"), Secret("12345678"), wrong).reason(), Reason::kWrong);
  }
  EXPECT_EQ(compared, 1);
  EXPECT_EQ(gate_.Try(CodeGuess("2"), Secret("12345678"), wrong).reason(), Reason::kWrong);
  EXPECT_EQ(compared, 2);
}

TEST_F(Gate, DoesNotRememberARefusedGuess) {
  const auto refused = [](const Counted&) -> Result<Verdict> { return Verdict::Refused(); };
  const auto right = [](const Counted&) -> Result<Verdict> { return Verdict::Right(); };
  EXPECT_EQ(gate_.Try(CodeGuess(), Secret("12345678"), refused).reason(), Reason::kWrong);
  EXPECT_TRUE(gate_.Try(CodeGuess(), Secret("12345678"), right).ok());
}

TEST_F(Gate,
       GivesEachKindOfSecretItsOwnCount) {  // Law 5: codes guessed at do not rest the password
  for (int i = 0; i < 9; ++i) {
    static_cast<void>(
        gate_.Try(CodeGuess(), Secret(std::to_string(i)),
                  [](const Counted&) -> Result<Verdict> { return Verdict::Wrong(); }));
  }
  EXPECT_EQ(Failures(), 5);
  EXPECT_TRUE(Enter("anna", kPassword).ok());
}

// An engine that is away.
class Away final : public hotstate::HotState {
 public:
  Result<hotstate::Reservation> Reserve(const std::vector<hotstate::Lane>&, uint64_t,
                                        TimePoint) override {
    return Fail(Reason::kUnavailable);
  }
  Done SettleWrong(const std::vector<hotstate::Lane>&, uint64_t, TimePoint) override {
    return Gone();
  }
  Done SettleRight(const std::vector<hotstate::Lane>&, TimePoint) override { return Gone(); }
  Done Release(const std::vector<hotstate::Lane>&, TimePoint) override { return Gone(); }
  Result<hotstate::LaneState> Peek(const hotstate::Lane&, TimePoint) override {
    return Fail(Reason::kUnavailable);
  }
  Result<hotstate::Spending> Take(const std::vector<hotstate::Budget>&, TimePoint) override {
    return Fail(Reason::kUnavailable);
  }
  Result<int64_t> Sweep(TimePoint) override { return Fail(Reason::kUnavailable); }
  std::string_view engine() const override { return "none"; }
  Done Ping() override { return Gone(); }

 private:
  static Done Gone() { return Fail(Reason::kUnavailable); }
};

TEST_F(Gate, ComparesNothingWhileTheCountsAreAway) {  // D05, Law 4
  Away away;
  GuessGate gate(away, GuessRules::Default(), keys_, clock_);
  bool compared = false;
  EXPECT_EQ(gate.Try(CodeGuess(), Secret("12345678"),
                     [&](const Counted&) -> Result<Verdict> {
                       compared = true;
                       return Verdict::Right();
                     })
                .reason(),
            Reason::kUnavailable);
  EXPECT_FALSE(compared);
  SignIn sign_in({}, ledger_, context_, away, gate, slots_);
  EXPECT_EQ(
      sign_in
          .SignInByPassword(
              {.identifier = "anna",
               .password = Secret(kPassword),
               .source = {.channel = model::Channel::kWeb, .address = "192.0.2.1", .language = {}},
               .device_token = {},
               .deadline = clock_.Now() + std::chrono::seconds(1)})
          .reason(),
      Reason::kUnavailable);
  EXPECT_EQ(slots_.hashes(), 0);
}

TEST_F(Gate, FoldsAFloodOfNamesIntoABoundedNumberOfLanes) {  // K04
  std::set<Bytes> keys;
  constexpr int kNames = 20'000;
  // 20,000 names in 2^20 buckets: about 190 of them share one. Unfolded, none would.
  for (int i = 0; i < kNames; ++i) {
    const Guess guess{.subject = Subject::UnknownName(
                          {model::IdentifierKind::kLogin, "name" + std::to_string(i)})};
    keys.insert(LanesOf(guess, GuessRules::Default(), keys_).front().key);
  }
  EXPECT_LT(keys.size(), kNames - 100u);
  EXPECT_GT(keys.size(), kNames - 300u);
}

TEST(CanonicalSource, IsOneFormForEachSource) {  // K03
  const std::pair<const char*, const char*> forms[] = {
      {"", ""},
      {"192.0.2.1", "192.0.2.1"},
      {"::ffff:192.0.2.1", "192.0.2.1"},
      {"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
      {"2001:DB8:1:2::", "2001:db8:1:2::/64"},
      {"::1", "::/64"},
      {"+4930123456", "+4930123456"},
  };
  for (const auto& [typed, canonical] : forms)
    EXPECT_EQ(CanonicalSource(typed).value(), canonical) << typed;
  for (const char* bad : {"a", "192.0.2.1:80", "192.0.2", "010.0.0.1", "[::1]", "fe80::1%eth0",
                          " 192.0.2.1", "192.0.2.1, 192.0.2.2", "+", "+49 30", "unknown"}) {
    EXPECT_EQ(CanonicalSource(bad).reason(), Reason::kMalformed) << bad;
  }
  EXPECT_EQ(WiderSource("2001:db8:1:2::/64"), "2001:db8:1::/48");
  EXPECT_EQ(WiderSource("192.0.2.1"), "");
}

}  // namespace
}  // namespace latchkey::signin
