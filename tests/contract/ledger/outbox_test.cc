// SPDX-License-Identifier: Apache-2.0
// The outbox on every engine.
#include "services/ledger/outbox.h"

#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "tests/contract/ledger/engines.h"

namespace latchkey::testing {
namespace {

using ledger::LeasedMessage;
using ledger::MessageState;
using ledger::Rows;
using ledger::Transaction;

constexpr Millis kLease{60'000};

MessageId Put(LedgerWorld& world, AccountId id, Millis lives = Millis(600'000)) {
  auto put = world.ledger->Transact([&](Transaction& tx) {
    return ledger::Enqueue(tx, world.context,
                           {.account_id = id,
                            .contact_id = ContactId{1},
                            .recovery_id = RecoveryId{2},
                            .template_name = "recovery",
                            .values = {{"code", "12345678"}, {"empty", ""}},
                            .expires_at = world.clock.Now() + lives});
  });
  EXPECT_TRUE(put.ok()) << put.failure().detail;
  return put.value();
}

std::vector<LeasedMessage> Lease(LedgerWorld& world, int limit) {
  auto leased = world.ledger->Transact(
      [&](Transaction& tx) { return ledger::LeaseMessages(tx, world.context, limit, kLease); });
  EXPECT_TRUE(leased.ok()) << leased.failure().detail;
  return leased.value();
}

// state, and whether a payload is still kept
std::pair<MessageState, bool> StateOf(LedgerWorld& world, MessageId id) {
  Rows rows = world.ledger
                  ->Query([&](Transaction& tx) {
                    return tx.Run("SELECT state, payload_sealed FROM outbox WHERE id = $1", id);
                  })
                  .value();
  return {rows.front().Enumerated<MessageState>(0), !rows.front().IsNull(1)};
}

TEST_P(LedgerContract, GivesAMessageAsItWasPut) {
  LedgerWorld world(GetParam());
  AccountId id = world.AddAccount("ada");
  MessageId put = Put(world, id);
  std::vector<LeasedMessage> leased = Lease(world, 10);
  ASSERT_EQ(leased.size(), 1u);
  EXPECT_EQ(leased[0].id, put);
  EXPECT_EQ(leased[0].account_id, id);
  EXPECT_EQ(leased[0].recovery_id, RecoveryId{2});
  EXPECT_EQ(leased[0].case_id, CaseId{});
  EXPECT_EQ(leased[0].template_name, "recovery");
  EXPECT_EQ(leased[0].values.at("code"), "12345678");
  EXPECT_EQ(leased[0].values.at("empty"), "");
  EXPECT_EQ(leased[0].attempts, 1);
}

TEST_P(LedgerContract, KeepsNoCodeInClearInTheOutbox) {  // Law 12
  LedgerWorld world(GetParam());
  MessageId put = Put(world, world.AddAccount("ada"));
  Rows rows = world.ledger
                  ->Query([&](Transaction& tx) {
                    return tx.Run("SELECT payload_sealed FROM outbox WHERE id = $1", put);
                  })
                  .value();
  EXPECT_EQ(rows.front().Blob(0).data.find("12345678"), std::string::npos);
}

TEST_P(LedgerContract, GivesNoMessageToTwoOfEightWorkers) {
  LedgerWorld world(GetParam());
  AccountId id = world.AddAccount("ada");
  constexpr size_t kMessages = 100;
  for (size_t n = 0; n < kMessages; ++n) Put(world, id);
  std::mutex mutex;
  std::multiset<int64_t> had;
  std::vector<std::thread> workers;
  for (int n = 0; n < 8; ++n) {
    workers.emplace_back([&] {
      while (true) {
        {
          std::lock_guard lock(mutex);
          if (had.size() >= kMessages) return;
        }
        for (const LeasedMessage& message : Lease(world, 5)) {
          std::lock_guard lock(mutex);
          had.insert(message.id.value);
        }
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  EXPECT_EQ(had.size(), kMessages);
  EXPECT_EQ(std::set<int64_t>(had.begin(), had.end()).size(), kMessages);
}

TEST_P(LedgerContract, GivesAMessageAgainWhenItsLeaseHasEnded) {  // Law 11
  LedgerWorld world(GetParam());
  Put(world, world.AddAccount("ada"));
  EXPECT_EQ(Lease(world, 1).size(), 1u);
  EXPECT_TRUE(Lease(world, 1).empty());
  world.clock.Advance(kLease);
  std::vector<LeasedMessage> again = Lease(world, 1);
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0].attempts, 2);
}

TEST_P(LedgerContract, ShredsTheCodeOnceAMessageHasEnded) {  // Law 12
  LedgerWorld world(GetParam());
  MessageId id = Put(world, world.AddAccount("ada"));
  Lease(world, 1);
  EXPECT_TRUE(StateOf(world, id).second);
  auto end = [&](MessageState state) {
    auto ended = world.ledger->Transact(
        [&](Transaction& tx) { return ledger::EndMessage(tx, id, state, world.clock.Now(), ""); });
    EXPECT_TRUE(ended.ok());
    return ended.value();
  };
  EXPECT_TRUE(end(MessageState::kAccepted));
  EXPECT_EQ(StateOf(world, id), std::make_pair(MessageState::kAccepted, false));
  EXPECT_FALSE(end(MessageState::kSetAside)) << "the first word stands";
  EXPECT_EQ(StateOf(world, id), std::make_pair(MessageState::kAccepted, false));
  world.clock.Advance(kLease);
  EXPECT_TRUE(Lease(world, 1).empty());
}

TEST_P(LedgerContract, HandsOutExpiredMessagesSoThatTheirEndIsWrittenDown) {  // Law 13
  LedgerWorld world(GetParam());
  MessageId late = Put(world, world.AddAccount("ada"), Millis(1'000));
  world.clock.Advance(Millis(1'000));
  std::vector<LeasedMessage> leased = Lease(world, 1);
  ASSERT_EQ(leased.size(), 1u);
  EXPECT_EQ(leased[0].id, late);
  EXPECT_EQ(StateOf(world, late), std::make_pair(MessageState::kQueued, true));
}

TEST_P(LedgerContract, TakesAMessageBackFromTheOneWhoHasItAndFromNobodyElse) {
  LedgerWorld world(GetParam());
  Put(world, world.AddAccount("ada"));
  auto give_back = [&](const LeasedMessage& message) {
    EXPECT_TRUE(world.ledger
                    ->Commit([&](Transaction& tx) {
                      return ledger::GiveBackMessage(tx, message, world.clock.Now());
                    })
                    .ok());
  };
  const LeasedMessage first = Lease(world, 1).at(0);
  give_back(first);
  EXPECT_EQ(Lease(world, 1).at(0).attempts, 1) << "due at once, and not counted";
  world.clock.Advance(kLease);
  EXPECT_EQ(Lease(world, 1).at(0).attempts, 2);
  give_back(first);
  EXPECT_TRUE(Lease(world, 1).empty()) << "another worker has it since";
}

TEST_P(LedgerContract, PostponesAndCounts) {
  LedgerWorld world(GetParam());
  AccountId id = world.AddAccount("ada");
  MessageId first = Put(world, id);
  Put(world, id);
  Done done = world.ledger->Commit([&](Transaction& tx) -> Done {
    LATCHKEY_TRY(ledger::PostponeMessage(tx, first, world.clock.Now() + Millis(5'000),
                                         ledger::LastTry::kNotTaken, "the relay is away"));
    LATCHKEY_ASSIGN(auto counts, ledger::CountOutbox(tx));
    EXPECT_EQ(counts.waiting, 2);
    EXPECT_EQ(counts.set_aside, 0);
    return {};
  });
  EXPECT_TRUE(done.ok());
  EXPECT_EQ(Lease(world, 10).size(), 1u);
  world.clock.Advance(Millis(5'000));
  EXPECT_EQ(Lease(world, 10).size(), 1u);
  done = world.ledger->Commit([&](Transaction& tx) -> Done {
    LATCHKEY_TRY(
        ledger::EndMessage(tx, first, MessageState::kSetAside, world.clock.Now(), "no such box"));
    LATCHKEY_ASSIGN(auto counts, ledger::CountOutbox(tx));
    EXPECT_EQ(counts.waiting, 1);
    EXPECT_EQ(counts.set_aside, 1);
    return {};
  });
  EXPECT_TRUE(done.ok());
}

}  // namespace
}  // namespace latchkey::testing
