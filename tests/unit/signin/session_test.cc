// SPDX-License-Identifier: Apache-2.0
// Sessions: made by the right password, ended by time, by their owner and by every security event.
#include "services/ledger/sessions.h"

#include <crypt.h>

#include "tests/unit/signin/world.h"

namespace latchkey::signin {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class Sessions : public World {};

TEST_F(Sessions, AreMadeByTheRightPasswordUnderAnyIdentifier) {
  for (const char* name : {"anna", "ANNA", " anna@example.org "}) {
    auto signed_in = Enter(name, kPassword);
    ASSERT_TRUE(signed_in.ok()) << name;
    EXPECT_EQ(signed_in->session_token.size(), 32u);
    EXPECT_EQ(signed_in->device_token.size(), 32u);
    auto view = sign_in_.GetSession(signed_in->session_token);
    ASSERT_TRUE(view.ok());
    EXPECT_EQ(view->display_name, "Anna Adler");
    EXPECT_EQ(view->login_name, "anna");
    ASSERT_FALSE(view->recent.empty());
    EXPECT_EQ(view->recent.front().entry.event, model::Event::kSignedIn);
    EXPECT_EQ(view->recent.front().entry.channel, model::Channel::kWeb);
  }
}

// A bank hashed the bytes of a Mac (NFD); other keyboards send NFC. Fails without:
// MayBeSpelledOtherwise (seen: the right password was called known to be wrong).
TEST_F(Sessions, AreMadeByTheSpellingThatWasHashedThoughAnotherWasTriedBefore) {
  const std::string nfc = "caf\xC3\xA9 lanterns seven";
  const std::string nfd = "cafe\xCC\x81 lanterns seven";
  crypt_data data{};
  AddCustomer("Ida", "ida", crypt_r(nfd.c_str(), "$6$rounds=1000$abcdefgh$", &data));
  EXPECT_EQ(Enter("ida", nfc, "192.0.2.7").reason(), Reason::kWrong);
  EXPECT_TRUE(Enter("ida", nfd, "192.0.2.8").ok());
  EXPECT_TRUE(Enter("ida", nfc, "192.0.2.7").ok()) << "the verifier is Latchkey's own now";
}

TEST_F(Sessions, DieWithAResetAndSoDoesTheOldPassword) {  // Law 1, D01
  auto before = Enter("anna", kPassword);
  ASSERT_TRUE(before.ok());
  Reset(anna_, "quiet copper bridges");
  EXPECT_EQ(sign_in_.GetSession(before->session_token).reason(), Reason::kExpired);
  EXPECT_EQ(Enter("anna", kPassword).reason(), Reason::kWrong);
  EXPECT_TRUE(Enter("anna", "quiet copper bridges").ok());
}

TEST_F(Sessions, AreNotMadeWhenAResetWasCommittedSinceTheComparison) {  // Law 1
  const model::Account before = Load(anna_);
  Reset(anna_, "quiet copper bridges");
  const Secret token(std::string(32, 't'));
  auto inserted = ledger_.Transact([&](ledger::Transaction& tx) {
    return ledger::InsertSession(tx, keys_, token,
                                 {.account_id = anna_,
                                  .security_epoch = before.security_epoch,
                                  .made_at = clock_.Now(),
                                  .idle_expires_at = clock_.Now() + minutes(5),
                                  .expires_at = clock_.Now() + hours(1)});
  });
  ASSERT_TRUE(inserted.ok());
  EXPECT_FALSE(*inserted);
  EXPECT_EQ(sign_in_.GetSession(token).reason(), Reason::kExpired);
}

TEST_F(Sessions, DieWhenTheAccountIsFrozen) {
  auto signed_in = Enter("anna", kPassword);
  SetState(anna_, model::AccountState::kFrozen);
  EXPECT_EQ(sign_in_.GetSession(signed_in->session_token).reason(), Reason::kExpired);
}

TEST_F(Sessions, EndAfterFiveIdleMinutes) {  // RTS Art. 4(3)(d)
  auto signed_in = Enter("anna", kPassword);
  EXPECT_EQ(signed_in->idle_expires_at, clock_.Now() + minutes(5));
  clock_.Advance(minutes(4));
  auto view = sign_in_.GetSession(signed_in->session_token);
  ASSERT_TRUE(view.ok());
  EXPECT_EQ(view->idle_expires_at, clock_.Now() + minutes(5)) << "looking kept it alive";
  clock_.Advance(minutes(5));
  EXPECT_EQ(sign_in_.GetSession(signed_in->session_token).reason(), Reason::kExpired);
}

TEST_F(Sessions, EndAfterTheirLongestTimeHoweverBusy) {
  auto signed_in = Enter("anna", kPassword);
  const TimePoint end = signed_in->expires_at;
  EXPECT_EQ(end, clock_.Now() + hours(12));
  while (clock_.Now() + minutes(4) < end) {
    clock_.Advance(minutes(4));
    ASSERT_TRUE(sign_in_.GetSession(signed_in->session_token).ok());
  }
  clock_.Set(end);
  EXPECT_EQ(sign_in_.GetSession(signed_in->session_token).reason(), Reason::kExpired);
}

TEST_F(Sessions, WriteNothingWhenTheyWereLookedAtAMinuteAgo) {
  auto signed_in = Enter("anna", kPassword);
  const int64_t before = ledger_.commits();
  for (int i = 0; i < 6; ++i) {
    ASSERT_TRUE(sign_in_.GetSession(signed_in->session_token).ok());
    clock_.Advance(seconds(10));
  }
  EXPECT_EQ(ledger_.commits(), before);
}

TEST_F(Sessions, EndWhenTheirOwnerSignsOutWhichIsJournaledOnce) {
  auto signed_in = Enter("anna", kPassword);
  EXPECT_TRUE(sign_in_.SignOut(signed_in->session_token, model::Channel::kWeb).ok());
  EXPECT_TRUE(sign_in_.SignOut(signed_in->session_token, model::Channel::kWeb).ok());
  EXPECT_EQ(sign_in_.GetSession(signed_in->session_token).reason(), Reason::kExpired);
  EXPECT_EQ(Journaled(anna_, model::Event::kSignedOut), 1);
}

TEST_F(Sessions, CannotBeMovedToAnotherAccountInTheDatabase) {  // D07
  const AccountId ben = AddCustomer("Ben Berg", "ben", Hash(kPassword));
  auto signed_in = Enter("ben", kPassword);
  ASSERT_TRUE(sign_in_.GetSession(signed_in->session_token).ok());
  ASSERT_TRUE(ledger_
                  .Commit([&](ledger::Transaction& tx) -> Done {
                    LATCHKEY_TRY(tx.Run("UPDATE sessions SET account_id = $1 WHERE account_id = $2",
                                        anna_, ben));
                    return {};
                  })
                  .ok());
  EXPECT_EQ(sign_in_.GetSession(signed_in->session_token).reason(), Reason::kExpired);
}

TEST_F(Sessions, LiveOnWhenTheTokenKeyIsRotated) {
  auto signed_in = Enter("anna", kPassword);
  ASSERT_TRUE(keys_.Rotate(crypto::KeyUse::kToken, random_).ok());
  EXPECT_TRUE(sign_in_.GetSession(signed_in->session_token).ok());
  auto again = Enter("anna", kPassword, "192.0.2.1", signed_in->device_token);
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(again->device_token.empty()) << "the device is known still";
}

TEST_F(Sessions, AreSweptWhenTheyAreDead) {
  ASSERT_TRUE(Enter("anna", kPassword).ok());
  clock_.Advance(hours(24 * 366));
  EXPECT_GE(sign_in_.Sweep().value(), 2) << "the session and the device";
  EXPECT_EQ(sign_in_.Sweep().value(), 0);
}

}  // namespace
}  // namespace latchkey::signin
