// SPDX-License-Identifier: Apache-2.0
// Housekeeping comes each minute and shares SQLite's one writer with everybody: its statements walk
// through no table, and take no more at once than they are told.
#include <sqlite3.h>

#include <string>
#include <vector>

#include "services/ledger/intakes.h"
#include "services/ledger/outbox.h"
#include "services/ledger/recoveries.h"
#include "services/ledger/sessions.h"
#include "services/ledger/staff.h"
#include "services/ledger/tokens.h"
#include "services/ledger/unknown_names.h"
#include "tests/contract/ledger/engines.h"

namespace latchkey::testing {
namespace {

using ledger::Rows;
using ledger::Transaction;

// Notes what it is asked for and does nothing.
class Notebook final : public Transaction {
 public:
  std::vector<std::string> statements;

 protected:
  Result<Rows> Execute(ledger::Sql sql, const std::vector<ledger::Value>&) override {
    statements.emplace_back(sql.text());
    return Rows();
  }
};

// A line for each step, "SEARCH … USING INDEX …" or "SCAN …".
std::vector<std::string> PlanOf(sqlite3* db, const std::string& statement) {
  sqlite3_stmt* explained = nullptr;
  EXPECT_EQ(
      sqlite3_prepare_v2(db, ("EXPLAIN QUERY PLAN " + statement).c_str(), -1, &explained, nullptr),
      SQLITE_OK)
      << sqlite3_errmsg(db);
  std::vector<std::string> steps;
  while (sqlite3_step(explained) == SQLITE_ROW)
    steps.emplace_back(reinterpret_cast<const char*>(sqlite3_column_text(explained, 3)));
  sqlite3_finalize(explained);
  return steps;
}

// Fails without: migration 5 (seen: SCAN sessions, devices, staff_sessions, evidence, recoveries).
TEST(Sweeps, WalkThroughNoTable) {
  LedgerWorld world("sqlite");
  const TimePoint now = world.clock.Now();
  Notebook tx;
  EXPECT_TRUE(ledger::ExpireRecoveries(tx, now, 1).ok());
  EXPECT_TRUE(ledger::SweepTokens(tx, now, 1).ok());
  EXPECT_TRUE(ledger::SweepAnswers(tx, now, 1).ok());
  EXPECT_TRUE(ledger::SweepIntakes(tx, now, 1).ok());
  EXPECT_TRUE(ledger::SweepEvidence(tx, now, 1).ok());
  EXPECT_TRUE(ledger::SweepRecoveries(tx, now, 1).ok());
  EXPECT_TRUE(ledger::SweepMessages(tx, now, 1).ok());
  EXPECT_TRUE(ledger::SweepSessions(tx, now, now, 1).ok());
  EXPECT_TRUE(ledger::SweepStaffSessions(tx, now, 1).ok());
  EXPECT_TRUE(ledger::SummariseUnknownNames(tx, world.context).ok());
  EXPECT_EQ(tx.statements.size(), 11u);
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open((world.engine.folder() / "ledger.db").c_str(), &db), SQLITE_OK);
  for (const std::string& statement : tx.statements) {
    const std::vector<std::string> plan = PlanOf(db, statement);
    EXPECT_FALSE(plan.empty()) << statement;
    for (const std::string& step : plan)
      EXPECT_EQ(step.find("SCAN"), std::string::npos) << step << " in " << statement;
  }
  sqlite3_close(db);
}

int64_t Swept(LedgerWorld& world, Millis after, int limit) {
  const TimePoint then = world.clock.Now() + after;
  auto swept = world.ledger->Transact([&](Transaction& tx) -> Result<int64_t> {
    LATCHKEY_ASSIGN(const int64_t customers, ledger::SweepSessions(tx, then, then, limit));
    LATCHKEY_ASSIGN(const int64_t staff, ledger::SweepStaffSessions(tx, then, limit));
    return customers + staff;
  });
  EXPECT_TRUE(swept.ok()) << swept.failure().detail;
  return swept.value();
}

TEST_P(LedgerContract, SweepsDeadSessionsAndDevicesByTheBatch) {
  LedgerWorld world(GetParam());
  const AccountId account = world.AddAccount("ada");
  const TimePoint now = world.clock.Now();
  const TimePoint end = now + Millis(10'000);
  Done put = world.ledger->Commit([&](Transaction& tx) -> Done {
    for (const char* name : {"first", "second", "third"}) {
      const Secret token{std::string_view(name)};
      LATCHKEY_ASSIGN(const bool made,
                      ledger::InsertSession(tx, world.keys, token,
                                            {.account_id = account,
                                             .security_epoch = 1,
                                             .made_at = now,
                                             .idle_expires_at = now + Millis(1'000),
                                             .expires_at = end}));
      EXPECT_TRUE(made);
      LATCHKEY_TRY(ledger::InsertDevice(tx, world.keys, account, token, now));
      LATCHKEY_TRY(
          ledger::InsertStaffSession(tx, world.context, token, StaffId{1}, "terminal",
                                     {.idle_expires_at = now + Millis(1'000), .expires_at = end}));
    }
    return {};
  });
  ASSERT_TRUE(put.ok()) << put.failure().detail;
  EXPECT_EQ(Swept(world, Millis(-1), 2), 0) << "all live";
  EXPECT_EQ(Swept(world, Millis(1'000), 2), 6) << "two of each";
  EXPECT_EQ(Swept(world, Millis(1'000), 2), 3);
  EXPECT_EQ(Swept(world, Millis(1'000), 2), 0);
}

// Fails without: `ended_at < $2` in either (seen).
TEST_P(LedgerContract, SweepsRecoveriesAndMessagesThatEndedLongAgo) {
  LedgerWorld world(GetParam());
  const auto swept = [&](Millis before_now, int limit) {
    const TimePoint then = world.clock.Now() - before_now;
    auto rows = world.ledger->Transact([&](Transaction& tx) -> Result<int64_t> {
      LATCHKEY_ASSIGN(const int64_t recoveries, ledger::SweepRecoveries(tx, then, limit));
      LATCHKEY_ASSIGN(const int64_t messages, ledger::SweepMessages(tx, then, limit));
      return recoveries + messages;
    });
    EXPECT_TRUE(rows.ok()) << rows.failure().detail;
    return rows.value();
  };
  AccountId cyd;
  MessageId hers;
  for (const char* name : {"ada", "bob", "cyd"}) {
    const AccountId account = world.AddAccount(name);
    const TimePoint now = world.clock.Now();
    Done put = world.ledger->Commit([&](Transaction& tx) -> Done {
      LATCHKEY_TRY(ledger::OpenOrJoinRecovery(tx, world.context,
                                              {.account_id = account,
                                               .security_epoch = 1,
                                               .now = now,
                                               .lifetime = std::chrono::hours(1)}));
      LATCHKEY_ASSIGN(const MessageId message,
                      ledger::Enqueue(tx, world.context,
                                      {.account_id = account,
                                       .contact_id = ContactId{1},
                                       .template_name = "reset",
                                       .expires_at = now + std::chrono::hours(1)}));
      cyd = account;
      hers = message;
      if (name == std::string_view("cyd")) return {};  // hers end a month later
      LATCHKEY_TRY(ledger::StopRecoveries(tx, account, now));
      LATCHKEY_TRY(ledger::EndMessage(tx, message, ledger::MessageState::kAccepted, now, ""));
      return {};
    });
    ASSERT_TRUE(put.ok()) << put.failure().detail;
  }
  world.clock.Advance(std::chrono::days(30));
  EXPECT_EQ(swept(std::chrono::days(31), 10), 0) << "not long ago";
  EXPECT_EQ(swept(std::chrono::days(29), 1), 2) << "one of each";
  EXPECT_EQ(swept(std::chrono::days(29), 10), 2);
  EXPECT_EQ(swept(std::chrono::days(29), 10), 0) << "what has not ended";
  Done end = world.ledger->Commit([&](Transaction& tx) -> Done {
    const TimePoint now = world.clock.Now();
    LATCHKEY_TRY(ledger::StopRecoveries(tx, cyd, now));
    LATCHKEY_TRY(ledger::EndMessage(tx, hers, ledger::MessageState::kAccepted, now, ""));
    return {};
  });
  ASSERT_TRUE(end.ok()) << end.failure().detail;
  EXPECT_EQ(swept(std::chrono::days(29), 10), 0) << "what ended just now";
  world.clock.Advance(std::chrono::days(30));
  EXPECT_EQ(swept(std::chrono::days(29), 10), 2);
}

}  // namespace
}  // namespace latchkey::testing
