// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <unistd.h>

#include <atomic>
#include <fstream>
#include <mutex>
#include <set>
#include <thread>

#include "services/ledger/cases.h"
#include "tests/unit/recovery/world.h"

namespace latchkey::recovery {
namespace {

class BeginRecovery : public World {};

// Law 6, attack E01.
TEST_F(BeginRecovery, AnswersAlikeWhoeverIsMeant) {
  Run([&](ledger::Transaction& tx) -> Done {
    auto frozen = ledger::ChangeAccountState(tx, bruno_, model::AccountState::kActive,
                                             model::AccountState::kFrozen);
    return frozen.ok() ? Done() : Done(frozen.failure());
  });
  for (const char* name : {"anna", "anna@example.org", "10000001", "bruno", "nobody"}) {
    ledger_.FailAtStatement(0);
    auto begun = Ask(name);
    ASSERT_TRUE(begun.ok()) << name;
    EXPECT_EQ(begun->handle.size(), crypto::kTokenBytes);
    EXPECT_EQ(begun->expires_at, clock_.Now() + parts_.rules.lifetime);
    // The same work: one small write, and nothing is looked up.
    EXPECT_EQ(ledger_.statements(), 1) << name;
  }
}

TEST_F(BeginRecovery, RefusesATextThatCanBeNobodysName) {
  EXPECT_EQ(ReasonOf(Ask(std::string("an\0na", 5))), Reason::kMalformed);
}

// Attack P08.
TEST_F(BeginRecovery, CountsOnceWhenItIsSentAgain) {
  const BeginRequest request{.identifier = "anna",
                             .intent = model::Intent::kReset,
                             .source = From(),
                             .idempotency_key = Key()};
  auto first = Begin(parts_, request);
  clock_.Advance(std::chrono::seconds(3));
  auto second = Begin(parts_, request);
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_TRUE(first->handle.Matches(second->handle));
  EXPECT_EQ(first->expires_at, second->expires_at);
  Drain();
  EXPECT_EQ(TakeMessages().size(), 1u);

  BeginRequest other = request;
  other.identifier = "bruno";
  EXPECT_EQ(ReasonOf(Begin(parts_, other)), Reason::kConflict);
  other = request;
  other.intent = model::Intent::kUnlock;
  EXPECT_EQ(ReasonOf(Begin(parts_, other)), Reason::kConflict);
}

// From a tab that was restored, or by a proxy. Fails without: making room for it in Store (seen: a
// handle that is dead, and no message).
TEST_F(BeginRecovery, StartsAnewWhenItIsSentAgainAfterItsTime) {  // Laws 10, 11
  const BeginRequest request{.identifier = "anna",
                             .intent = model::Intent::kReset,
                             .source = From(),
                             .idempotency_key = Key()};
  ASSERT_TRUE(Begin(parts_, request).ok());
  Drain();
  TakeMessages();
  clock_.Advance(parts_.rules.lifetime);
  BeginRequest other = request;
  other.identifier = "bruno";
  EXPECT_EQ(ReasonOf(Begin(parts_, other)), Reason::kConflict);
  const auto again = Begin(parts_, request);
  ASSERT_TRUE(again.ok());
  EXPECT_GT(again->expires_at, clock_.Now());
  Drain();
  EXPECT_EQ(TakeMessages().size(), 1u);
}

// Law 10: starting a recovery never closes. Over budget it is kept and worked on later.
TEST_F(BeginRecovery, IsKeptAndSlowedWhenASourceAsksTooMuch) {
  parts_.rules.begins.source.capacity = 2;
  for (const char* name : {"nobody", "nobody", "anna"}) ASSERT_TRUE(Ask(name).ok());
  Drain();
  EXPECT_TRUE(TakeMessages().empty());
  clock_.Advance(parts_.rules.slowed);
  Drain();
  EXPECT_EQ(TakeMessages().size(), 1u);
}

// Law 5: what was slowed is due before what comes later, and yet must not stand before it. Fails
// without: `after_others` in LeaseIntakes (sixty-four of the flood came first).
TEST_F(BeginRecovery, IsWorkedOnBeforeAFloodThatIsDue) {
  parts_.rules.begins.source.capacity = 1;
  for (int i = 0; i < 200; ++i) ASSERT_TRUE(Ask("nobody").ok());
  clock_.Advance(parts_.rules.slowed + Millis(1));
  ASSERT_TRUE(Begin(parts_, {.identifier = "anna",
                             .intent = model::Intent::kReset,
                             .source = From("192.0.2.2"),
                             .idempotency_key = Key()})
                  .ok());
  ASSERT_EQ(DrainIntakes(parts_).value(), 64);
  EXPECT_EQ(TakeMessages().size(), 1u);
  Drain();
}

// Law 10: a flood while the ledger is away leaves room in the spool for people. Fails without: the
// half in JoinLocked.
TEST_F(BeginRecovery, FindsRoomInASpoolThatAFloodHasFilled) {
  ledger_.GoAway(true);
  Spool small({.folder = folder_.path() / "small", .largest_bytes = 10'000}, keys_, random_);
  const Parts cramped = PartsWith(small, *hot_state_);
  const auto ask = [&](const std::string& from) {
    return ReasonOf(Begin(cramped, {.identifier = "anna",
                                    .intent = model::Intent::kReset,
                                    .source = From(from),
                                    .idempotency_key = Key()}));
  };
  for (int i = 0; i < 100; ++i) ask("198.51.100.7");
  EXPECT_EQ(ask("198.51.100.7"), Reason::kUnavailable);
  EXPECT_EQ(ask("192.0.2.2"), std::nullopt);
}

// Where lanes and ledger are in one database they are away together, and nobody is over a budget.
// Fails without: kUnknown in SpendBudget (the second half was refused).
TEST_F(BeginRecovery, HasTheWholeSpoolWhileTheBudgetsAreAwayToo) {
  struct Away final : hotstate::HotState {
    static Failure Gone() { return Fail(Reason::kUnavailable, "away"); }
    using Lanes = std::vector<hotstate::Lane>;
    Result<hotstate::Reservation> Reserve(const Lanes&, uint64_t, TimePoint) override {
      return Gone();
    }
    Done SettleWrong(const Lanes&, uint64_t, TimePoint) override { return Gone(); }
    Done SettleRight(const Lanes&, TimePoint) override { return Gone(); }
    Done Release(const Lanes&, TimePoint) override { return Gone(); }
    Result<hotstate::LaneState> Peek(const hotstate::Lane&, TimePoint) override { return Gone(); }
    Result<hotstate::Spending> Take(const std::vector<hotstate::Budget>&, TimePoint) override {
      return Gone();
    }
    Result<int64_t> Sweep(TimePoint) override { return Gone(); }
    std::string_view engine() const override { return "away"; }
    Done Ping() override { return Gone(); }
  } away;
  const auto kept = [&](hotstate::HotState& hot_state, const char* folder) {
    Spool small({.folder = folder_.path() / folder, .largest_bytes = 10'000}, keys_, random_);
    const Parts cramped = PartsWith(small, hot_state);
    int count = 0;
    while (Begin(cramped, {.identifier = "anna",
                           .intent = model::Intent::kReset,
                           .source = From(),
                           .idempotency_key = Key()})
               .ok())
      ++count;
    return count;
  };
  ledger_.GoAway(true);
  EXPECT_GT(kept(away, "away"), kept(*hot_state_, "there") + 5);
}

// Laws 10, 11: kept on the disk of this node while the ledger is away, also over a restart.
TEST_F(BeginRecovery, SurvivesALedgerThatIsAway) {
  ledger_.GoAway(true);
  const BeginRequest request{.identifier = "anna",
                             .intent = model::Intent::kReset,
                             .source = From(),
                             .idempotency_key = Key()};
  auto begun = Begin(parts_, request);
  auto again = Begin(parts_, request);
  ASSERT_TRUE(begun.ok() && again.ok());
  EXPECT_TRUE(begun->handle.Matches(again->handle));
  EXPECT_FALSE(DrainSpool(parts_).ok());

  Spool restarted({.folder = folder_.path() / "spool"}, keys_, random_);
  const Parts parts = PartsWith(restarted, *hot_state_);
  ledger_.GoAway(false);
  EXPECT_EQ(DrainSpool(parts).value(), 1);
  EXPECT_EQ(DrainSpool(parts).value(), 0);
  Drain();
  const auto messages = TakeMessages();
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_TRUE(Submit(begun->handle, ValueOf(messages[0], courier::kCode)).ok());
}

// Law 11: the commit happened, and its answer was lost.
TEST_F(BeginRecovery, IsNotDoubledWhenTheLedgersAnswerIsLost) {
  ledger_.LoseNextAnswer();
  auto begun = Ask("anna");
  ASSERT_TRUE(begun.ok());
  EXPECT_EQ(DrainSpool(parts_).value(), 1);
  Drain();
  const auto messages = TakeMessages();
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_TRUE(Submit(begun->handle, ValueOf(messages[0], courier::kCode)).ok());
}

// Law 12: what waits in the spool is sealed, and a record that a crash cut short is passed over.
TEST_F(BeginRecovery, LeavesNothingReadableInTheSpool) {
  ledger_.GoAway(true);
  ASSERT_TRUE(Ask("anna@example.org").ok());
  const auto file = folder_.path() / "spool" / "intakes.spool";
  std::ifstream stream(file, std::ios::binary);
  const std::string content{std::istreambuf_iterator<char>(stream), {}};
  EXPECT_FALSE(content.empty());
  EXPECT_EQ(content.find("anna"), std::string::npos);

  std::ofstream(file, std::ios::binary | std::ios::app) << std::string("\0\0\1\0half", 8);
  Spool restarted({.folder = folder_.path() / "spool"}, keys_, random_);
  size_t stored = 0;
  const auto store = [&](const std::vector<SpooledIntake>& some) -> Done {
    stored += some.size();
    return {};
  };
  EXPECT_TRUE(restarted.Drain(store).ok());
  EXPECT_EQ(stored, 1u);
}

TEST_F(BeginRecovery, RefusesWhenTheSpoolIsFull) {
  ledger_.GoAway(true);
  Spool small({.folder = folder_.path() / "small", .largest_bytes = 100}, keys_, random_);
  const Parts cramped = PartsWith(small, *hot_state_);
  EXPECT_EQ(ReasonOf(Begin(cramped, {.identifier = "anna",
                                     .intent = model::Intent::kReset,
                                     .source = From(),
                                     .idempotency_key = Key()})),
            Reason::kUnavailable);
}

// The spool alone, and a disk that a test holds up or fails.
class Spooling : public World {
 protected:
  // Each its own request, unless the number is the same.
  SpooledIntake Request(int number) {
    return {.request_key = ledger::RequestKey("Begin", std::to_string(number)),
            .intake = {.id = {},
                       .identifier = {.kind = model::IdentifierKind::kLogin, .text = "anna"},
                       .source = From(),
                       .handle = crypto::NewToken(random_),
                       .made_at = clock_.Now(),
                       .expires_at = clock_.Now() + std::chrono::minutes(30)}};
  }
  // Keeps requests `first` to `last` from a thread each; how many were acknowledged.
  int KeepAtOnce(Spool& spool, int first, int last) {
    std::atomic<int> acknowledged = 0;
    std::vector<std::thread> threads;
    for (int i = first; i <= last; ++i)
      threads.emplace_back([&, i] { acknowledged += spool.Keep(Request(i)).ok() ? 1 : 0; });
    for (auto& thread : threads) thread.join();
    return acknowledged;
  }
  // What another process would find.
  std::set<Bytes> KeptIn(const std::filesystem::path& folder) {
    const Folder copy;
    std::filesystem::copy(folder, copy.path());
    Spool restarted({.folder = copy.path()}, keys_, random_);
    std::set<Bytes> keys;
    auto drained = restarted.Drain([&](const std::vector<SpooledIntake>& some) -> Done {
      for (const SpooledIntake& spooled : some)
        EXPECT_TRUE(keys.insert(spooled.request_key).second);
      return {};
    });
    EXPECT_TRUE(drained.ok());
    return keys;
  }
};

// Laws 10, 11: those who come while the disk is busy share the next write, so that the spool takes
// a flood as the ledger does. Seen to hang with the lock held while the disk works.
TEST_F(Spooling, WritesTogetherWhatComesWhileTheDiskIsBusy) {
  const auto folder = folder_.path() / "shared";
  std::atomic<int> syncs = 0;
  std::unique_ptr<Spool> spool;
  const auto sync = [&](int file) {
    if (++syncs == 1)
      while (spool->gathered() < 7) std::this_thread::yield();
    return ::fsync(file) == 0;
  };
  spool = std::make_unique<Spool>(Spool::Options{.folder = folder, .sync = sync}, keys_, random_);
  EXPECT_EQ(KeepAtOnce(*spool, 1, 8), 8);
  EXPECT_EQ(syncs, 2);
  EXPECT_EQ(KeptIn(folder).size(), 8u);
}

// Law 10: a full spool is stored before its handles end. Seen to fail with one at a time.
TEST_F(Spooling, IsStoredManyAtATimeAndForgottenWhenAllAre) {
  Spool spool({.folder = folder_.path() / "many"}, keys_, random_);
  EXPECT_EQ(KeepAtOnce(spool, 1, 65), 65);
  std::vector<size_t> stored;
  const auto store = [&](const std::vector<SpooledIntake>& some) -> Done {
    stored.push_back(some.size());
    return stored.size() == 2 ? Done(Fail(Reason::kUnavailable)) : Done();
  };
  EXPECT_FALSE(spool.Drain(store).ok());
  EXPECT_EQ(spool.Drain(store).value(), 65) << "all of them again";
  EXPECT_EQ(stored, std::vector<size_t>({64, 1, 64, 1}));
  EXPECT_EQ(spool.Drain(store).value(), 0);
}

// Law 11: of a write that the disk failed nobody is told that it was kept, and nothing stays of it.
TEST_F(Spooling, RefusesAllWhoSharedAWriteThatFailed) {
  const auto folder = folder_.path() / "failing";
  std::atomic<int> syncs = 0;
  std::unique_ptr<Spool> spool;
  const auto sync = [&](int file) {
    const int n = ++syncs;
    if (n == 1)
      while (spool->gathered() < 3) std::this_thread::yield();
    return ::fsync(file) == 0 && n != 2;
  };
  spool = std::make_unique<Spool>(Spool::Options{.folder = folder, .sync = sync}, keys_, random_);
  EXPECT_EQ(KeepAtOnce(*spool, 1, 4), 1);
  EXPECT_EQ(syncs, 2);
  EXPECT_EQ(KeptIn(folder).size(), 1u);
  // The disk is well again: each that was refused comes again, and waits once.
  EXPECT_EQ(KeepAtOnce(*spool, 1, 5), 5);
  EXPECT_EQ(KeptIn(folder).size(), 5u);
}

// Law 11: what a process wrote that was killed before the disk had it.
TEST_F(Spooling, AcknowledgesWhatItFoundOnlyWhenTheDiskHasIt) {
  const auto folder = folder_.path() / "found";
  ASSERT_TRUE(Spool({.folder = folder}, keys_, random_).Keep(Request(1)).ok());
  bool well = false;
  Spool spool({.folder = folder, .sync = [&](int) { return well; }}, keys_, random_);
  EXPECT_EQ(ReasonOf(spool.Keep(Request(1))), Reason::kUnavailable);
  well = true;
  EXPECT_TRUE(spool.Keep(Request(1)).ok());
}

// Attack P08: one request sent several times at once is one, with one answer.
TEST_F(Spooling, KeepsOneRequestOnceThoughItComesSeveralTimesAtOnce) {
  for (int round = 0; round < 20; ++round) {
    const auto folder = folder_.path() / ("repeated" + std::to_string(round));
    Spool spool({.folder = folder}, keys_, random_);
    std::mutex mutex;
    std::set<std::string> handles;
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        auto kept = spool.Keep(Request(round));
        ASSERT_TRUE(kept.ok());
        std::lock_guard lock(mutex);
        handles.emplace(kept->handle.Reveal());
      });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(handles.size(), 1u);
    EXPECT_EQ(KeptIn(folder), std::set<Bytes>({Request(round).request_key}));
  }
}

TEST_F(BeginRecovery, PutsACallBackBeforeAPersonOnce) {
  const auto ask = [&](const char* number) {
    return AskForPerson(parts_, {.customer_number = number,
                                 .source = From("+493012345678", model::Channel::kPhone),
                                 .idempotency_key = Key()});
  };
  EXPECT_TRUE(ask("10000001").ok());
  EXPECT_TRUE(ask("10000001").ok());
  EXPECT_TRUE(ask("99999999").ok());
  Drain();
  const auto waiting =
      ledger_.Query([&](ledger::Transaction& tx) { return ledger::ListWaitingCases(tx, 10); });
  ASSERT_EQ(waiting->size(), 1u);
  EXPECT_EQ(waiting->front().account_id, anna_);
  EXPECT_EQ(CountEvents(anna_, model::Event::kCallBackAsked), 1);
}

TEST_F(BeginRecovery, LetsNoSecondProcessHaveTheSpool) {
  auto first =
      std::make_unique<Spool>(Spool::Options{.folder = folder_.path() / "mine"}, keys_, random_);
  Spool second({.folder = folder_.path() / "mine"}, keys_, random_);
  ASSERT_TRUE(first->Claim().ok());
  EXPECT_EQ(second.Claim().reason(), Reason::kUnavailable);
  first.reset();
  EXPECT_TRUE(second.Claim().ok());
}

}  // namespace
}  // namespace latchkey::recovery
