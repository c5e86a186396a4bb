// SPDX-License-Identifier: Apache-2.0
// Attacks on what everything stands on: stores that are away, clocks that are wrong, and somebody
// who writes to the database.
#include <sqlite3.h>

#include <functional>

#include "crypto/token.h"
#include "services/latchkeyd/background.h"
#include "services/ledger/beside.h"
#include "services/ledger/journal.h"
#include "services/ledger/restored.h"
#include "services/ledger/staff.h"
#include "tests/attacks/bank.h"

namespace latchkey::attacks {
namespace {

class Ground : public Attack {
 protected:
  ledger::JournalReport Verify() {
    return ledger::VerifyJournal(A().ledger(), keys_, config_.files.checkpoints,
                                 [](int64_t, int64_t) {})
        .value();
  }
  Letter AskAnna() {
    Web().Call(&v1::Recovery::Stub::Begin, BeginFor("anna", NextAddress()));
    return OneLetter();
  }
  std::string SessionBy(const Letter& letter) {
    return Web()
        .Call(&v1::Recovery::Stub::OpenLink, OpenBy(letter.link()))
        .value()
        .recovery_session();
  }
  // The whole ledger as it stood in the copy.
  void PutBack(const std::filesystem::path& copy) {
    sqlite3 *from = nullptr, *to = nullptr;
    ASSERT_EQ(sqlite3_open(copy.c_str(), &from), SQLITE_OK);
    ASSERT_EQ(sqlite3_open(config_.ledger.path.c_str(), &to), SQLITE_OK);
    sqlite3_backup* backup = sqlite3_backup_init(to, "main", from, "main");
    ASSERT_NE(backup, nullptr);
    EXPECT_EQ(sqlite3_backup_step(backup, -1), SQLITE_DONE);
    sqlite3_backup_finish(backup);
    sqlite3_close(to);
    sqlite3_close(from);
  }
  // What `latchkey restored` does before the checkpoint file.
  void EndAll(bool passwords_too) {
    ledger::Ending ending{.after = {},
                          .lived_at = ledger::LastEntryAt(A().ledger()).value().value(),
                          .limit = 10,
                          .passwords_too = passwords_too};
    do {
      ending.after = Write([&](ledger::Transaction& tx) {
                       return ledger::EndWhatLived(tx, A().parts().store, ending);
                     }).last;
    } while (ending.after);
    Write([](ledger::Transaction& tx) { return ledger::EndAllStaffSessions(tx); });
  }
  Done MayStart() { return ledger::CheckNotOlder(A().ledger(), keys_, config_.files.checkpoints); }
};

// D05. Fails without: the early return in GuessGate::Try when nothing could be reserved (seen: a
// code was taken uncounted).
TEST_F(Ground, D05_WhenSomethingIsAwayNothingOpens) {
  const Letter letter = AskAnna();
  const std::string session = SessionBy(letter);
  const auto signed_in =
      Web("owner").Call(&v1::SignIn::Stub::SignIn, SignInAs("anna", anna_.password, "192.0.2.9"));
  Caller web = Web();
  const auto expect_closed = [&](const char* what, bool ledger_away) {
    // Everything here is right: only what it depends on is not there.
    const auto sign_in =
        web.Call(&v1::SignIn::Stub::SignIn, SignInAs("anna", anna_.password, "192.0.2.1"));
    EXPECT_EQ(sign_in.reason(), v1::REFUSAL_REASON_BUSY) << what;
    const auto wrong =
        web.Call(&v1::SignIn::Stub::SignIn, SignInAs("anna", "not the password", "192.0.2.1"));
    EXPECT_EQ(wrong.reason(), v1::REFUSAL_REASON_BUSY) << what;
    const auto code =
        web.Call(&v1::Recovery::Stub::SubmitCode, CodeFor("anna", letter.code(), "192.0.2.1"));
    EXPECT_EQ(code.reason(), v1::REFUSAL_REASON_BUSY) << what;
    const auto set = web.Call(&v1::Recovery::Stub::SetPassword, SetBy(session, kNewPassword));
    EXPECT_EQ(set.reason(), v1::REFUSAL_REASON_BUSY) << what;
    for (const auto& refused : {sign_in.refused(), code.refused(), set.refused()})
      EXPECT_GT(refused.refusal.ways_on_size(), 0) << what;
    if (ledger_away) {
      EXPECT_FALSE(web.Call(&v1::Recovery::Stub::OpenLink, OpenBy(letter.link())).ok());
      v1::GetSessionRequest look;
      look.set_session_token(signed_in.value().session_token());
      EXPECT_FALSE(Web("owner").Call(&v1::SignIn::Stub::GetSession, look).ok());
    }
  };
  A().hot_state().GoAway(true);
  expect_closed("no counts", false);
  EXPECT_TRUE(web.Call(&v1::Recovery::Stub::Begin, BeginFor("bruno", "192.0.2.1")).ok())
      << "Law 10";
  A().hot_state().GoAway(false);
  A().ledger().GoAway(true);
  expect_closed("no ledger", true);
  EXPECT_TRUE(web.Call(&v1::Recovery::Stub::Begin, BeginFor("bruno", "192.0.2.2")).ok())
      << "Law 10";
  A().ledger().GoAway(false);
  clock_.Advance(std::chrono::minutes(3));  // what was kept while counts were away is slowed
  EXPECT_EQ(Letters().size(), 2u) << "what was asked for meanwhile is answered";
  EXPECT_TRUE(
      web.Call(&v1::SignIn::Stub::SignIn, SignInAs("anna", anna_.password, "192.0.2.1")).ok());
}

// D03. Fails without: EndWhatLived (seen: the link set another password); without its passwords the
// old one opened the account (seen).
TEST_F(Ground, D03_ABackupBringsNothingBack) {
  const Teller tessa = AddTeller("tessa");
  v1::SignInStaffRequest enter;
  enter.set_staff_login("tessa");
  enter.set_password(tessa.password);
  enter.set_totp(Totp(tessa));
  v1::FindCustomerRequest find;
  find.set_staff_session(
      Terminal().Call(&v1::Staff::Stub::SignInStaff, enter).value().staff_session());
  find.set_customer_number(anna_.number);
  v1::GetSessionRequest look;
  look.set_session_token(
      Web("owner")
          .Call(&v1::SignIn::Stub::SignIn, SignInAs("anna", anna_.password, "192.0.2.9"))
          .value()
          .session_token());
  const Letter letter = AskAnna();
  const std::string session = SessionBy(letter);
  A().WriteCheckpoint();
  const auto copy = outside_ / "copy.db";
  Tamper("VACUUM INTO '" + copy.string() + "'");

  clock_.Advance(std::chrono::minutes(1));
  MayChange(anna_);
  ASSERT_TRUE(Web().Call(&v1::Recovery::Stub::SetPassword, SetBy(session, kNewPassword)).ok());
  EXPECT_EQ(Letters().size(), 2u);
  A().WriteCheckpoint();
  ASSERT_TRUE(MayStart().ok());
  PutBack(copy);
  EXPECT_FALSE(MayStart().ok());

  const auto lost =
      ledger::FindLostStretches(A().ledger(), keys_, config_.files.checkpoints).value();
  ASSERT_TRUE(lost);
  EndAll(/*passwords_too=*/false);
  ASSERT_TRUE(ledger::SetAside(*lost, config_.files.checkpoints).ok());
  EXPECT_TRUE(MayStart().ok());
  EXPECT_FALSE(Web().Call(&v1::Recovery::Stub::OpenLink, OpenBy(letter.link())).ok());
  EXPECT_FALSE(
      Web().Call(&v1::Recovery::Stub::SetPassword, SetBy(session, "a third one, new")).ok());
  EXPECT_FALSE(Web("owner").Call(&v1::SignIn::Stub::GetSession, look).ok());
  EXPECT_FALSE(Terminal().Call(&v1::Assist::Stub::FindCustomer, find).ok());
  EndAll(/*passwords_too=*/true);
  EXPECT_FALSE(
      Web().Call(&v1::SignIn::Stub::SignIn, SignInAs("anna", anna_.password, "192.0.2.9")).ok());
  // The owner goes on as anybody does whose password is lost.
  clock_.Advance(std::chrono::minutes(5));
  const std::string anew = SessionBy(AskAnna());
  EXPECT_TRUE(Web().Call(&v1::Recovery::Stub::SetPassword, SetBy(anew, kNewPassword)).ok());
  EXPECT_EQ(Letters().size(), 2u);
  EXPECT_TRUE(PasswordIs(anna_, kNewPassword));
  A().WriteCheckpoint();
  EXPECT_FALSE(Verify().first_fault);
}

// D06. Fails without: ContinueTime's NotBefore (seen: the link lived again). Between two nodes a
// clock may be behind for the five seconds of a look.
TEST_F(Ground, D06_NoTimeComesTwice) {
  SystemClock real;
  clock_.Set(real.Now() + std::chrono::minutes(20));  // the bank's time, before a restart
  const Letter letter = AskAnna();
  clock_.Advance(std::chrono::minutes(31));
  v1::OpenLinkRequest open = OpenBy(letter.link());
  EXPECT_EQ(Web().Call(&v1::Recovery::Stub::OpenLink, open).reason(), v1::REFUSAL_REASON_EXPIRED);
  Browser("owner").SignIn("anna", anna_.password);  // the last entry before the end
  const TimePoint end = clock_.Now();
  // The machine comes up with a clock that is most of an hour behind.
  SystemClock after;
  ASSERT_LT(after.Now(), end);
  ASSERT_TRUE(ContinueTime(after, A().ledger()).ok());
  EXPECT_GE(after.Now(), end);
  clock_.Set(after.Now());
  EXPECT_EQ(Web().Call(&v1::Recovery::Stub::OpenLink, open).reason(), v1::REFUSAL_REASON_EXPIRED);
  // Further behind than can be waited for, it does not start.
  clock_.Advance(std::chrono::hours(2));
  Browser("owner").SignIn("anna", anna_.password);
  SystemClock far_behind;
  const Done refused = ContinueTime(far_behind, A().ledger());
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.failure().detail.find("set it right"), std::string::npos);

  const Teller tessa = AddTeller("tessa");
  v1::SignInStaffRequest staff;
  staff.set_staff_login("tessa");
  staff.set_password(tessa.password);
  staff.set_totp(Totp(tessa));
  ASSERT_TRUE(Terminal().Call(&v1::Staff::Stub::SignInStaff, staff).ok());
  for (const auto back :
       {std::chrono::seconds(0), std::chrono::seconds(30), std::chrono::seconds(300)}) {
    const TimePoint now = clock_.Now();
    clock_.Set(now - back);
    EXPECT_EQ(Terminal().Call(&v1::Staff::Stub::SignInStaff, staff).reason(),
              v1::REFUSAL_REASON_WRONG);
    clock_.Set(now);
  }
}

// D07. Fails without: IsGenuine's comparison (seen: the link opened another account), or the digest
// in RowMac (seen: his link opened hers); the place in OpenVerifier (seen: Bruno's password opened
// Anna's account). Evidence and staff: a_test.cc.
TEST_F(Ground, D07_WhoWritesToTheDatabaseGainsNothing) {
  const Letter letter = AskAnna();
  Web("bruno").Call(&v1::Recovery::Stub::Begin, BeginFor("bruno", "192.0.2.3"));
  const Letter brunos = OneLetter();
  const std::string bruno = std::to_string(bruno_.id.value), anna = std::to_string(anna_.id.value);
  // Bruno writes himself into Anna's account, one column after the other.
  const std::pair<std::string, std::string> edits[] = {
      {"UPDATE tokens SET account_id = " + anna + " WHERE account_id = " + bruno,
       "UPDATE tokens SET account_id = " + bruno +
           " WHERE contact_id IN (SELECT id FROM contacts WHERE account_id = " + bruno + ")"},
      {"UPDATE tokens SET recovery_id = recovery_id + 1",
       "UPDATE tokens SET recovery_id = recovery_id - 1"},
      {"UPDATE tokens SET contact_id = contact_id + 1",
       "UPDATE tokens SET contact_id = contact_id - 1"},
      {"UPDATE tokens SET security_epoch = security_epoch + 1",
       "UPDATE tokens SET security_epoch = security_epoch - 1"},
      {"UPDATE tokens SET expires_at = expires_at + 86400000",
       "UPDATE tokens SET expires_at = expires_at - 86400000"},
      {"UPDATE tokens SET made_at = made_at - 1", "UPDATE tokens SET made_at = made_at + 1"},
      {"UPDATE tokens SET case_id = 7", "UPDATE tokens SET case_id = NULL"},
      {"UPDATE tokens SET purpose = purpose + 100", "UPDATE tokens SET purpose = purpose - 100"},
      // What finds his link now finds hers.
      {"CREATE TABLE kept AS SELECT * FROM tokens; UPDATE tokens SET digest = (SELECT digest FROM "
       "kept WHERE kept.purpose = tokens.purpose AND kept.account_id <> tokens.account_id)",
       "UPDATE tokens SET digest = (SELECT digest FROM kept WHERE kept.id = tokens.id); DROP TABLE "
       "kept"},
  };
  for (const auto& [edit, undo] : edits) {
    Tamper(edit);
    EXPECT_EQ(Web("bruno").Call(&v1::Recovery::Stub::OpenLink, OpenBy(brunos.link())).reason(),
              v1::REFUSAL_REASON_WRONG)
        << edit;
    Tamper(undo);
  }
  EXPECT_TRUE(Web("bruno").Call(&v1::Recovery::Stub::OpenLink, OpenBy(brunos.link())).ok());
  EXPECT_TRUE(Web().Call(&v1::Recovery::Stub::OpenLink, OpenBy(letter.link())).ok());
  EXPECT_GT(CountOf({}, model::Event::kProofFailed), 5) << "each was reported";

  const auto his =
      Web("bruno").Call(&v1::SignIn::Stub::SignIn, SignInAs("bruno", bruno_.password, "192.0.2.3"));
  v1::GetSessionRequest look;
  look.set_session_token(his.value().session_token());
  Tamper("UPDATE sessions SET account_id = " + anna + " WHERE account_id = " + bruno);
  EXPECT_EQ(Web("bruno").Call(&v1::SignIn::Stub::GetSession, look).reason(),
            v1::REFUSAL_REASON_EXPIRED);

  // His own verifier in her place, and one that no key has sealed: neither is hers, nor anybody's.
  Tamper("CREATE TABLE kept_verifiers AS SELECT * FROM authenticators");
  for (const std::string& sealed :
       {"(SELECT verifier_sealed FROM kept_verifiers WHERE account_id = " + bruno + ")",
        std::string("CAST('forged' AS BLOB)")}) {
    Tamper("UPDATE authenticators SET verifier_sealed = " + sealed + " WHERE account_id = " + anna);
    for (const std::string& password : {bruno_.password, anna_.password}) {
      EXPECT_EQ(Web("bruno")
                    .Call(&v1::SignIn::Stub::SignIn, SignInAs("anna", password, NextAddress()))
                    .reason(),
                v1::REFUSAL_REASON_WRONG)
          << sealed;
    }
  }
  Tamper(
      "DELETE FROM authenticators; INSERT INTO authenticators SELECT * FROM kept_verifiers;"
      " DROP TABLE kept_verifiers");

  A().WriteCheckpoint();
  ASSERT_FALSE(Verify().first_fault);
  const std::string of_anna = " FROM journal WHERE account_id = " + anna;
  Tamper(
      "CREATE TABLE kept AS SELECT * FROM journal; CREATE TABLE kept_chains AS SELECT * FROM "
      "chains");
  const std::string restore =
      "DELETE FROM journal; INSERT INTO journal SELECT * FROM kept; "
      "DELETE FROM chains; INSERT INTO chains SELECT * FROM kept_chains";
  for (const std::string& evil :
       {"UPDATE journal SET kind = 2 WHERE id = (SELECT MAX(id)" + of_anna + ")",
        "UPDATE journal SET at = at + 1 WHERE id = (SELECT MIN(id)" + of_anna + ")",
        "DELETE FROM journal WHERE id = (SELECT MAX(id)" + of_anna + ")",
        "DELETE FROM journal WHERE account_id = " + anna +
            "; DELETE FROM chains WHERE account_id = " + anna,
        "UPDATE journal SET account_id = " + bruno +
            ", seq = seq + 1000 WHERE account_id = " + anna}) {
    Tamper(evil);
    EXPECT_TRUE(Verify().first_fault) << evil;
    Tamper(restore);
    EXPECT_FALSE(Verify().first_fault) << "after " << evil;
  }
  Tamper("DROP TABLE kept; DROP TABLE kept_chains");
}

// D07. Fails without: SaysEnded in Hold (seen: after each of the three the link opened, the code
// was right, and the other session set a password).
TEST_F(Ground, D07_ARowThatIsPutBackBringsNoUsedLinkBack) {
  Caller web = Web();
  const auto stop = [&](const std::string& session) {
    v1::FreezeRequest freeze;
    freeze.set_recovery_session(session);
    *freeze.mutable_source() = From(NextAddress());
    return web.Call(&v1::Recovery::Stub::Freeze, freeze).ok();
  };
  const auto unlock = [&](const std::string& session) {
    v1::UnlockRequest request;
    request.set_recovery_session(session);
    request.set_idempotency_key(Key());
    *request.mutable_source() = From(NextAddress());
    return web.Call(&v1::Recovery::Stub::Unlock, request).ok();
  };
  const auto reset = [&](const std::string& session) {
    MayChange(anna_);
    return web.Call(&v1::Recovery::Stub::SetPassword, SetBy(session, kNewPassword)).ok();
  };
  for (const std::function<bool(const std::string&)>& end :
       std::vector<std::function<bool(const std::string&)>>{unlock, reset, stop}) {
    clock_.Advance(std::chrono::hours(2));
    const Letter letter = AskAnna();
    const std::string first = SessionBy(letter), second = SessionBy(letter);
    Tamper(
        "CREATE TABLE kept_tokens AS SELECT * FROM tokens; CREATE TABLE kept_recoveries AS SELECT "
        "* FROM recoveries; CREATE TABLE kept_accounts AS SELECT * FROM accounts");
    ASSERT_TRUE(end(first));
    EXPECT_EQ(Letters().size(), 2u);
    // Every row of the time before, but for the journal's.
    for (const std::string table : {"tokens", "recoveries", "accounts"}) {
      Tamper("DELETE FROM " + table + "; INSERT INTO " + table + " SELECT * FROM kept_" + table +
             "; DROP TABLE kept_" + table);
    }
    EXPECT_EQ(web.Call(&v1::Recovery::Stub::OpenLink, OpenBy(letter.link())).reason(),
              v1::REFUSAL_REASON_USED);
    EXPECT_EQ(
        web.Call(&v1::Recovery::Stub::SubmitCode, CodeFor("anna", letter.code(), NextAddress()))
            .reason(),
        v1::REFUSAL_REASON_WRONG);
    EXPECT_EQ(web.Call(&v1::Recovery::Stub::SetPassword, SetBy(second, "four other words entirely"))
                  .reason(),
              v1::REFUSAL_REASON_USED);
  }
}

// D07, Law 13. Fails without: Append in SetPassword's transaction (seen: it changed).
TEST_F(Ground, D07_WithoutAJournalNothingIsDone) {
  const Letter letter = AskAnna();
  const std::string session = SessionBy(letter);
  Tamper("CREATE TRIGGER full BEFORE INSERT ON journal BEGIN SELECT RAISE(FAIL, 'disk full'); END");
  Caller web = Web();
  EXPECT_FALSE(web.Call(&v1::Recovery::Stub::SetPassword, SetBy(session, kNewPassword)).ok());
  v1::UnlockRequest unlock;
  unlock.set_recovery_session(session);
  unlock.set_idempotency_key(Key());
  *unlock.mutable_source() = From("192.0.2.1");
  EXPECT_FALSE(web.Call(&v1::Recovery::Stub::Unlock, unlock).ok());
  v1::FreezeRequest freeze;
  freeze.set_recovery_session(session);
  *freeze.mutable_source() = From("192.0.2.1");
  EXPECT_FALSE(web.Call(&v1::Recovery::Stub::Freeze, freeze).ok());
  EXPECT_FALSE(
      web.Call(&v1::SignIn::Stub::SignIn, SignInAs("anna", anna_.password, "192.0.2.1")).ok());
  EXPECT_EQ(Load(anna_).state, model::AccountState::kActive);
  EXPECT_EQ(Load(anna_).security_epoch, 1);
  Tamper("DROP TRIGGER full");
  MayChange(anna_);
  EXPECT_TRUE(web.Call(&v1::Recovery::Stub::SetPassword, SetBy(session, kNewPassword)).ok());
  EXPECT_EQ(Letters().size(), 2u);
}

}  // namespace
}  // namespace latchkey::attacks
