// SPDX-License-Identifier: Apache-2.0
// A journal with signed checkpoints that tests write to and tamper with.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "services/ledger/journal.h"
#include "tests/contract/ledger/engines.h"

namespace latchkey::testing {

inline constexpr Millis kSettles{15'000};

// Two accounts with five entries each, four of the service's own, and two checkpoints over all but
// the newest.
struct JournalWorld : LedgerWorld {
  explicit JournalWorld(const std::string& engine_name)
      : LedgerWorld(engine_name), file(engine.folder() / "checkpoints") {
    ada = AddAccount("ada");
    eve = AddAccount("eve");
    for (int round = 0; round < 4; ++round) {
      for (AccountId id : {ada, eve, AccountId{}}) {
        clock.Advance(Millis(10));
        Put({.account_id = id, .event = model::Event::kNote, .details = "note"});
      }
      if (round == 1) Checkpoint();
    }
    Checkpoint();
    Put({.account_id = ada, .event = model::Event::kSignedIn});
  }

  void Put(const model::Entry& entry) {
    Done done =
        ledger->Commit([&](ledger::Transaction& tx) { return ledger::Append(tx, context, entry); });
    ASSERT_TRUE(done.ok()) << done.failure().detail;
  }
  int64_t Checkpoint() {
    clock.Advance(Millis(1'000));
    auto written = ledger::WriteCheckpoint(*ledger, keys, file, clock.Now(), clock.Now());
    EXPECT_TRUE(written.ok()) << written.failure().detail;
    return written.ok() ? *written : -1;
  }
  // As the service does it where writers do not queue.
  int64_t CheckpointSettling() {
    auto written =
        ledger::WriteCheckpoint(*ledger, keys, file, clock.Now() - kSettles, clock.Now());
    EXPECT_TRUE(written.ok()) << written.failure().detail;
    return written.ok() ? *written : -1;
  }
  ledger::JournalReport Verify() {
    auto report = ledger::VerifyJournal(*ledger, keys, file, {});
    EXPECT_TRUE(report.ok()) << report.failure().detail;
    return *report;
  }
  template <typename... Args>
  void Tamper(ledger::Sql sql, Args... args) {
    Done done = ledger->Commit([&](ledger::Transaction& tx) -> Done {
      LATCHKEY_TRY(tx.Run(sql, args...));
      return {};
    });
    ASSERT_TRUE(done.ok()) << done.failure().detail;
  }
  void ExpectFault(AccountId id, int64_t seq, const std::string& words) {
    ledger::JournalReport report = Verify();
    ASSERT_TRUE(report.first_fault.has_value()) << words;
    EXPECT_EQ(report.first_fault->account_id, id) << report.first_fault->what;
    EXPECT_EQ(report.first_fault->seq, seq) << report.first_fault->what;
    EXPECT_NE(report.first_fault->what.find(words), std::string::npos) << report.first_fault->what;
  }
  std::vector<std::string> Lines() const {
    std::vector<std::string> lines;
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
  }
  void WriteLines(const std::vector<std::string>& lines) const {
    std::ofstream out(file, std::ios::trunc);
    for (const std::string& line : lines) out << line << '\n';
  }

  std::filesystem::path file;
  AccountId ada, eve;
};

}  // namespace latchkey::testing
