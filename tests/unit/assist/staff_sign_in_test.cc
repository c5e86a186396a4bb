// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <thread>
#include <vector>

#include "services/ledger/staff.h"
#include "tests/unit/assist/desk.h"

namespace latchkey::assist {
namespace {

class StaffSignInTest : public AssistTest {};

TEST_F(StaffSignInTest, TakesPasswordAndTotpTogether) {
  const auto session = SignIn();
  ASSERT_TRUE(session.ok());
  EXPECT_EQ(session->display_name, "Tessa Teller");
  EXPECT_EQ(session->token.size(), crypto::kTokenBytes);
  EXPECT_EQ(assist_.Enter(Terminal("west"), session->token)->login, "tessa");
}

TEST_F(StaffSignInTest, GivesOneVerdictWhateverIsWrong) {
  EXPECT_EQ(SignIn("nobody").reason(), Reason::kWrong);
  EXPECT_EQ(SignIn("tessa", "wrong password here").reason(), Reason::kWrong);
  EXPECT_EQ(SignIn("tessa", latchkey::testing::kStaffPassword, "000000").reason(), Reason::kWrong);
  EXPECT_EQ(SignIn("tessa", latchkey::testing::kStaffPassword, {}, Terminal("east")).reason(),
            Reason::kWrong);
}

TEST_F(StaffSignInTest, HashesForUnknownStaffAsMuchAsForKnown) {
  const int64_t before = slots_.hashes();
  EXPECT_FALSE(SignIn("nobody").ok());
  EXPECT_EQ(slots_.hashes(), before + 1);
}

TEST_F(StaffSignInTest, AWrongTotpDoesNotSpoilTheRightPassword) {
  EXPECT_FALSE(SignIn("tessa", latchkey::testing::kStaffPassword, "000000").ok());
  EXPECT_TRUE(SignIn().ok());
}

TEST_F(StaffSignInTest, AcceptsATotpOnce) {
  ASSERT_TRUE(SignIn().ok());
  EXPECT_EQ(SignIn().reason(), Reason::kWrong);
  clock_.Advance(std::chrono::seconds(30));
  EXPECT_TRUE(SignIn().ok());
}

// Otherwise a pepper could never be retired while somebody works here who came before it.
TEST_F(StaffSignInTest, MovesTheVerifierToTheCurrentPepper) {
  const auto verifier = [&] {
    return Write([&](Transaction& tx) { return ledger::FindStaff(tx, keys_, "tessa"); })->verifier;
  };
  const std::string before = verifier();
  ASSERT_TRUE(keys_.Rotate(crypto::KeyUse::kPepper, random_).ok());
  EXPECT_FALSE(SignIn("tessa", latchkey::testing::kStaffPassword, "000000").ok());
  EXPECT_EQ(verifier(), before);
  EXPECT_TRUE(SignIn().ok());
  const std::string after = verifier();
  EXPECT_FALSE(slots_.NeedsUpgrade(after)) << after.substr(0, 16);
  clock_.Advance(std::chrono::seconds(30));
  EXPECT_TRUE(SignIn().ok());
  EXPECT_EQ(verifier(), after);
}

// A service's clock after the wall clock was ahead and has been corrected.
class AheadClock final : public Clock {
 public:
  AheadClock(Clock& wall, Millis by) : wall_(wall), by_(by) {}
  TimePoint Now() override { return wall_.Now() + by_; }
  TimePoint Wall() override { return wall_.Now(); }

 private:
  Clock& wall_;
  const Millis by_;
};

// D06. Fails without: Wall in place of Now (seen: no teller signs in for two days).
TEST_F(StaffSignInTest, TakesTheTotpOfTheWallClockWhereverTheServicesOwnStands) {
  AheadClock ahead(clock_, std::chrono::hours(24));
  Assist assist(*ledger_, {ahead, random_, ids_, keys_}, *hot_state_, gate_, slots_, cases_);
  const Secret totp = crypto::TotpAt(Secret(kTotpKey), clock_.Now());
  auto sign_in = [&] {
    const Secret password(latchkey::testing::kStaffPassword);
    return assist.SignIn(Terminal("west"), {.login = "tessa", .password = password, .totp = totp},
                         clock_.Now() + std::chrono::seconds(10));
  };
  EXPECT_TRUE(sign_in().ok());
  EXPECT_EQ(sign_in().reason(), Reason::kWrong) << "and once only";
}

TEST_F(StaffSignInTest, Law3_OfManyTerminalsWithOneTotpOneGetsIn) {
  const Secret totp = crypto::TotpAt(Secret(kTotpKey), clock_.Now());
  std::atomic<int> in = 0;
  std::vector<std::thread> terminals;
  for (int i = 0; i < 4; ++i) {
    terminals.emplace_back([&, i] {
      in += SignIn("tessa", latchkey::testing::kStaffPassword, std::string(totp.Reveal()),
                   Terminal("west", std::to_string(i)))
                .ok();
    });
  }
  for (std::thread& terminal : terminals) terminal.join();
  EXPECT_EQ(in, 1);
}

TEST_F(StaffSignInTest, Law4_RestsAfterFiveFailures) {
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(SignIn("tessa", "wrong " + std::to_string(i)).reason(), Reason::kWrong);
  EXPECT_EQ(SignIn().reason(), Reason::kResting);
}

TEST_F(StaffSignInTest, IsGoodAtOneTerminalOnly) {
  const auto session = SignIn();
  EXPECT_EQ(assist_.Enter(Terminal("west", "two"), session->token).reason(), Reason::kExpired);
  EXPECT_EQ(assist_.Enter(Terminal("east"), session->token).reason(), Reason::kExpired);
  EXPECT_TRUE(assist_.SignOut(Terminal("east"), session->token).ok());
  EXPECT_TRUE(assist_.Enter(Terminal("west"), session->token).ok());
}

TEST_F(StaffSignInTest, EndsWhenIdleAndAfterAWorkingDay) {
  const auto session = SignIn();
  for (int minutes = 0; minutes < 8 * 60 - 9; minutes += 9) {
    EXPECT_TRUE(assist_.Enter(Terminal("west"), session->token).ok()) << minutes;
    clock_.Advance(std::chrono::minutes(9));
  }
  clock_.Advance(std::chrono::minutes(9));
  EXPECT_EQ(assist_.Enter(Terminal("west"), session->token).reason(), Reason::kExpired);
  const auto another = SignIn();
  clock_.Advance(std::chrono::minutes(10));
  EXPECT_EQ(assist_.Enter(Terminal("west"), another->token).reason(), Reason::kExpired);
}

TEST_F(StaffSignInTest, EndsBySignOutAndByLeavingTheBank) {
  const auto session = SignIn();
  EXPECT_TRUE(assist_.SignOut(Terminal("west"), session->token).ok());
  EXPECT_TRUE(assist_.SignOut(Terminal("west"), session->token).ok());
  EXPECT_FALSE(assist_.Enter(Terminal("west"), session->token).ok());
  clock_.Advance(std::chrono::seconds(30));
  const auto again = SignIn();
  Write([&](Transaction& tx) { return ledger::DisableStaff(tx, context_, tessa_.id); });
  EXPECT_FALSE(assist_.Enter(Terminal("west"), again->token).ok());
  clock_.Advance(std::chrono::seconds(30));
  EXPECT_EQ(SignIn().reason(), Reason::kWrong);
}

TEST_F(StaffSignInTest, Law13_IsJournaledWithTheTerminal) {
  ASSERT_TRUE(SignIn().ok());
  ASSERT_FALSE(SignIn("tessa", "wrong password here").ok());
  EXPECT_EQ(Journaled({}, model::Event::kStaffSignedIn), 1);
  EXPECT_EQ(Journaled({}, model::Event::kStaffSignInFailed), 1);
  EXPECT_EQ(Journal({}).front().entry.details, crypto::ToUri(Terminal("west")));
}

}  // namespace
}  // namespace latchkey::assist
