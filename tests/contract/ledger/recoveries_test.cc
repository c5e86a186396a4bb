// SPDX-License-Identifier: Apache-2.0
// Recoveries on every engine.
#include "services/ledger/recoveries.h"

#include <cstring>

#include "services/ledger/intakes.h"
#include "tests/contract/ledger/engines.h"

namespace latchkey::testing {
namespace {

using ledger::OpenedRecovery;
using ledger::Transaction;

Result<OpenedRecovery> OpenBy(const ledger::StoreContext& context, LedgerWorld& world,
                              AccountId account, int64_t security_epoch) {
  return world.ledger->Transact([&](Transaction& tx) {
    return ledger::OpenOrJoinRecovery(tx, context,
                                      {.account_id = account,
                                       .security_epoch = security_epoch,
                                       .now = world.clock.Now(),
                                       .lifetime = Millis(60'000)});
  });
}

Result<OpenedRecovery> Open(LedgerWorld& world, AccountId account, int64_t security_epoch) {
  return OpenBy(world.context, world, account, security_epoch);
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

class Zeros final : public Random {
 public:
  void Fill(void* out, size_t size) override { std::memset(out, 0, size); }
};

// Two nodes that make one id in one millisecond. Fails without: the key that OpenOrJoinRecovery and
// InsertIntake name in ON CONFLICT (seen: "neither opened nor joined", and no intake).
TEST_P(LedgerContract, OpensAndKeepsUnderAnotherIdWhatMetATakenOne) {
  LedgerWorld world(GetParam());
  Zeros zeros;
  IdMaker ids[] = {{world.clock, zeros}, {world.clock, zeros}};
  const auto context = [&](int node) {
    return ledger::StoreContext{world.clock, world.random, ids[node], world.keys};
  };
  const AccountId ada = world.AddAccount("ada"), eve = world.AddAccount("eve");
  const auto first = OpenBy(context(0), world, ada, 1), second = OpenBy(context(1), world, eve, 1);
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_FALSE(second->joined);
  EXPECT_NE(second->recovery.id, first->recovery.id);

  world.clock.Advance(Millis(1));
  for (int node : {0, 1}) {
    const auto kept = world.ledger->Transact([&](Transaction& tx) {
      const ledger::Intake intake{.handle = Secret(std::string(32, static_cast<char>('a' + node)))};
      return ledger::InsertIntake(
          tx, context(node), intake,
          {.request_key = ledger::RequestKey("Begin", std::to_string(node)), .next_at = {}});
    });
    EXPECT_TRUE(kept.ok() && *kept) << node;
  }
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
