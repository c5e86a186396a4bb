// SPDX-License-Identifier: Apache-2.0
// The journal on every engine: that no change to a chain stays hidden (Law 13, D07).
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "crypto/chain.h"
#include "tests/contract/ledger/journal_world.h"

namespace latchkey::testing {
namespace {

using ledger::JournalReport;
using ledger::Rows;
using ledger::Transaction;

TEST_P(LedgerContract, VerifiesAJournalThatNobodyTouched) {
  JournalWorld world(GetParam());
  int64_t last_done = 0, last_all = 0;
  auto report =
      ledger::VerifyJournal(*world.ledger, world.keys, world.file, [&](int64_t done, int64_t all) {
        EXPECT_GE(done, last_done);
        last_done = done;
        last_all = all;
      });
  ASSERT_TRUE(report.ok());
  EXPECT_FALSE(report->first_fault.has_value()) << report->first_fault->what;
  EXPECT_EQ(report->entries, 15);
  EXPECT_EQ(report->chains, 3);
  EXPECT_EQ(report->checkpoints, 2);
  EXPECT_EQ(last_done, 15);
  EXPECT_EQ(last_all, 15);
}

TEST_P(LedgerContract, KeepsEachChainWholeUnderConcurrentAppends) {
  LedgerWorld world(GetParam());
  AccountId id = world.AddAccount("ada");
  std::vector<std::thread> threads;
  for (int n = 0; n < 8; ++n) {
    threads.emplace_back([&, n] {
      for (int i = 0; i < 25; ++i) {
        Done done = world.ledger->Commit([&](Transaction& tx) {
          // n odd: the service's chain, whose first entry is raced for too
          return ledger::Append(tx, world.context,
                                {.account_id = n % 2 == 0 ? id : AccountId{}, .details = "x"});
        });
        ASSERT_TRUE(done.ok()) << done.failure().detail;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  auto report = ledger::VerifyJournal(*world.ledger, world.keys, world.engine.folder() / "cp", {});
  EXPECT_FALSE(report.value().first_fault.has_value()) << report.value().first_fault->what;
  EXPECT_EQ(report.value().entries, 201);
}

TEST_P(LedgerContract, ReadsTheNewestEntriesFirst) {
  JournalWorld world(GetParam());
  auto lines =
      world.ledger
          ->Query([&](Transaction& tx) { return ledger::LoadRecent(tx, world.keys, world.ada, 3); })
          .value();
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0].seq, 6);
  EXPECT_EQ(lines[0].entry.event, model::Event::kSignedIn);
  EXPECT_EQ(lines[1].entry.details, "note");
  EXPECT_GT(lines[0].at, lines[1].at);
}

TEST_P(LedgerContract, FindsTheNewestEntryThatIsSoughtAmongTheLast) {
  JournalWorld world(GetParam());
  const StaffId tess{7};
  const CaseId seen{9};
  for (const char* reason : {"first", "second"}) {
    world.clock.Advance(Millis(10));
    world.Put({.account_id = world.ada,
               .event = model::Event::kStaffViewed,
               .staff_id = tess,
               .case_id = seen,
               .details = reason});
  }
  const TimePoint at = world.clock.Now();
  world.Put({.account_id = world.ada, .event = model::Event::kNote, .details = "after it"});
  auto find = [&](ledger::EntrySought sought) {
    auto line = world.ledger->Query(
        [&](Transaction& tx) { return ledger::FindRecent(tx, world.keys, sought); });
    EXPECT_TRUE(line.ok()) << line.failure().detail;
    return *line ? (*line)->entry.details : std::string("none");
  };
  const ledger::EntrySought sought{.account_id = world.ada,
                                   .event = model::Event::kStaffViewed,
                                   .staff_id = tess,
                                   .case_id = seen,
                                   .since = at - Millis(1),
                                   .among = 2};
  EXPECT_EQ(find(sought), "second");
  auto other = sought;
  other.since = at;
  EXPECT_EQ(find(other), "none");
  other = sought;
  other.among = 1;
  EXPECT_EQ(find(other), "none");
  other = sought;
  other.staff_id = StaffId{8};
  EXPECT_EQ(find(other), "none");
  other = sought;
  other.case_id = CaseId{8};
  EXPECT_EQ(find(other), "none");
  other = sought;
  other.account_id = world.eve;
  EXPECT_EQ(find(other), "none");
}

TEST_P(LedgerContract, SaysThatARecoveryHasEndedWhateverItsRowSays) {  // D07
  JournalWorld world(GetParam());
  const auto ended = [&](AccountId id, RecoveryId recovery) {
    return world.ledger->Query([&](Transaction& tx) { return ledger::SaysEnded(tx, id, recovery); })
        .value();
  };
  const auto put = [&](AccountId id, model::Event event, RecoveryId recovery) {
    world.Put({.account_id = id, .event = event, .recovery_id = recovery});
  };
  using enum model::Event;
  const RecoveryId one{101}, two{102}, three{103};
  put(world.ada, kRecoveryStarted, one);
  EXPECT_FALSE(ended(world.ada, one));
  put(world.ada, kUnlocked, {});  // by staff: no recovery ends
  put(world.eve, kPasswordReset, {});
  EXPECT_FALSE(ended(world.ada, one));
  put(world.ada, kUnlocked, one);
  EXPECT_TRUE(ended(world.ada, one));
  put(world.ada, kMessageAccepted, one);
  EXPECT_TRUE(ended(world.ada, one));

  put(world.ada, kRecoveryStarted, two);
  EXPECT_FALSE(ended(world.ada, two)) << "what came before ended another";
  put(world.ada, kFrozen, {});
  EXPECT_TRUE(ended(world.ada, two));

  put(world.ada, kRecoveryStarted, three);
  EXPECT_FALSE(ended(world.ada, three));
  put(world.ada, kPasswordReset, three);
  EXPECT_TRUE(ended(world.ada, three));
  EXPECT_FALSE(ended(world.ada, RecoveryId{104})) << "nothing is said of it";
  // Seen to fail with ">" in SaysEnded.
  put(world.ada, kPasswordReset, RecoveryId{105});
  EXPECT_TRUE(ended(world.ada, RecoveryId{105})) << "all else of it is too long ago";
  EXPECT_FALSE(ended(AccountId{1}, one)) << "of nobody";
}

TEST_P(LedgerContract, WritesNoEntryForADecisionThatFailed) {  // Law 13
  JournalWorld world(GetParam());
  Done failed = world.ledger->Commit([&](Transaction& tx) -> Done {
    LATCHKEY_TRY(ledger::Append(tx, world.context, {.account_id = world.ada}));
    return Fail(Reason::kWrong);
  });
  EXPECT_FALSE(failed.ok());
  EXPECT_FALSE(world.Verify().first_fault.has_value());
  EXPECT_EQ(world.Verify().entries, 15);
}

TEST_P(LedgerContract, NamesTheEntryWhoseColumnWasAltered) {
  const std::vector<std::function<void(JournalWorld&)>> changes = {
      [](auto& w) {
        w.Tamper("UPDATE journal SET at = at + 1 WHERE account_id = $1 AND seq = 3", w.ada);
      },
      [](auto& w) {
        w.Tamper("UPDATE journal SET kind = 9 WHERE account_id = $1 AND seq = 3", w.ada);
      },
      [](auto& w) {
        w.Tamper("UPDATE journal SET channel = 3 WHERE account_id = $1 AND seq = 3", w.ada);
      },
      [](auto& w) {
        w.Tamper("UPDATE journal SET staff_id = 5 WHERE account_id = $1 AND seq = 3", w.ada);
      },
      [](auto& w) {
        w.Tamper("UPDATE journal SET case_id = 5 WHERE account_id = $1 AND seq = 3", w.ada);
      },
      [](auto& w) {
        w.Tamper("UPDATE journal SET recovery_id = 5 WHERE account_id = $1 AND seq = 3", w.ada);
      },
      [](auto& w) {
        w.Tamper("UPDATE journal SET details_sealed = digest WHERE account_id = $1 AND seq = 3",
                 w.ada);
      },
      [](auto& w) {
        w.Tamper("UPDATE journal SET digest = details_sealed WHERE account_id = $1 AND seq = 3",
                 w.ada);
      },
      [](auto& w) {
        w.Tamper("UPDATE journal SET key_version = 77 WHERE account_id = $1 AND seq = 3", w.ada);
      },
  };
  for (const auto& change : changes) {
    JournalWorld world(GetParam());
    change(world);
    JournalReport report = world.Verify();
    ASSERT_TRUE(report.first_fault.has_value());
    EXPECT_EQ(report.first_fault->account_id, world.ada);
    EXPECT_EQ(report.first_fault->seq, 3);
  }
}

TEST_P(LedgerContract, NamesAnEntryThatWasDeleted) {
  JournalWorld world(GetParam());
  world.Tamper("DELETE FROM journal WHERE account_id = $1 AND seq = 3", world.eve);
  world.ExpectFault(world.eve, 3, "entry 3 is missing");
}

TEST_P(LedgerContract, NamesTheEntriesThatWereDeletedAtTheEnd) {
  JournalWorld world(GetParam());
  world.Tamper("DELETE FROM journal WHERE account_id = $1 AND seq > 3", world.eve);
  world.ExpectFault(world.eve, 4, "entries 4 to 5 are missing");
}

TEST_P(LedgerContract, SeesADeletedEndEvenWhenTheHeadWasSetBack) {
  JournalWorld world(GetParam());
  world.Tamper("DELETE FROM journal WHERE account_id = $1 AND seq > 3", world.eve);
  world.Tamper(
      "UPDATE chains SET seq = 3, head = (SELECT digest FROM journal"
      " WHERE account_id = $1 AND seq = 3) WHERE account_id = $1",
      world.eve);
  world.ExpectFault({}, 0, "the signed checkpoint 2 of");
}

TEST_P(LedgerContract, NamesAChainThatWasDeletedWhole) {
  JournalWorld world(GetParam());
  world.Tamper("DELETE FROM journal WHERE account_id = $1", world.eve);
  world.ExpectFault(world.eve, 1, "entries 1 to 5 are missing");
  world.Tamper("DELETE FROM chains WHERE account_id = $1", world.eve);
  world.ExpectFault(world.eve, 1, "the whole chain is missing");
  world.Tamper("DELETE FROM accounts WHERE id = $1", world.eve);
  world.ExpectFault({}, 0, "the signed checkpoint 1 of");
}

// Seen to fail without the look for chains that have no account: the journal was whole.
TEST_P(LedgerContract, NamesAnAccountThatWasDeletedWithoutItsChain) {
  JournalWorld world(GetParam());
  world.Tamper("DELETE FROM accounts WHERE id = $1", world.eve);
  world.ExpectFault(world.eve, 1, "the account is missing");
}

TEST_P(LedgerContract, NamesAChainWithoutItsHead) {
  JournalWorld world(GetParam());
  world.Tamper("DELETE FROM chains WHERE account_id = $1", world.eve);
  world.ExpectFault(world.eve, 1, "lost its head");
}

TEST_P(LedgerContract, NamesEntriesThatChangedPlaces) {
  JournalWorld world(GetParam());
  world.Tamper("UPDATE journal SET seq = 100 WHERE account_id = $1 AND seq = 2", world.ada);
  world.Tamper("UPDATE journal SET seq = 2 WHERE account_id = $1 AND seq = 3", world.ada);
  world.Tamper("UPDATE journal SET seq = 3 WHERE account_id = $1 AND seq = 100", world.ada);
  world.ExpectFault(world.ada, 2, "the digest does not match");
}

TEST_P(LedgerContract, SeesEntriesWhoseTimeOrderWasChanged) {
  JournalWorld world(GetParam());
  world.Tamper("UPDATE journal SET id = id - 1 WHERE account_id = $1 AND seq = 3", world.ada);
  world.ExpectFault({}, 0, "moved or replaced");
}

TEST_P(LedgerContract, SeesAChainThatWasMadeAnewWithoutTheKey) {
  JournalWorld world(GetParam());
  Secret guessed{std::string_view("an attacker's key, 32 bytes long")};
  Done done = world.ledger->Commit([&](Transaction& tx) -> Done {
    LATCHKEY_TRY(
        tx.Run("UPDATE journal SET kind = 9 WHERE account_id = $1 AND seq = 4", world.ada));
    LATCHKEY_ASSIGN(Rows rows, tx.Run("SELECT id, seq, at, kind, channel, staff_id, case_id,"
                                      " recovery_id, details_sealed FROM journal"
                                      " WHERE account_id = $1 ORDER BY seq",
                                      world.ada));
    Bytes previous;
    for (const ledger::Row& row : rows.rows) {
      Bytes details = row.Blob(8);
      previous = crypto::ChainDigest(guessed, {.account_id = world.ada.value,
                                               .seq = row.Int(1),
                                               .at_unix_ms = row.Int(2),
                                               .kind = row.Int(3),
                                               .channel = row.Int(4),
                                               .staff_id = row.Int(5),
                                               .case_id = row.Int(6),
                                               .recovery_id = row.Int(7),
                                               .sealed_details = details.view(),
                                               .previous = previous.view()});
      LATCHKEY_TRY(tx.Run("UPDATE journal SET digest = $2 WHERE id = $1", row.Int(0), previous));
    }
    LATCHKEY_TRY(tx.Run("UPDATE chains SET head = $2 WHERE account_id = $1", world.ada, previous));
    return {};
  });
  ASSERT_TRUE(done.ok());
  world.ExpectFault(world.ada, 1, "the digest does not match");
}

}  // namespace
}  // namespace latchkey::testing
