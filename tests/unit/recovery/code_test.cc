// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <string>
#include <thread>
#include <vector>

#include "services/ledger/sessions.h"
#include "tests/unit/recovery/world.h"

namespace latchkey::recovery {
namespace {

class Code : public World {
 protected:
  // A new source for each guess, so that only the account's own budget binds.
  std::string NextAddress() { return "198.51.100." + std::to_string(++sources_); }
  int64_t CountedOn(AccountId id) {
    return gate_.Peek(signin::Subject::Customer(Load(id)), signin::SecretKind::kRecoveryCode)
        ->failures;
  }
  int sources_ = 0;
};

TEST_F(Code, OpensASessionByHandleOrByName) {
  const Mail mail = AskForMail("anna");
  auto by_handle = Submit(mail.handle, mail.code);
  ASSERT_TRUE(by_handle.ok());
  EXPECT_TRUE(by_handle->may_set_password);
  const Mail other = AskForMail("bruno");
  EXPECT_TRUE(SubmitFor("bruno@example.org", other.code).ok());
}

// RTS Art. 4(1), attack C04: an authentication code is accepted once; the link of the same message
// stays good.
TEST_F(Code, IsAcceptedOnce) {
  const Mail mail = AskForMail("anna");
  ASSERT_TRUE(Submit(mail.handle, mail.code).ok());
  EXPECT_EQ(ReasonOf(Submit(mail.handle, mail.code)), Reason::kWrong);
  EXPECT_EQ(ReasonOf(SubmitFor("anna", mail.code, NextAddress())), Reason::kWrong);
  EXPECT_TRUE(Open(mail.link).ok());
}

// Law 11, attack P08: the answer was lost, and the same request comes again.
// Fails without: FindEarlierProof in SubmitCode; KeepToken in Accept.
TEST_F(Code, GetsTheSameAnswerWhenItComesAgain) {
  const Mail mail = AskForMail("anna");
  const std::string key = Key();
  auto first = Submit(mail.handle, mail.code, NextAddress(), key);
  ASSERT_TRUE(first.ok());
  auto again = Submit(mail.handle, mail.code, NextAddress(), key);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->session.Reveal(), first->session.Reveal());
  EXPECT_EQ(again->reference, first->reference);
  EXPECT_EQ(again->expires_at, first->expires_at);
  EXPECT_TRUE(again->may_set_password);
  EXPECT_EQ(CountedOn(anna_), 0) << "it is no guess";
  EXPECT_EQ(CountEvents(anna_, model::Event::kProofFailed), 0);
  EXPECT_EQ(CountEvents(anna_, model::Event::kProofGiven), 1);
  EXPECT_TRUE(Set(again->session).ok());
}

TEST_F(Code, GetsTheSameAnswerByName) {
  const Mail mail = AskForMail("anna");
  const std::string key = Key();
  auto first = SubmitFor("anna", mail.code, NextAddress(), key);
  auto again = SubmitFor("anna", mail.code, NextAddress(), key);
  ASSERT_TRUE(first.ok() && again.ok());
  EXPECT_EQ(again->session.Reveal(), first->session.Reveal());
}

// Law 3: the answer is kept by the commit that uses the code up, though nobody heard of it.
TEST_F(Code, GetsTheAnswerThatACommitCouldNotGive) {
  const Mail mail = AskForMail("anna");
  const std::string key = Key();
  ledger_.LoseAnswerAfter(1);  // the first takes the tries
  EXPECT_EQ(ReasonOf(Submit(mail.handle, mail.code, NextAddress(), key)), Reason::kUnavailable);
  EXPECT_TRUE(Submit(mail.handle, mail.code, NextAddress(), key).ok());
}

// Law 4, attack C01: whoever has the key and the handle but not the digits guesses like anybody.
// Fails without: the digits in RepeatableGuess.
TEST_F(Code, IsCountedLikeAnyGuessUnderAKeyThatWasAnswered) {
  const Mail mail = AskForMail("anna");
  const std::string key = Key();
  ASSERT_TRUE(Submit(mail.handle, mail.code, NextAddress(), key).ok());
  for (int i = 1; i <= 5; ++i) {
    EXPECT_EQ(ReasonOf(Submit(mail.handle, WrongCode(mail.code, i), NextAddress(), key)),
              Reason::kWrong);
    EXPECT_EQ(CountedOn(anna_), i);
  }
  EXPECT_EQ(ReasonOf(Submit(mail.handle, WrongCode(mail.code, 6), NextAddress(), key)),
            Reason::kResting);
  EXPECT_EQ(ReasonOf(Submit(mail.handle, mail.code, NextAddress(), key)), Reason::kResting)
      << "a repetition passes the gate as well";
}

// Law 4: one code clears the counts once, however often its answer is asked for.
// Fails without: RightBefore (Right in its place).
TEST_F(Code, ClearsNoCountsWhenItsAnswerComesAgain) {
  const Mail mail = AskForMail("anna");
  const std::string key = Key();
  ASSERT_TRUE(Submit(mail.handle, mail.code, NextAddress(), key).ok());
  for (int i = 1; i <= 3; ++i)
    EXPECT_FALSE(Submit(mail.handle, WrongCode(mail.code, i), NextAddress()).ok());
  ASSERT_TRUE(Submit(mail.handle, mail.code, NextAddress(), key).ok());
  EXPECT_EQ(CountedOn(anna_), 3);
}

TEST_F(Code, IsAnsweredAgainForItsOwnHandleAndNameAlone) {
  const Mail mail = AskForMail("anna");
  const Mail other = AskForMailAside("anna");
  const std::string key = Key();
  ASSERT_TRUE(Submit(mail.handle, mail.code, NextAddress(), key).ok());
  EXPECT_EQ(ReasonOf(Submit(other.handle, mail.code, NextAddress(), key)), Reason::kWrong);
  EXPECT_EQ(ReasonOf(SubmitFor("anna", mail.code, NextAddress(), key)), Reason::kWrong);
  EXPECT_EQ(ReasonOf(SubmitFor("bruno", mail.code, NextAddress(), key)), Reason::kWrong);
}

// What is kept opens what the session opens: it dies with it, and long before.
// Fails without: GetRecovery in FindEarlierProof; `token_answers` in KeepToken.
TEST_F(Code, IsAnsweredAgainForMinutesAndOnlyWhileTheSessionLives) {
  std::string key = Key();
  Mail mail = AskForMail("anna");
  auto proof = Submit(mail.handle, mail.code, NextAddress(), key);
  ASSERT_TRUE(proof.ok());
  clock_.Advance(std::chrono::minutes(5) - Millis(1));
  EXPECT_TRUE(Submit(mail.handle, mail.code, NextAddress(), key).ok());
  clock_.Advance(Millis(1));
  EXPECT_EQ(ReasonOf(Submit(mail.handle, mail.code, NextAddress(), key)), Reason::kWrong);
  EXPECT_TRUE(GetRecovery(parts_, proof->session).ok()) << "the session itself lives on";

  mail = AskForMail("anna");
  proof = Submit(mail.handle, mail.code, NextAddress(), key);
  ASSERT_TRUE(proof.ok() && Set(proof->session).ok());
  EXPECT_EQ(ReasonOf(Submit(mail.handle, mail.code, NextAddress(), key)), Reason::kWrong)
      << "after the reset";

  const Secret stop = TokenIn(TakeMessages().at(0), courier::kFreezeToken);
  mail = AskForMail("anna");
  ASSERT_TRUE(Submit(mail.handle, mail.code, NextAddress(), key).ok());
  ASSERT_TRUE(FreezeBy(stop).ok());
  EXPECT_EQ(ReasonOf(Submit(mail.handle, mail.code, NextAddress(), key)), Reason::kWrong)
      << "after the freeze";
}

// Law 12: the database has neither the session nor anything that six more digits could be tried on.
TEST_F(Code, KeepsItsAnswerSealed) {
  const Mail mail = AskForMail("anna");
  const std::string key = Key();
  auto proof = Submit(mail.handle, mail.code, NextAddress(), key);
  ASSERT_TRUE(proof.ok());
  const auto rows = ledger_.Query([](ledger::Transaction& tx) {
    return tx.Run("SELECT request_key, payload_digest, answer_sealed FROM answers");
  });
  ASSERT_EQ(rows->rows.size(), 1u);
  const auto& row = rows->rows.front();
  EXPECT_EQ(row.Blob(2).view().find(proof->session.Reveal()), std::string_view::npos);
  const Bytes unkeyed = ledger::RequestKey("SubmitCode", key);
  EXPECT_NE(row.Blob(0), unkeyed);
  EXPECT_NE(row.Blob(1), unkeyed);
}

// A key ring that was rotated by the restart which lost the answer still finds it.
// Fails without: the loop over the versions in FindEarlierToken.
TEST_F(Code, GetsTheSameAnswerAfterTheTokenKeyWasRotated) {
  const Mail mail = AskForMail("anna");
  const std::string key = Key();
  auto first = Submit(mail.handle, mail.code, NextAddress(), key);
  ASSERT_TRUE(first.ok());
  ASSERT_TRUE(keys_.Rotate(crypto::KeyUse::kToken, random_).ok());
  auto again = Submit(mail.handle, mail.code, NextAddress(), key);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->session.Reveal(), first->session.Reveal());
}

// Law 3: the same request many times at once has one session.
// Fails without: FindEarlierProof after Accept.
TEST_F(Code, GetsOneAnswerHoweverOftenItComesAtOnce) {
  const Mail mail = AskForMail("anna");
  const std::string key = Key();
  constexpr int kCalls = 4;  // a fifth would have to wait for the lanes
  std::vector<std::string> sessions(kCalls);
  std::latch start(kCalls);
  std::vector<std::thread> threads;
  for (int i = 0; i < kCalls; ++i) {
    threads.emplace_back([&, i] {
      start.arrive_and_wait();
      auto proof = Submit(mail.handle, mail.code, "203.0.113." + std::to_string(i), key);
      if (proof.ok()) sessions[static_cast<size_t>(i)] = std::string(proof->session.Reveal());
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_FALSE(sessions[0].empty());
  for (const std::string& session : sessions) EXPECT_EQ(session, sessions[0]);
}

// Attack C04: padding and foreign digits are wrong guesses, counted like any other.
TEST_F(Code, IsExactlyEightAsciiDigits) {
  const Mail mail = AskForMail("anna");
  for (const std::string& text :
       {" " + mail.code, mail.code + " ", mail.code.substr(0, 4) + " " + mail.code.substr(4),
        std::string("１２３４５６７８")}) {
    EXPECT_EQ(ReasonOf(SubmitFor("anna", text, NextAddress())), Reason::kWrong);
  }
  EXPECT_EQ(gate_.Peek(signin::Subject::Customer(Load(anna_)), signin::SecretKind::kRecoveryCode)
                ->failures,
            4);
}

// Attack C01: the right code on the sixth try fails with the same answer.
TEST_F(Code, BearsFiveTriesAndNoMore) {
  const Mail mail = AskForMail("anna");
  for (int i = 1; i <= 5; ++i) {
    EXPECT_EQ(ReasonOf(SubmitFor("anna", WrongCode(mail.code, i), NextAddress())), Reason::kWrong);
  }
  // The account's lane rests now…
  EXPECT_EQ(ReasonOf(SubmitFor("anna", mail.code, NextAddress())), Reason::kResting);
  // …and once it is awake, the code itself is spent.
  Run([&](ledger::Transaction& tx) { return ledger::AdvanceLaneEpoch(tx, anna_); });
  EXPECT_EQ(ReasonOf(SubmitFor("anna", mail.code, NextAddress())), Reason::kWrong);
  EXPECT_TRUE(Open(mail.link).ok()) << "Law 5: guessing digits takes nothing from the link";
}

// Attack C02: new codes, new recoveries and other ways to name the account refresh no budget.
TEST_F(Code, SharesOneBudgetAcrossCodesAndNames) {
  const char* names[] = {"anna", "10000001", "anna@example.org", "ANNA", " anna "};
  Mail mail = AskForMail("anna");
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(ReasonOf(SubmitFor(names[i], WrongCode(mail.code, i + 1), NextAddress())),
              Reason::kWrong);
  }
  mail = AskForMail("anna");  // a resend
  EXPECT_EQ(ReasonOf(SubmitFor(names[4], WrongCode(mail.code, 9), NextAddress())), Reason::kWrong);
  EXPECT_EQ(ReasonOf(Submit(mail.handle, mail.code, NextAddress())), Reason::kResting);
  mail = AskForMail("anna");
  EXPECT_EQ(ReasonOf(Submit(mail.handle, mail.code, NextAddress())), Reason::kResting);
  EXPECT_TRUE(Open(mail.link).ok());
}

// Law 4, attack C03: a hundred guesses at once from a hundred sources, the right one among them.
TEST_F(Code, IsComparedFiveTimesHoweverManyGuessAtOnce) {
  const Mail mail = AskForMail("anna");
  constexpr int kGuesses = 100;
  std::atomic<int> right = 0, wrong = 0, resting = 0;
  std::latch start(kGuesses);
  std::vector<std::thread> threads;
  for (int i = 0; i < kGuesses; ++i) {
    threads.emplace_back([&, i] {
      const std::string guess = i == 50 ? mail.code : WrongCode(mail.code, i + 1);
      start.arrive_and_wait();
      auto proof = SubmitFor("anna", guess, "203.0.113." + std::to_string(i));
      if (proof.ok()) ++right;
      if (ReasonOf(proof) == Reason::kWrong) ++wrong;
      if (ReasonOf(proof) == Reason::kResting) ++resting;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(right + wrong + resting, kGuesses);
  // A right guess among the first five clears the lane once, so five more may be compared.
  EXPECT_LE(wrong, right == 0 ? 5 : 10);
  EXPECT_LE(right, 1);
}

// Attack L15 for codes: entered twice at the same moment, one gets the session.
TEST_F(Code, GivesOneSessionToManyWhoEnterItAtOnce) {
  const Mail mail = AskForMail("anna");
  std::atomic<int> right = 0;
  std::latch start(5);
  std::vector<std::thread> threads;
  for (int i = 0; i < 5; ++i) {
    threads.emplace_back([&, i] {
      start.arrive_and_wait();
      if (SubmitFor("anna", mail.code, "203.0.113." + std::to_string(i)).ok()) ++right;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(right, 1);
}

// Law 6, attack E05: unknown names and handles follow the same curve, answer for answer.
TEST_F(Code, WearsOutAlikeForStrangers) {
  const Mail mail = AskForMail("anna");
  auto stranger = Ask("nobody");
  ASSERT_TRUE(stranger.ok());
  Drain();
  for (int i = 1; i <= 20; ++i) {
    const std::string guess = WrongCode(mail.code, i);
    const std::string address = NextAddress();
    auto known = Submit(mail.handle, guess, address);
    auto unknown = Submit(stranger->handle, guess, address);
    auto by_name = SubmitFor("somebody else", guess, address);
    ASSERT_FALSE(known.ok() || unknown.ok() || by_name.ok());
    EXPECT_EQ(known.reason(), unknown.reason()) << i;
    EXPECT_EQ(known.reason(), by_name.reason()) << i;
    EXPECT_EQ(known.failure().retry_at, unknown.failure().retry_at) << i;
    clock_.Advance(std::chrono::minutes(1));
  }
}

// Law 5: strangers who wear out the account's lane do not keep a known device from its code.
TEST_F(Code, IsTakenFromAKnownDeviceWhileStrangersGuess) {
  const Secret device = crypto::NewToken(random_);
  Run([&](ledger::Transaction& tx) {
    return ledger::InsertDevice(tx, keys_, anna_, device, clock_.Now());
  });
  for (int i = 1; i <= 10; ++i) {
    EXPECT_FALSE(SubmitFor("anna", WrongCode("00000000", i), NextAddress()).ok());
  }
  const Mail mail = AskForMail("anna");
  EXPECT_EQ(ReasonOf(SubmitFor("anna", mail.code, NextAddress())), Reason::kResting);
  EXPECT_TRUE(SubmitCode(parts_, {.handle = {},
                                  .identifier = "anna",
                                  .code = Secret(mail.code),
                                  .idempotency_key = Key(),
                                  .source = From(),
                                  .device_token = device.Copy()})
                  .ok());
}

// Law 4: devices from before the last reset share one budget for codes, as for passwords.
// Fails without: the one lane of older devices in LanesOf (seen).
TEST_F(Code, IsGuessedByAllDevicesFromBeforeTheResetAsByOne) {
  std::vector<Secret> devices;
  for (int i = 0; i < 3; ++i) {
    devices.push_back(crypto::NewToken(random_));
    Run([&](ledger::Transaction& tx) {
      return ledger::InsertDevice(tx, keys_, anna_, devices.back(), clock_.Now());
    });
  }
  clock_.Advance(std::chrono::minutes(1));
  Run([&](ledger::Transaction& tx) {
    return ledger::PutVerifier(
        tx, store_, anna_, {.verifier = Password(anna_).verifier, .set_at = store_.clock.Now()});
  });
  const Mail mail = AskForMail("anna");
  int wrong = 0;
  for (int i = 0; i < 12; ++i) {
    const auto tried = SubmitCode(parts_, {.handle = {},
                                           .identifier = "anna",
                                           .code = Secret(WrongCode(mail.code, i + 1)),
                                           .idempotency_key = Key(),
                                           .source = From(),
                                           .device_token = devices[i % 3].Copy()});
    wrong += ReasonOf(tried) == Reason::kWrong ? 1 : 0;
  }
  EXPECT_EQ(wrong, 5);
  EXPECT_EQ(ReasonOf(SubmitFor("anna", WrongCode(mail.code, 13))), Reason::kWrong)
      << "nobody else's lane was spent";
}

// Guess checks fail closed (Law 10's other half), and nothing is compared.
TEST_F(Code, IsNotComparedWhileTheLedgerIsAway) {
  const Mail mail = AskForMail("anna");
  ledger_.GoAway(true);
  EXPECT_EQ(ReasonOf(Submit(mail.handle, mail.code)), Reason::kUnavailable);
  ledger_.GoAway(false);
  EXPECT_TRUE(Submit(mail.handle, mail.code).ok());
}

// A recovery that was begun on the web may be finished on the phone (Law 15): one recovery, one
// history.
TEST_F(Code, CountsWhicheverChannelItComesFrom) {
  const Mail mail = AskForMail("anna");
  auto proof = SubmitCode(parts_, {.handle = {},
                                   .identifier = "10000001",
                                   .code = Secret(mail.code),
                                   .idempotency_key = Key(),
                                   .source = From("+493012345678", model::Channel::kPhone),
                                   .device_token = {}});
  ASSERT_TRUE(proof.ok());
  EXPECT_EQ(Open(mail.link)->reference, proof->reference);
}

}  // namespace
}  // namespace latchkey::recovery
