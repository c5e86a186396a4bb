// SPDX-License-Identifier: Apache-2.0
// The devices that an account knows, on every engine.
#include <string>
#include <vector>

#include "services/ledger/sessions.h"
#include "tests/contract/ledger/engines.h"

namespace latchkey::testing {
namespace {

using ledger::Transaction;
using std::chrono::minutes;

Secret Insert(LedgerWorld& world, AccountId id) {
  Secret token(world.random.Take(32));
  world.clock.Advance(minutes(1));
  Done inserted = world.ledger->Commit([&](Transaction& tx) {
    return ledger::InsertDevice(tx, world.keys, id, token, world.clock.Now());
  });
  EXPECT_TRUE(inserted.ok());
  return token;
}
ledger::Device Find(LedgerWorld& world, AccountId id, const Secret& token) {
  return world.ledger
      ->Query([&](Transaction& tx) {
        return ledger::FindDevice(tx, world.keys, id, token, TimePoint{});
      })
      .value();
}

// Fails without: the DELETE in InsertDevice (seen).
TEST_P(LedgerContract, KnowsTenDevicesAndForgetsTheOneSeenLongestAgo) {
  LedgerWorld world(GetParam());
  const AccountId id = world.AddAccount("ada"), other = world.AddAccount("bob");
  const Secret others = Insert(world, other);
  std::vector<Secret> devices;
  for (int i = 0; i < ledger::kDevicesOfAnAccount; ++i) devices.push_back(Insert(world, id));
  const Bytes first = Find(world, id, devices[0]).digest;
  Done touched = world.ledger->Commit(
      [&](Transaction& tx) { return ledger::TouchDevice(tx, first, world.clock.Now()); });
  ASSERT_TRUE(touched.ok());
  for (const Secret& device : devices) EXPECT_FALSE(Find(world, id, device).digest.empty());
  devices.push_back(Insert(world, id));
  EXPECT_TRUE(Find(world, id, devices[1]).digest.empty()) << "seen longest ago";
  for (const size_t kept : {0, 2, 9, 10})
    EXPECT_FALSE(Find(world, id, devices[kept]).digest.empty()) << kept;
  EXPECT_FALSE(Find(world, other, others).digest.empty()) << "somebody else's";
}

// Fails without: the comparison with changed_at in FindDevice (seen).
TEST_P(LedgerContract, KnowsWhichDevicesAreFromBeforeThePassword) {
  LedgerWorld world(GetParam());
  const AccountId id = world.AddAccount("ada");
  const Secret before = Insert(world, id);
  EXPECT_FALSE(Find(world, id, before).is_older);
  world.clock.Advance(minutes(1));
  Done set = world.ledger->Commit([&](Transaction& tx) {
    return ledger::PutVerifier(tx, world.context, id,
                               {.verifier = "new", .set_at = world.context.clock.Now()});
  });
  ASSERT_TRUE(set.ok());
  EXPECT_TRUE(Find(world, id, before).is_older);
  EXPECT_FALSE(Find(world, id, Insert(world, id)).is_older);
}

}  // namespace
}  // namespace latchkey::testing
