// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <latch>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/unit/recovery/world.h"

namespace latchkey::recovery {
namespace {

class NewPassword : public World {
 protected:
  // A session that may set Anna's password.
  Secret Session() {
    const Mail mail = AskForMail("anna");
    return Open(mail.link)->session.Copy();
  }
  std::optional<PasswordIssue> IssueOf(const Secret& session, std::string_view password) {
    auto set = Set(session, password);
    if (set.ok() || set.reason() != Reason::kPasswordUnsuitable) return std::nullopt;
    return set.failure().password.issue;
  }
  // Everything that a reset changes, as text, so that before and after can be told apart from
  // anything in between.
  std::string StateOfAnna() {
    const auto account = Load(anna_);
    std::string state = std::to_string(account.security_epoch) + "/" +
                        std::to_string(account.lane_epoch) + "/" + Password(anna_).verifier;
    Run([&](ledger::Transaction& tx) -> Done {
      LATCHKEY_ASSIGN(auto live, ledger::FindLiveRecovery(tx, anna_, clock_.Now()));
      LATCHKEY_ASSIGN(auto tokens, tx.Run("SELECT COUNT(*), SUM(CASE WHEN used_at IS NULL THEN 1 "
                                          "ELSE 0 END) FROM tokens"));
      LATCHKEY_ASSIGN(auto outbox, tx.Run("SELECT COUNT(*) FROM outbox"));
      LATCHKEY_ASSIGN(auto journal, tx.Run("SELECT COUNT(*) FROM journal"));
      LATCHKEY_ASSIGN(auto answers, tx.Run("SELECT COUNT(*) FROM answers"));
      state += live ? "/live/" : "/ended/";
      for (const auto* rows : {&tokens, &outbox, &journal, &answers})
        state += std::to_string(rows->front().Int(0)) + ".";
      state += std::to_string(tokens.front().Int(1));
      return {};
    });
    return state;
  }
};

// Laws 1, 2: all of it at once, in every channel.
TEST_F(NewPassword, ReplacesTheOldOneAndEndsEverythingBefore) {
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(SignInWith("anna", "a wrong one, and another").ok());
  clock_.Advance(std::chrono::hours(1));
  auto signed_in = SignInWith("anna", kOldPassword);
  ASSERT_TRUE(signed_in.ok());
  const Secret session = Session();
  auto reference = Set(session);
  ASSERT_TRUE(reference.ok());

  EXPECT_TRUE(SignInWith("anna@example.org", kNewPassword).ok());
  EXPECT_EQ(ReasonOf(SignInWith("anna", kOldPassword)), Reason::kWrong);
  EXPECT_EQ(ReasonOf(sign_in_.GetSession(signed_in->session_token)), Reason::kExpired);
  EXPECT_EQ(ReasonOf(GetRecovery(parts_, session)), Reason::kUsed);
  EXPECT_EQ(CountEvents(anna_, model::Event::kPasswordReset), 1);
  EXPECT_EQ(Load(anna_).security_epoch, 2);
}

// A reset clears locks and counts together: one typing error after it locks nobody (users' ask 3).
TEST_F(NewPassword, LeavesNoFailureBehind) {
  for (int i = 0; i < 8; ++i)
    EXPECT_FALSE(SignInWith("anna", "wrong number " + std::to_string(i)).ok());
  ASSERT_TRUE(Set(Session()).ok());
  EXPECT_EQ(ReasonOf(SignInWith("anna", "one typing error here")), Reason::kWrong);
  EXPECT_TRUE(SignInWith("anna", kNewPassword).ok());
}

// Law 3, attack L15: two hundred at once with a password each; one wins, and it is the one in
// force.
TEST_F(NewPassword, IsSetByOneOfTwoHundredAtOnce) {
  const Mail mail = AskForMail("anna");
  constexpr int kRacers = 200, kSessions = 20;
  parts_.rules.password_offers.capacity = kRacers;
  std::vector<Secret> sessions;
  for (int i = 0; i < kSessions; ++i) sessions.push_back(Open(mail.link)->session.Copy());
  std::atomic<int> won = 0, used = 0, other = 0, winner = -1;
  std::latch start(kRacers);
  std::vector<std::thread> threads;
  for (int i = 0; i < kRacers; ++i) {
    threads.emplace_back([&, i] {
      start.arrive_and_wait();
      auto set = Set(sessions[static_cast<size_t>(i % kSessions)],
                     "lively herring number " + std::to_string(i));
      if (set.ok()) {
        ++won;
        winner = i;
      } else if (set.reason() == Reason::kUsed) {
        ++used;
      } else {
        ++other;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(won, 1);
  EXPECT_EQ(used, kRacers - 1);
  EXPECT_EQ(other, 0);
  EXPECT_TRUE(PasswordIs(anna_, "lively herring number " + std::to_string(winner)));
  EXPECT_EQ(CountEvents(anna_, model::Event::kPasswordReset), 1);
  EXPECT_EQ(Load(anna_).security_epoch, 2);
}

// The same request from an impatient client, many times at once: one effect and one answer (attack
// P08).
TEST_F(NewPassword, AnswersTheSameRequestAlikeHoweverOftenItComes) {
  const Secret session = Session();
  const std::string key = Key();
  constexpr int kRepeats = 8;
  std::atomic<int> answered = 0;
  std::latch start(kRepeats);
  std::vector<std::thread> threads;
  for (int i = 0; i < kRepeats; ++i) {
    threads.emplace_back([&] {
      start.arrive_and_wait();
      if (Set(session, kNewPassword, key).ok()) ++answered;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(answered, kRepeats);
  EXPECT_EQ(CountEvents(anna_, model::Event::kPasswordReset), 1);
  EXPECT_EQ(ReasonOf(Set(session, "quite another herring", key)), Reason::kConflict);
  const Mail bruno = AskForMailAside("bruno");
  EXPECT_EQ(ReasonOf(Set(Open(bruno.link)->session, kNewPassword, key)), Reason::kConflict);
  EXPECT_TRUE(PasswordIs(bruno_, kOldPassword));
}

// Law 11: the commit happened, and its answer was lost on the way. The same request gets it.
TEST_F(NewPassword, IsNotLostWithItsAnswer) {
  const Secret session = Session();
  const std::string key = Key();
  // The first commit of SetPassword only looks; the answer of the second is the one that matters.
  auto ground = GetRecovery(parts_, session);
  ASSERT_TRUE(ground.ok());
  ledger_.LoseAnswerAfter(1);
  auto first = Set(session, kNewPassword, key);
  auto second = Set(session, kNewPassword, key);
  ASSERT_TRUE(second.ok());
  EXPECT_TRUE(!first.ok() || *first == *second);
  EXPECT_EQ(CountEvents(anna_, model::Event::kPasswordReset), 1);
}

// Law 2, attack D04: a failure at any statement leaves everything as it was.
TEST_F(NewPassword, IsAllOrNothingAtEveryStatement) {
  parts_.rules.password_offers.capacity = 1000;
  const Secret session = Session();
  const std::string before = StateOfAnna();
  const std::string key = Key();
  int64_t n = 1;
  for (;; ++n) {
    ledger_.FailAtStatement(n);
    auto set = Set(session, kNewPassword, key);
    const bool went_through = ledger_.statements() < n;
    ledger_.FailAtStatement(0);
    if (went_through) {
      ASSERT_TRUE(set.ok());
      break;
    }
    ASSERT_FALSE(set.ok()) << "statement " << n;
    ASSERT_EQ(StateOfAnna(), before) << "statement " << n;
    ASSERT_TRUE(PasswordIs(anna_, kOldPassword));
  }
  EXPECT_GT(n, 20) << "there are that many things to do";
  EXPECT_NE(StateOfAnna(), before);
  EXPECT_TRUE(PasswordIs(anna_, kNewPassword));
}

// Law 9, attack S08: every address, the replaced ones too, each with a link of its own that
// freezes.
TEST_F(NewPassword, IsToldToEveryAddress) {
  Run([&](ledger::Transaction& tx) -> Done {
    LATCHKEY_TRY(
        tx.Run("UPDATE contacts SET removed_at = $2 WHERE id = (SELECT MAX(id) FROM "
               "contacts WHERE account_id = $1)",
               anna_, clock_.Now()));
    return {};
  });
  clock_.Advance(std::chrono::days(89));
  const Secret session = Session();
  auto reference = Set(session);
  ASSERT_TRUE(reference.ok());
  const auto messages = TakeMessages();
  ASSERT_EQ(messages.size(), 2u) << "removed 89 days ago, it is still told";
  std::set<std::string> tokens;
  for (const auto& message : messages) {
    EXPECT_EQ(message.template_name, courier::kPasswordResetNotice);
    EXPECT_EQ(ValueOf(message, courier::kReference), *reference);
    for (const auto& [name, value] : message.values)
      EXPECT_EQ(value.find(kNewPassword), std::string::npos) << name;
    tokens.insert(ValueOf(message, courier::kFreezeToken));
  }
  EXPECT_EQ(tokens.size(), 2u);
  EXPECT_TRUE(FreezeBy(TokenIn(messages[1], courier::kFreezeToken)).ok());
  EXPECT_EQ(Load(anna_).state, model::AccountState::kFrozen);
}

// Attack S10: one policy, and the session survives a refusal.
TEST_F(NewPassword, MustBeSuitable) {
  const Secret session = Session();
  EXPECT_EQ(IssueOf(session, "short"), PasswordIssue::kTooShort);
  EXPECT_EQ(IssueOf(session, ""), PasswordIssue::kTooShort);
  EXPECT_EQ(IssueOf(session, std::string(1025, 'x')), PasswordIssue::kTooLong);
  EXPECT_EQ(IssueOf(session, std::string("fifteen\0fifteen and on", 22)), PasswordIssue::kNotText);
  EXPECT_EQ(IssueOf(session, "anna@example.org"), PasswordIssue::kContext);
  EXPECT_EQ(IssueOf(session, "musterbank123456"), PasswordIssue::kContext);
  EXPECT_EQ(IssueOf(session, "passwordpassword"), PasswordIssue::kGuessable);
  EXPECT_EQ(IssueOf(session, kOldPassword), PasswordIssue::kUnchanged);
  EXPECT_TRUE(PasswordIs(anna_, kOldPassword));
  EXPECT_TRUE(Set(session).ok());
}

// Comparing with the old password must not become an oracle for it, however many sessions a link
// opens.
TEST_F(NewPassword, MayBeOfferedOnlySoOftenInOneRecovery) {
  const Mail mail = AskForMail("anna");
  // Whoever looks for words that are long enough has time: nothing was compared.
  for (int64_t i = 0; i < parts_.rules.password_offers.capacity; ++i)
    EXPECT_EQ(IssueOf(Open(mail.link)->session, "short"), PasswordIssue::kTooShort);
  for (int64_t i = 0; i < parts_.rules.password_offers.capacity; ++i)
    EXPECT_EQ(IssueOf(Open(mail.link)->session, kOldPassword), PasswordIssue::kUnchanged);
  const Secret session = Open(mail.link)->session.Copy();
  auto refused = Set(session);
  ASSERT_EQ(ReasonOf(refused), Reason::kResting);
  clock_.Set(refused.failure().retry_at);
  EXPECT_TRUE(Set(session).ok());
}

// Nor may repeating the request that set it become one for the password in force.
// Fails without: the budget in AnswerAgain (seen: none was told to wait).
TEST_F(NewPassword, MayBeRepeatedOnlySoOften) {
  const Secret session = Session();
  const std::string key = Key();
  auto first = Set(session, kNewPassword, key);
  ASSERT_TRUE(first.ok());
  for (int64_t i = 0; i < parts_.rules.password_repeats.capacity; ++i)
    EXPECT_EQ(ReasonOf(Set(session, "a guess of mine " + std::to_string(i), key)),
              Reason::kConflict);
  auto refused = Set(session, kNewPassword, key);
  ASSERT_EQ(ReasonOf(refused), Reason::kResting);
  clock_.Set(refused.failure().retry_at);
  auto again = Set(session, kNewPassword, key);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(*again, *first);
}

// R02: those who wait for the same request hold so many threads and no more.
// Fails without: kLongestQueue in OneAtATime::Enter (seen: the last one waited, too).
TEST(OneAtATime, TurnsAwayWhomItHasNoRoomFor) {
  OneAtATime one;
  const Bytes key{std::string("a request")};
  std::vector<std::thread> waiting;
  std::atomic<int> entered = 0;
  {
    const auto turn = one.Enter(key, Millis(0));
    ASSERT_TRUE(turn.has_value());
    for (int i = 0; i < OneAtATime::kLongestQueue; ++i)
      waiting.emplace_back(
          [&] { entered += one.Enter(key, std::chrono::minutes(1)).has_value() ? 1 : 0; });
    while (one.waiting() < OneAtATime::kLongestQueue) std::this_thread::yield();
    const auto before = std::chrono::steady_clock::now();
    EXPECT_FALSE(one.Enter(key, std::chrono::seconds(10)).has_value());
    EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(5));
    EXPECT_TRUE(one.Enter(Bytes(std::string("another")), Millis(0)).has_value());
  }
  for (std::thread& thread : waiting) thread.join();
  EXPECT_EQ(entered, OneAtATime::kLongestQueue);
}

// Attack X03: one normal form, whichever channel typed it.
TEST_F(NewPassword, IsTheSameInEitherUnicodeForm) {
  ASSERT_TRUE(Set(Session(), "vierzig su\u0308\u00dfe A\u0308pfel").ok());
  EXPECT_TRUE(SignInWith("anna", "vierzig s\u00fc\u00dfe \u00c4pfel").ok());
}

// NIST SP 800-63B-4, 3.1.1.2: eight characters where another factor stands beside it.
TEST_F(NewPassword, MayBeShorterBesideAnotherFactor) {
  Run([&](ledger::Transaction& tx) -> Done {
    return ledger::PutVerifier(tx, store_, anna_,
                               {.kind = model::AuthenticatorKind::kTotp,
                                .verifier = "totp",
                                .set_at = store_.clock.Now()});
  });
  const Mail mail = AskForMail("anna");
  auto proof = Open(mail.link);
  EXPECT_EQ(proof->min_password_characters, 8u);
  EXPECT_TRUE(Set(proof->session, "vT7$qz2!").ok());
}

// Attack K09: frozen between the proof and the password.
TEST_F(NewPassword, IsNotSetOnAFrozenAccount) {
  const Secret session = Session();
  Run([&](ledger::Transaction& tx) -> Done {
    auto changed = ledger::ChangeAccountState(tx, anna_, model::AccountState::kActive,
                                              model::AccountState::kFrozen);
    return changed.ok() ? Done() : Done(changed.failure());
  });
  EXPECT_EQ(ReasonOf(Set(session)), Reason::kStopped);
  EXPECT_TRUE(PasswordIs(anna_, kOldPassword));
}

// Attack S01: nothing but a session that was proven in this recovery sets a password.
TEST_F(NewPassword, IsNotSetByAnythingButAProvenSession) {
  const Mail mail = AskForMail("anna");
  EXPECT_EQ(ReasonOf(Set(mail.link)), Reason::kExpired);
  EXPECT_EQ(ReasonOf(Set(mail.handle)), Reason::kExpired);
  auto signed_in = SignInWith("anna", kOldPassword);
  EXPECT_EQ(ReasonOf(Set(signed_in->session_token)), Reason::kExpired);
  EXPECT_TRUE(PasswordIs(anna_, kOldPassword));
}

// Law 12: nothing that opens anything lies readable in the stores.
TEST_F(NewPassword, LeavesNoSecretInTheStores) {
  const Mail mail = AskForMail("anna");
  const Secret session = Open(mail.link)->session.Copy();
  ASSERT_TRUE(Set(session).ok());
  std::string content;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.path())) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    content.append(std::istreambuf_iterator<char>(file), {});
  }
  ASSERT_GT(content.size(), 10'000u);
  for (const std::string& secret :
       {std::string(kNewPassword), std::string(mail.link.Reveal()), mail.code,
        std::string(session.Reveal()), std::string(mail.handle.Reveal()),
        std::string("anna@example.org"), crypto::ToBase64Url(mail.link.Reveal())}) {
    EXPECT_EQ(content.find(secret), std::string::npos) << secret.size();
  }
}

}  // namespace
}  // namespace latchkey::recovery
