// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "services/ledger/cases.h"
#include "tests/unit/recovery/world.h"

namespace latchkey::recovery {
namespace {

using model::TokenPurpose;

class Link : public World {
 protected:
  // A token of this purpose for Anna's live recovery, as the stores make it.
  Secret Issue(TokenPurpose purpose, TimePoint expires_at) {
    Secret secret = crypto::NewToken(random_);
    Run([&](ledger::Transaction& tx) -> Done {
      auto recovery = ledger::FindLiveRecovery(tx, anna_, clock_.Now()).value();
      auto made = ledger::InsertToken(tx, store_,
                                      {.purpose = purpose,
                                       .account_id = anna_,
                                       .recovery_id = recovery ? recovery->id : RecoveryId{},
                                       .case_id = {},
                                       .contact_id = {},
                                       .security_epoch = 1,
                                       .expires_at = expires_at},
                                      secret);
      return made.ok() ? Done() : Done(made.failure());
    });
    return secret;
  }
};

// Attack L07: scanners open, run and submit pages. The link still works, and exactly once.
TEST_F(Link, SurvivesFiftyScannersAndThenWorksOnce) {
  const Mail mail = AskForMail("anna");
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(Open(mail.link).ok());
  EXPECT_EQ(CountEvents(anna_, model::Event::kProofGiven), 1) << "one fact, one entry";
  EXPECT_TRUE(PasswordIs(anna_, kOldPassword));
  auto proof = Open(mail.link);
  ASSERT_TRUE(proof.ok());
  EXPECT_TRUE(proof->may_set_password);
  EXPECT_TRUE(proof->may_unlock);
  EXPECT_EQ(proof->min_password_characters, 15u);
  EXPECT_TRUE(Set(proof->session).ok());
  EXPECT_EQ(ReasonOf(Open(mail.link)), Reason::kUsed);
}

// Attack S04: each proof opens a session of its own.
TEST_F(Link, OpensANewSessionEachTime) {
  const Mail mail = AskForMail("anna");
  auto first = Open(mail.link);
  auto second = Open(mail.link);
  EXPECT_FALSE(first->session.Matches(second->session));
}

// Whoever holds a link cannot fill the ledger with it, nor shut out whoever holds it too.
// Fails without: KeepNewestSessions (seen); without its case, the teller's customer loses hers
// (seen).
TEST_F(Link, KeepsTheNewestSessionsOnly) {
  const Mail mail = AskForMail("anna");
  auto first = Open(mail.link);
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(Open(mail.link).ok());
  auto last = Open(mail.link);
  Run([&](ledger::Transaction& tx) -> Done {
    LATCHKEY_ASSIGN(auto rows, tx.Run("SELECT COUNT(*) FROM tokens WHERE purpose = $1",
                                      TokenPurpose::kRecoverySession));
    EXPECT_EQ(rows.front().Int(0), 20);
    return {};
  });
  EXPECT_EQ(ReasonOf(Set(first->session)), Reason::kExpired);
  EXPECT_TRUE(PasswordIs(anna_, kOldPassword));
  EXPECT_TRUE(Set(last->session).ok());
}

// Attack L10: the account comes from the token alone.
TEST_F(Link, OpensNobodyElsesAccount) {
  const Mail anna = AskForMail("anna");
  const Mail bruno = AskForMail("bruno");
  EXPECT_EQ(ReasonOf(Submit(bruno.handle, anna.code)), Reason::kWrong);
  ASSERT_TRUE(Set(Open(anna.link)->session).ok());
  EXPECT_TRUE(PasswordIs(anna_, kNewPassword));
  EXPECT_TRUE(PasswordIs(bruno_, kOldPassword));
}

// Attack L11: what is absent, empty or a wildcard matches no row, whatever rows there are.
TEST_F(Link, IsNothingWhenItIsEmptyOrAWildcard) {
  AskForMail("anna");
  for (const std::string& text :
       {std::string(), std::string("0"), std::string(" "), std::string("%"), std::string("'"),
        std::string(1, '\0'), std::string(31, 'a'), std::string(33, 'a'), std::string(32, '\0'),
        std::string(32, '%'), std::string(32, ' ')}) {
    const Secret secret{std::string_view(text)};
    EXPECT_EQ(ReasonOf(Open(secret)), Reason::kWrong) << text.size();
    EXPECT_EQ(ReasonOf(GetRecovery(parts_, secret)), Reason::kExpired) << text.size();
    EXPECT_EQ(ReasonOf(Set(secret)), Reason::kExpired) << text.size();
    EXPECT_EQ(ReasonOf(UnlockBy(secret)), Reason::kExpired) << text.size();
    EXPECT_EQ(ReasonOf(FreezeBy(secret)), Reason::kWrong) << text.size();
  }
  EXPECT_TRUE(PasswordIs(anna_, kOldPassword));
}

// Attack L12: every purpose at every door; only the diagonal opens.
TEST_F(Link, OpensOnlyTheDoorItWasMadeFor) {
  const TokenPurpose purposes[] = {TokenPurpose::kRecoveryLink, TokenPurpose::kRecoverySession,
                                   TokenPurpose::kHandle, TokenPurpose::kFreezeLink};
  struct Door {
    TokenPurpose opened_by;
    std::function<bool(const Secret&)> opens;
  };
  const Door doors[] = {
      {TokenPurpose::kRecoveryLink, [&](const Secret& s) { return Open(s).ok(); }},
      {TokenPurpose::kRecoverySession,
       [&](const Secret& s) { return GetRecovery(parts_, s).ok(); }},
      {TokenPurpose::kRecoverySession,
       [&](const Secret& s) {
         const auto reason = ReasonOf(Set(s));
         return reason != Reason::kExpired;  // "more proof" is past the door
       }},
      {TokenPurpose::kRecoverySession,
       [&](const Secret& s) { return ReasonOf(UnlockBy(s)) != Reason::kExpired; }},
      {TokenPurpose::kHandle,
       [&](const Secret& s) {
         // A handle names the account, so its wrong code is a proof failed there.
         const int before = CountEvents(anna_, model::Event::kProofFailed);
         EXPECT_EQ(ReasonOf(Submit(s, "12345678")), Reason::kWrong);
         return CountEvents(anna_, model::Event::kProofFailed) > before;
       }},
      {TokenPurpose::kFreezeLink, [&](const Secret& s) { return FreezeBy(s).ok(); }},
  };
  AskForMail("anna");
  for (const Door& door : doors) {
    for (TokenPurpose purpose : purposes) {
      if (door.opened_by == purpose) continue;  // the diagonal below, since it changes things
      const Secret secret = Issue(purpose, clock_.Now() + std::chrono::minutes(10));
      EXPECT_FALSE(door.opens(secret))
          << static_cast<int>(purpose) << " at the door of " << static_cast<int>(door.opened_by);
    }
  }
  for (const Door& door : doors) {
    EXPECT_TRUE(door.opens(Issue(door.opened_by, clock_.Now() + std::chrono::minutes(10))))
        << static_cast<int>(door.opened_by);
  }
}

// Attack L13: alive to the last moment, and not beyond; a planted time does not help.
TEST_F(Link, EndsExactlyAtItsTime) {
  const Mail mail = AskForMail("anna");
  clock_.Advance(parts_.rules.lifetime - Millis(1));
  EXPECT_TRUE(Open(mail.link).ok());
  clock_.Advance(Millis(1));
  EXPECT_EQ(ReasonOf(Open(mail.link)), Reason::kExpired);
  EXPECT_EQ(ReasonOf(SubmitFor("anna", mail.code)), Reason::kWrong);
  EXPECT_EQ(ReasonOf(Submit(mail.handle, mail.code)), Reason::kExpired) << "the handle's own time";
  clock_.Advance(std::chrono::hours(24 * 365));
  EXPECT_EQ(ReasonOf(Open(mail.link)), Reason::kExpired);
}

TEST_F(Link, GivesASessionThatEndsExactlyAtItsTime) {
  const Mail mail = AskForMail("anna");
  clock_.Advance(parts_.rules.lifetime - Millis(1));
  auto proof = Open(mail.link);
  ASSERT_TRUE(proof.ok());
  clock_.Advance(parts_.rules.session - Millis(1));
  const auto open = GetRecovery(parts_, proof->session);
  ASSERT_TRUE(open.ok());
  EXPECT_EQ(open->customer_number_tail, "001") << "whose account it is";
  clock_.Advance(Millis(1));
  EXPECT_EQ(ReasonOf(GetRecovery(parts_, proof->session)), Reason::kExpired);
  EXPECT_EQ(ReasonOf(Set(proof->session)), Reason::kExpired);
}

// Attacks D07, L13: each column of the row, edited by somebody who can write to the database.
TEST_F(Link, IsNothingWhenItsRowWasEdited) {
  const Mail mail = AskForMail("anna");
  const auto bruno = AskForMail("bruno");
  struct Edit {
    const char* what;
    ledger::Sql edit;
    ledger::Sql undo;
  };
  const Edit edits[] = {
      {"account", "UPDATE tokens SET account_id = account_id + 1",
       "UPDATE tokens SET account_id = account_id - 1"},
      {"recovery", "UPDATE tokens SET recovery_id = recovery_id + 1",
       "UPDATE tokens SET recovery_id = recovery_id - 1"},
      {"contact", "UPDATE tokens SET contact_id = contact_id + 1",
       "UPDATE tokens SET contact_id = contact_id - 1"},
      {"epoch", "UPDATE tokens SET security_epoch = security_epoch + 1",
       "UPDATE tokens SET security_epoch = security_epoch - 1"},
      {"expiry", "UPDATE tokens SET expires_at = expires_at + 1",
       "UPDATE tokens SET expires_at = expires_at - 1"},
      {"making", "UPDATE tokens SET made_at = made_at + 1",
       "UPDATE tokens SET made_at = made_at - 1"},
      {"case", "UPDATE tokens SET case_id = 7", "UPDATE tokens SET case_id = NULL"},
      {"id", "UPDATE tokens SET id = id + 1000000000", "UPDATE tokens SET id = id - 1000000000"},
  };
  int reported = 0;
  for (const Edit& edit : edits) {
    Run([&](ledger::Transaction& tx) -> Done {
      LATCHKEY_TRY(tx.Run(edit.edit));
      return {};
    });
    EXPECT_EQ(ReasonOf(Open(mail.link)), Reason::kWrong) << edit.what;
    EXPECT_EQ(ReasonOf(SubmitFor("anna", mail.code, "192.0.2." + std::to_string(++reported))),
              Reason::kWrong)
        << edit.what;
    Run([&](ledger::Transaction& tx) -> Done {
      LATCHKEY_TRY(tx.Run(edit.undo));
      // The lanes are another test's.
      LATCHKEY_TRY(ledger::AdvanceLaneEpoch(tx, anna_));
      LATCHKEY_TRY(tx.Run("UPDATE tokens SET tries = 0"));
      return {};
    });
  }
  EXPECT_EQ(CountEvents(AccountId{}, model::Event::kProofFailed), reported) << "each is journaled";
  EXPECT_TRUE(Open(mail.link).ok());
  EXPECT_TRUE(Open(bruno.link).ok());
}

// Attack L14: whatever moves the security epoch kills what was made before it.
TEST_F(Link, DiesWithEverySecurityEvent) {
  struct SecurityEvent {
    const char* what;
    Reason answered;
    std::function<void(const Mail&)> happen;
  };
  const SecurityEvent events[] = {
      {"a reset", Reason::kUsed,
       [&](const Mail& m) { ASSERT_TRUE(Set(Open(m.link)->session).ok()); }},
      {"an unlock", Reason::kUsed,
       [&](const Mail& m) { ASSERT_TRUE(UnlockBy(Open(m.link)->session).ok()); }},
      {"a moved epoch, as by a changed contact", Reason::kStopped,
       [&](const Mail&) {
         Run([&](ledger::Transaction& tx) -> Done {
           auto account = ledger::LoadAccount(tx, anna_).value();
           auto moved = ledger::AdvanceSecurityEpoch(tx, anna_, account.security_epoch);
           return moved.ok() ? Done() : Done(moved.failure());
         });
       }},
      {"a freeze, last because it stays", Reason::kStopped,
       [&](const Mail& m) {
         auto session = Open(m.link)->session.Copy();
         ASSERT_TRUE(
             Freeze(parts_, {.link_token = {}, .session = session.Copy(), .source = From()}).ok());
       }},
  };
  for (const SecurityEvent& event : events) {
    clock_.Advance(std::chrono::hours(2));
    TakeMessages();
    const Mail mail = AskForMail("anna");
    auto session = Open(mail.link);
    ASSERT_TRUE(session.ok()) << event.what;
    event.happen(mail);
    EXPECT_EQ(ReasonOf(Open(mail.link)), event.answered) << event.what;
    EXPECT_EQ(ReasonOf(Submit(mail.handle, mail.code)), Reason::kWrong) << event.what;
    EXPECT_EQ(ReasonOf(GetRecovery(parts_, session->session)), event.answered) << event.what;
    EXPECT_EQ(ReasonOf(Set(session->session)), event.answered) << event.what;
  }
}

// Attack K09.
TEST_F(Link, OpensNothingOnAClosedAccount) {
  const Mail mail = AskForMail("anna");
  auto session = Open(mail.link);
  Run([&](ledger::Transaction& tx) -> Done {
    auto changed = ledger::ChangeAccountState(tx, anna_, model::AccountState::kActive,
                                              model::AccountState::kClosed);
    return changed.ok() ? Done() : Done(changed.failure());
  });
  EXPECT_EQ(ReasonOf(Open(mail.link)), Reason::kStopped);
  EXPECT_EQ(ReasonOf(Submit(mail.handle, mail.code)), Reason::kWrong);
  EXPECT_EQ(ReasonOf(Set(session->session)), Reason::kStopped);
  EXPECT_EQ(ReasonOf(UnlockBy(session->session)), Reason::kStopped);
  EXPECT_TRUE(PasswordIs(anna_, kOldPassword));
  EXPECT_EQ(Load(anna_).state, model::AccountState::kClosed);
}

// A key is rotated while links are on their way.
TEST_F(Link, OutlivesARotationOfTheTokenKey) {
  const Mail mail = AskForMail("anna");
  ASSERT_TRUE(keys_.Rotate(crypto::KeyUse::kToken, random_).ok());
  EXPECT_TRUE(Open(mail.link).ok());
  EXPECT_TRUE(Submit(mail.handle, mail.code).ok());
}

// Dead links explain themselves for a while, and sweeping takes nothing that lives.
TEST_F(Link, IsSweptOnlyLongAfterItsEnd) {
  const Mail mail = AskForMail("anna");
  ASSERT_TRUE(Sweep(parts_).ok());
  EXPECT_TRUE(Open(mail.link).ok());
  clock_.Advance(std::chrono::hours(2));
  ASSERT_GT(Sweep(parts_).value(), 0);
  EXPECT_EQ(ReasonOf(Open(mail.link)), Reason::kExpired);
  clock_.Advance(parts_.rules.dead_tokens_kept);
  while (Sweep(parts_).value() > 0) {
  }
  EXPECT_EQ(ReasonOf(Open(mail.link)), Reason::kWrong);
}

}  // namespace
}  // namespace latchkey::recovery
