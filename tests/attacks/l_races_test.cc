// SPDX-License-Identifier: Apache-2.0
// Attacks that spend one secret many times at the same moment, on both nodes.
#include <atomic>
#include <latch>
#include <thread>

#include "tests/attacks/bank.h"

namespace latchkey::attacks {
namespace {

class Race : public Attack {
 protected:
  // Runs `work(i)` on so many threads from one moment on.
  static void AtOnce(int threads, const std::function<void(int)>& work) {
    std::latch start(threads);
    std::vector<std::thread> all;
    for (int i = 0; i < threads; ++i) {
      all.emplace_back([&, i] {
        start.arrive_and_wait();
        work(i);
      });
    }
    for (std::thread& each : all) each.join();
  }
};

// L15: as many as the bound on offers lets through, each with a password of its own, on two nodes:
// one wins, and it is the password in force. Twelve rounds.
// Fails without: all that Write finds under the row of the recovery: CheckLive, the epoch and
// `used_at` in Hold, SaysEnded, `enough`, and `after`, `ended` and `moved` (seen: six to ten won).
TEST_F(Race, OneOfManyWhoSpendALinkSetsThePassword) {
  Caller on_a = Web("web a", &A()), on_b = Web("web b", &B());
  constexpr int kRounds = 12, kRacers = 10;
  for (int round = 0; round < kRounds; ++round) {
    const Customer one =
        AddCustomer("Racer", "racer" + std::to_string(round), std::to_string(20000000 + round));
    on_a.Call(&v1::Recovery::Stub::Begin, BeginFor(one.login, NextAddress()));
    const std::string link = OneLetter().link();
    std::vector<v1::SetPasswordRequest> requests;
    for (int i = 0; i < kRacers; ++i) {
      Caller& at = i % 2 == 0 ? on_a : on_b;
      const auto proof = at.Call(&v1::Recovery::Stub::OpenLink, OpenBy(link));
      requests.push_back(
          SetBy(proof.value().recovery_session(), "lively herring number " + std::to_string(i)));
    }
    MayChange(one);
    std::atomic<int> won = 0, used = 0, winner = -1;
    AtOnce(kRacers, [&](int i) {
      Caller& at = i % 2 == 0 ? on_a : on_b;
      const auto set = at.Call(&v1::Recovery::Stub::SetPassword, requests[static_cast<size_t>(i)]);
      if (set.ok()) {
        ++won;
        winner = i;
      } else if (set.reason() == v1::REFUSAL_REASON_USED) {
        ++used;
      }
    });
    ASSERT_EQ(won, 1) << "round " << round;
    EXPECT_EQ(used, kRacers - 1);
    for (int i = 0; i < kRacers; ++i)
      EXPECT_EQ(PasswordIs(one, "lively herring number " + std::to_string(i)), i == winner);
    EXPECT_EQ(Count(one, model::Event::kPasswordReset), 1);
    EXPECT_EQ(Letters().size(), 2u) << "one notice to each address";
  }
}

// L15, C04: a code that is entered at both nodes at the same moment opens one session.
// Fails without: `if (!ours)` after ConsumeToken in SubmitCode (seen).
TEST_F(Race, OneOfManyWhoEnterACodeGetsIn) {
  Caller on_a = Web("web a", &A()), on_b = Web("web b", &B());
  for (int round = 0; round < 8; ++round) {
    const Customer one =
        AddCustomer("Racer", "racer" + std::to_string(round), std::to_string(20000000 + round));
    on_a.Call(&v1::Recovery::Stub::Begin, BeginFor(one.login, NextAddress()));
    const std::string code = OneLetter().code();
    std::vector<std::string> addresses;
    for (int i = 0; i < 5; ++i) addresses.push_back(NextAddress());
    std::atomic<int> right = 0;
    AtOnce(5, [&](int i) {
      Caller& at = i % 2 == 0 ? on_a : on_b;
      if (at.Call(&v1::Recovery::Stub::SubmitCode,
                  CodeFor(one.login, code, addresses[static_cast<size_t>(i)]))
              .ok())
        ++right;
    });
    EXPECT_EQ(right, 1) << "round " << round;
  }
}

// C03: hundreds of guesses at once, from as many flows and addresses, on both nodes, the right one
// among them: five are compared; ten if the right one was, since it clears the account's lane.
// Fails without: `if (!reserved.granted)` in GuessGate::Try: every guess was let through (seen).
TEST_F(Race, FiveOfHundredsOfParallelGuessesAreCompared) {
  Caller on_a = Web("web a", &A()), on_b = Web("web b", &B());
  constexpr int kGuesses = 300, kThreads = 20;
  std::vector<v1::SubmitCodeRequest> guesses;
  std::string code;
  for (int i = 0; i < kGuesses; ++i) {
    const std::string address = NextAddress();
    const auto begun = on_a.Call(&v1::Recovery::Stub::Begin, BeginFor("anna", address));
    if (i == 0) code = OneLetter().code();
    guesses.push_back(
        CodeBy(begun.value().handle(), i == 150 ? code : WrongCode(code, i + 1), address));
  }
  const int64_t before = A().effort().guesses + B().effort().guesses;
  std::atomic<int> right = 0, next = 0;
  AtOnce(kThreads, [&](int thread) {
    Caller& at = thread % 2 == 0 ? on_a : on_b;
    for (int i = next++; i < kGuesses; i = next++) {
      if (at.Call(&v1::Recovery::Stub::SubmitCode, guesses[static_cast<size_t>(i)]).ok()) ++right;
    }
  });
  const int64_t compared = A().effort().guesses + B().effort().guesses - before;
  EXPECT_LE(right, 1);
  EXPECT_LE(compared, right == 0 ? 5 : 10);
  EXPECT_LE(Count(anna_, model::Event::kProofFailed), 10);
  EXPECT_LE(Letters().size(), 2u) << "two more in the hour, however many asked";
}

// K01: five hundred wrong passwords at once on both nodes: five hashes, and no more for anybody.
// Fails without: `if (!reserved.granted)` in GuessGate::Try: all were hashed (seen).
TEST_F(Race, FiveOfHundredsOfParallelPasswordsAreHashed) {
  Caller on_a = Web("web a", &A()), on_b = Web("web b", &B());
  constexpr int kGuesses = 500, kThreads = 20;
  std::vector<v1::SignInRequest> guesses;
  for (int i = 0; i < kGuesses; ++i)
    guesses.push_back(SignInAs("anna", "wrong " + std::to_string(i), NextAddress()));
  const int64_t before = A().effort().hashes + B().effort().hashes;
  std::atomic<int> next = 0, in = 0;
  AtOnce(kThreads, [&](int thread) {
    Caller& at = thread % 2 == 0 ? on_a : on_b;
    for (int i = next++; i < kGuesses; i = next++) {
      if (at.Call(&v1::SignIn::Stub::SignIn, guesses[static_cast<size_t>(i)]).ok()) ++in;
    }
  });
  EXPECT_EQ(in, 0);
  EXPECT_EQ(A().effort().hashes + B().effort().hashes - before, 5);
  EXPECT_EQ(Count(anna_, model::Event::kSignInFailed), 5);
  EXPECT_EQ(Count(anna_, model::Event::kSignInResting), 1);
  EXPECT_EQ(on_b.Call(&v1::SignIn::Stub::SignIn, SignInAs("anna", anna_.password, NextAddress()))
                .reason(),
            v1::REFUSAL_REASON_RESTING);
}

}  // namespace
}  // namespace latchkey::attacks
