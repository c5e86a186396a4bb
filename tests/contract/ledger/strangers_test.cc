// SPDX-License-Identifier: Apache-2.0
// What is written for a name that nobody has takes as long as a customer's entry only if as much is
// written (Law 6, attack E03): a page of SQLite's log each is some fifteen microseconds.
#include <filesystem>

#include "services/ledger/journal.h"
#include "services/ledger/strangers.h"
#include "tests/contract/ledger/engines.h"

namespace latchkey::testing {
namespace {

using ledger::Transaction;

constexpr int kEntries = 40;

// Bytes by which the log grew for each.
template <typename Write>
double BytesOfEach(LedgerWorld& world, Write&& write) {
  const auto log = world.engine.folder() / "ledger.db-wal";
  const auto before = std::filesystem::file_size(log);
  for (int i = 0; i < kEntries; ++i) {
    Done done = world.ledger->Commit(write);
    EXPECT_TRUE(done.ok()) << done.failure().detail;
  }
  return static_cast<double>(std::filesystem::file_size(log) - before) / kEntries;
}

// Fails without: the rows of their own for entry and index in ImitateAppend (seen: a page against
// three).
TEST(Strangers, WriteAsManyPagesAsACustomersEntry) {
  LedgerWorld world("sqlite");
  const AccountId ada = world.AddAccount("ada");
  const auto append = [&](Transaction& tx) {
    return ledger::Append(tx, world.context,
                          {.account_id = ada, .event = model::Event::kSignInFailed});
  };
  const auto imitate = [&](Transaction& tx) {
    return ledger::ImitateAppend(tx, world.context, ada);
  };
  Done filled = world.ledger->Commit([&](Transaction& tx) -> Done {  // as after the first hundreds
    for (int64_t i = 0; i < 64; ++i)
      LATCHKEY_TRY(ledger::ImitateAppend(tx, world.context, AccountId{i}));
    return {};
  });
  ASSERT_TRUE(filled.ok()) << filled.failure().detail;
  const double entry = BytesOfEach(world, append), imitation = BytesOfEach(world, imitate);
  EXPECT_GT(entry, 3 * 4096);
  EXPECT_NEAR(imitation / entry, 1, 0.15) << imitation << " bytes against " << entry;
}

}  // namespace
}  // namespace latchkey::testing
