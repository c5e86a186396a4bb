// SPDX-License-Identifier: Apache-2.0
// The answers that repeated requests get again, on every engine (Law 11).
#include <string>

#include "services/ledger/intakes.h"
#include "tests/contract/ledger/engines.h"

namespace latchkey::testing {
namespace {

using ledger::Transaction;

constexpr Millis kDay = std::chrono::hours(24);

bool Put(LedgerWorld& world, const Bytes& key, const std::string& text) {
  return world.ledger
      ->Transact([&](Transaction& tx) {
        return ledger::PutAnswer(tx, world.context,
                                 {.request_key = key,
                                  .payload_digest = key,
                                  .text = Secret(text),
                                  .expires_at = world.clock.Now() + kDay});
      })
      .value();
}
std::string Find(LedgerWorld& world, const Bytes& key) {
  const auto found = world.ledger
                         ->Query([&](Transaction& tx) {
                           return ledger::FindAnswer(tx, world.keys, key, world.clock.Now());
                         })
                         .value();
  return found ? std::string(found->text.Reveal()) : "none";
}

TEST_P(LedgerContract, KeepsTheFirstAnswerForItsDayAndAnotherAfterIt) {
  LedgerWorld world(GetParam());
  const Bytes key(world.random.Take(32));
  EXPECT_TRUE(Put(world, key, "first"));
  EXPECT_FALSE(Put(world, key, "second"));
  world.clock.Advance(kDay - Millis(1));
  EXPECT_FALSE(Put(world, key, "second"));
  EXPECT_EQ(Find(world, key), "first");
  world.clock.Advance(Millis(1));
  EXPECT_EQ(Find(world, key), "none");
  EXPECT_TRUE(Put(world, key, "second")) << "though nothing was swept";
  EXPECT_EQ(Find(world, key), "second");
}

}  // namespace
}  // namespace latchkey::testing
