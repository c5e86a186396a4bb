// SPDX-License-Identifier: Apache-2.0
// Recoveries on every engine.
#include "services/ledger/recoveries.h"

#include "tests/contract/ledger/engines.h"

namespace latchkey::testing {
namespace {

using ledger::OpenedRecovery;
using ledger::Transaction;

Result<OpenedRecovery> Open(LedgerWorld& world, AccountId account, int64_t security_epoch) {
  return world.ledger->Transact([&](Transaction& tx) {
    return ledger::OpenOrJoinRecovery(tx, world.context,
                                      {.account_id = account,
                                       .security_epoch = security_epoch,
                                       .now = world.clock.Now(),
                                       .lifetime = Millis(60'000)});
  });
}

std::optional<model::Recovery> Live(LedgerWorld& world, AccountId account) {
  return world.ledger
      ->Query(
          [&](Transaction& tx) { return ledger::FindLiveRecovery(tx, account, world.clock.Now()); })
      .value();
}

TEST_P(LedgerContract, JoinsTheLiveRecoveryOfItsEpochAndProlongsIt) {
  LedgerWorld world(GetParam());
  const AccountId account = world.AddAccount("ada");
  const OpenedRecovery first = Open(world, account, 1).value();
  EXPECT_FALSE(first.joined);
  world.clock.Advance(Millis(1'000));
  const OpenedRecovery second = Open(world, account, 1).value();
  EXPECT_TRUE(second.joined);
  EXPECT_EQ(second.recovery.id, first.recovery.id);
  EXPECT_EQ(second.recovery.expires_at, world.clock.Now() + Millis(60'000));
}

TEST_P(LedgerContract, StopsTheRecoveryOfAnEarlierEpoch) {
  LedgerWorld world(GetParam());
  const AccountId account = world.AddAccount("ada");
  const OpenedRecovery before = Open(world, account, 1).value();
  const OpenedRecovery after = Open(world, account, 2).value();
  EXPECT_FALSE(after.joined);
  EXPECT_EQ(Live(world, account)->id, after.recovery.id);
  auto ended = world.ledger->Query(
      [&](Transaction& tx) { return ledger::FindRecovery(tx, before.recovery.id); });
  EXPECT_EQ(ended.value()->state, model::RecoveryState::kStopped);
}

// Under READ COMMITTED a worker may have read the account just before a reset moved its epoch.
// Fails without: "<" where dead recoveries make room (seen: the newer recovery was stopped), and
// the epoch where the live one is joined (seen: the stale worker joined it).
TEST_P(LedgerContract, NeitherStopsNorJoinsTheRecoveryOfALaterEpoch) {  // Law 3
  LedgerWorld world(GetParam());
  const AccountId account = world.AddAccount("ada");
  const OpenedRecovery newer = Open(world, account, 2).value();
  world.clock.Advance(Millis(1'000));
  EXPECT_FALSE(Open(world, account, 1).ok());
  const auto live = Live(world, account);
  ASSERT_TRUE(live);
  EXPECT_EQ(live->id, newer.recovery.id);
  EXPECT_EQ(live->security_epoch, 2);
  EXPECT_EQ(live->expires_at, newer.recovery.expires_at) << "not prolonged either";
}

}  // namespace
}  // namespace latchkey::testing
