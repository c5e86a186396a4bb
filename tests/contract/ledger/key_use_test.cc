// SPDX-License-Identifier: Apache-2.0
// What hangs on a key, on every engine.
#include "services/ledger/key_use.h"

#include <functional>
#include <map>
#include <string>
#include <utility>

#include "services/ledger/intakes.h"
#include "services/ledger/recoveries.h"
#include "services/ledger/sessions.h"
#include "services/ledger/tokens.h"
#include "tests/contract/ledger/engines.h"

namespace latchkey::testing {
namespace {

using ledger::Transaction;
using Counts = std::map<std::string, int64_t>;

constexpr Millis kHour = std::chrono::hours(1);

Counts Named(Result<std::vector<ledger::KeyUser>> users) {
  EXPECT_TRUE(users.ok());
  Counts counts;
  for (const ledger::KeyUser& user : *users) counts[std::string(user.what)] = user.rows;
  return counts;
}
Counts UnderKey(LedgerWorld& world, crypto::KeyUse use, int version) {
  return Named(world.ledger->Query(
      [&](Transaction& tx) { return ledger::CountUnderKey(tx, world.keys, use, version); }));
}
Counts UnderToken(LedgerWorld& world, TimePoint made_until) {
  const TimePoint now = world.clock.Now();
  return Named(world.ledger->Query([&](Transaction& tx) {
    return ledger::CountUnderTokenKey(
        tx, {.made_until = made_until, .now = now, .devices_since = now - 24 * kHour});
  }));
}

// A link, a session, a proof, a device and a request of this moment.
void MakeOneOfEach(LedgerWorld& world, AccountId id) {
  const TimePoint now = world.clock.Now();
  auto secret = [&] { return Secret(world.random.Take(32)); };
  const Bytes request(world.random.Take(32));
  Done made = world.ledger->Commit([&](Transaction& tx) -> Done {
    LATCHKEY_ASSIGN(const auto account, ledger::LoadAccount(tx, id));
    auto link = ledger::InsertToken(
        tx, world.context,
        {.account_id = id, .security_epoch = account.security_epoch, .expires_at = now + kHour},
        secret());
    if (!link.ok()) return link.failure();
    LATCHKEY_TRY(ledger::InsertSession(tx, world.keys, secret(),
                                       {.account_id = id,
                                        .security_epoch = account.security_epoch,
                                        .made_at = now,
                                        .idle_expires_at = now + kHour,
                                        .expires_at = now + kHour}));
    LATCHKEY_TRY(ledger::InsertEvidence(tx, world.context,
                                        {.id = {},
                                         .account_id = id,
                                         .security_epoch = account.security_epoch,
                                         .recovery_id = {},
                                         .case_id = {},
                                         .contact_id = {},
                                         .staff_id = {},
                                         .at = now,
                                         .fresh_until = now + kHour}));
    LATCHKEY_TRY(ledger::InsertDevice(tx, world.keys, id, secret(), now));
    LATCHKEY_TRY(ledger::InsertIntake(
        tx, world.context,
        {.id = {},
         .identifier = {.kind = model::IdentifierKind::kLogin, .text = "ada"},
         .source = {.channel = model::Channel::kWeb, .address = "192.0.2.1", .language = "en"},
         .handle = secret(),
         .made_at = now,
         .expires_at = now + kHour},
        {.request_key = request, .next_at = now}));
    LATCHKEY_TRY(ledger::PutAnswer(tx, world.context,
                                   {.request_key = request,
                                    .payload_digest = request,
                                    .text = Secret("R-7K2M-9QXA"),
                                    .expires_at = now + kHour}));
    return {};
  });
  ASSERT_TRUE(made.ok()) << made.failure().detail;
}

TEST_P(LedgerContract, CountsWhatATokenKeyMadeWhileItLives) {
  LedgerWorld world(GetParam());
  const AccountId id = world.AddAccount("ada");
  const TimePoint first = world.clock.Now();
  MakeOneOfEach(world, id);
  world.clock.Advance(std::chrono::minutes(1));
  MakeOneOfEach(world, id);
  const Counts one{{"links, codes and recovery sessions", 1},
                   {"sessions", 1},
                   {"proofs", 1},
                   {"known devices", 1},
                   {"requests of the last day", 1}};
  EXPECT_EQ(UnderToken(world, first), one) << "what was made later is under the next version";
  EXPECT_EQ(UnderToken(world, first - Millis(1)), Counts());
  EXPECT_EQ(UnderToken(world, world.clock.Now())["known devices"], 2);
  world.clock.Advance(kHour);
  const Counts later{{"known devices", 1}, {"requests of the last day", 1}};
  EXPECT_EQ(UnderToken(world, first), later) << "the rest has ended";
  world.clock.Advance(24 * kHour);
  EXPECT_EQ(UnderToken(world, first).contains("known devices"), false);
}

TEST_P(LedgerContract, CountsWhatIsSealedUnderAFieldKeyByKind) {
  LedgerWorld world(GetParam());
  MakeOneOfEach(world, world.AddAccount("ada"));
  const Counts all{{"accounts", 1},
                   {"passwords of customers", 1},
                   {"requests of the last day", 1},
                   {"answers of the last day", 1}};
  EXPECT_EQ(UnderKey(world, crypto::KeyUse::kField, 1), all);
  EXPECT_EQ(UnderKey(world, crypto::KeyUse::kField, 2), Counts());
  EXPECT_EQ(UnderKey(world, crypto::KeyUse::kField, 256), Counts()) << "all four bytes count";
}

}  // namespace
}  // namespace latchkey::testing
