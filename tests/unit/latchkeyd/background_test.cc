// SPDX-License-Identifier: Apache-2.0
#include "services/latchkeyd/background.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <thread>

#include "services/ledger/journal.h"
#include "services/ledger/sqlite/sqlite.h"
#include "tests/unit/recovery/world.h"

namespace latchkey::recovery {

std::unique_ptr<ledger::Ledger> OpenTestLedger(const std::filesystem::path& folder) {
  return ledger::OpenSqlite({.path = folder / "ledger.sqlite"}).value();
}

namespace {

class BackgroundWork : public World {
 protected:
  std::unique_ptr<Background> Start(std::function<void(const Failure&)> ledger_went_back =
                                        [](const Failure&) {}) {
    return std::make_unique<Background>(
        BackgroundOptions{.checkpoint_file = folder_.path() / "checkpoints",
                          .checkpoint_every = std::chrono::hours(1),
                          .ledger_went_back = std::move(ledger_went_back)},
        system_clock_, ledger_, store_, parts_, sign_in_, courier_);
  }

  SystemClock system_clock_;
  std::unique_ptr<courier::Renderer> renderer_ =
      courier::Renderer::Make({.name = "Musterbank",
                               .portal_url = "https://access.bank.example",
                               .phone = "+49 30 1234567",
                               .from_address = "access@bank.example"})
          .value();
  courier::Courier courier_{ledger_, store_, *renderer_, {}, {}};
};

// Laws 5, 10: what waits for the disk waits together, or a flood would be worked on more slowly
// than it comes and every owner's message would wait behind it. Seen to fail with one worker.
TEST_F(BackgroundWork, WorksOnSeveralRequestsAtOnce) {
  // Time, housekeeping and the checkpoint; an empty spool asks for nothing.
  constexpr int kOthers = 3;
  ledger_.Hang();
  const auto background = Start();
  EXPECT_TRUE(ledger_.AwaitHanging(4 + kOthers));
  ledger_.LetGo();
}

// D03: under a service that runs, a ledger is put back or a failover forgets. Seen to fail without
// CheckNotOlder in WriteCheckpoint: it went on, and signed nothing more.
TEST_F(BackgroundWork, EndsTheServiceWhenTheLedgerHasGoneBack) {
  std::atomic<int> ended = 0;
  std::string why;
  const auto run = [&] {
    Run([&](ledger::Transaction& tx) -> Done {
      return ledger::Append(tx, store_, {.account_id = anna_, .event = model::Event::kNote});
    });
    Start([&](const Failure& said) {
      ++ended;
      why = said.detail;
    })->Stop();  // the end writes a checkpoint too
  };
  run();
  run();
  EXPECT_EQ(ended, 0);
  Run([](ledger::Transaction& tx) -> Done {
    LATCHKEY_TRY(
        tx.Run("DELETE FROM checkpoints WHERE number = (SELECT MAX(number)"
               " FROM checkpoints)"));
    return {};
  });
  run();
  EXPECT_EQ(ended, 1);
  EXPECT_NE(why.find("latchkey restored"), std::string::npos) << why;
}

// Laws 10, 11: what a node kept while the ledger was away gets there, and once.
TEST_F(BackgroundWork, AnswersOnceWhatWaitedInTheSpool) {
  ledger_.GoAway(true);
  constexpr int kAsked = 100;
  for (int i = 0; i < kAsked; ++i) ASSERT_TRUE(Ask(i == 0 ? "anna" : "nobody").ok());
  ledger_.GoAway(false);
  const auto background = Start();
  const auto ended = [&] {
    return ledger_
        .Query([](ledger::Transaction& tx) -> Result<int64_t> {
          LATCHKEY_ASSIGN(auto rows, tx.Run("SELECT COUNT(done_at) FROM intakes"));
          return rows.front().Int(0);
        })
        .value();
  };
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (ended() < kAsked && std::chrono::steady_clock::now() < patience) std::this_thread::yield();
  EXPECT_EQ(ended(), kAsked);
  EXPECT_EQ(TakeMessages().size(), 1u);
}

}  // namespace
}  // namespace latchkey::recovery
