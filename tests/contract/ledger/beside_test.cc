// SPDX-License-Identifier: Apache-2.0
// Whether key ring and checkpoint file belong to a ledger, on every engine.
#include "services/ledger/beside.h"

#include <fstream>
#include <string>
#include <vector>

#include "services/ledger/open.h"
#include "tests/contract/engines/postgres.h"
#include "tests/contract/ledger/journal_world.h"

namespace latchkey::testing {
namespace {

// Seen to fail with every ring let through.
TEST_P(LedgerContract, KnowsTheKeyRingThatItWasMadeWith) {
  JournalWorld world(GetParam());
  EXPECT_TRUE(ledger::CheckRing(*world.ledger, world.keys).ok());
  crypto::SystemRandom random;
  const crypto::KeyRing other = crypto::KeyRing::Generate(random);
  EXPECT_FALSE(ledger::CheckRing(*world.ledger, other).ok());
  // One altered entry is tampering, and for VerifyJournal to name.
  world.Tamper("UPDATE journal SET kind = 7 WHERE account_id = $1 AND seq = 1", world.ada);
  EXPECT_TRUE(ledger::CheckRing(*world.ledger, world.keys).ok());
  world.Tamper("DELETE FROM journal");
  EXPECT_TRUE(ledger::CheckRing(*world.ledger, other).ok()) << "nothing was made with any ring yet";
}

// Seen to fail with only the number compared, and with a lost file let through.
TEST_P(LedgerContract, KnowsWhetherTheNewestCheckpointIsItsOwn) {
  JournalWorld world(GetParam());
  const auto check = [&] {
    return ledger::CheckNewestCheckpoint(*world.ledger, world.keys, world.file);
  };
  const std::vector<std::string> lines = world.Lines();
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_TRUE(check().ok());
  world.WriteLines({lines[0]});  // the rest comes into the file with the next call
  EXPECT_TRUE(check().ok());
  world.WriteLines({lines[0], "latchkey-checkpoint-1 altered"});
  EXPECT_FALSE(check().ok());
  world.WriteLines({});
  EXPECT_FALSE(check().ok()) << "the file is lost";

  world.WriteLines(lines);
  world.Tamper("UPDATE checkpoints SET line = 'another' WHERE number = $1", 2);
  EXPECT_FALSE(check().ok());
  world.Tamper("DELETE FROM checkpoints WHERE number = $1", 2);
  EXPECT_FALSE(check().ok()) << "the ledger is an older copy";
  world.WriteLines({});
  EXPECT_FALSE(check().ok()) << "the file is lost";
  std::ofstream(world.file) << "latchkey-";  // a crash kept the very first line out of it
  EXPECT_TRUE(check().ok());
}

// SQLite's half, with the commands: tests/unit/operator. Seen to fail without WasNeverMigrated.
TEST(EmptyPostgres, IsNoLedgerBeforeMigrateAndNeverBesideACheckpointFile) {
  const Folder folder;
  const ledger::LedgerOptions options{
      .engine = "postgres", .path = {}, .conninfo = ThrowawayPostgres::Shared().NewDatabase()};
  const auto open = [&](ledger::WhereNone where_none) {
    return ledger::OpenBeside(options, folder / "checkpoints", where_none);
  };
  EXPECT_FALSE(open(ledger::WhereNone::kRefuse).ok());
  std::ofstream(folder / "checkpoints") << "of another day\n";
  EXPECT_FALSE(open(ledger::WhereNone::kMake).ok());
  std::filesystem::remove(folder / "checkpoints");
  ASSERT_TRUE(open(ledger::WhereNone::kMake).value()->Migrate().ok());
  std::ofstream(folder / "checkpoints") << "of this one\n";
  EXPECT_TRUE(open(ledger::WhereNone::kRefuse).ok());
  EXPECT_TRUE(open(ledger::WhereNone::kMake).ok());
}

}  // namespace
}  // namespace latchkey::testing
