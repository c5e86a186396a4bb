// SPDX-License-Identifier: Apache-2.0
#include "services/latchkeyd/background.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <thread>

#include "services/ledger/sqlite/sqlite.h"
#include "tests/unit/recovery/world.h"

namespace latchkey::recovery {

std::unique_ptr<ledger::Ledger> OpenTestLedger(const std::filesystem::path& folder) {
  return ledger::OpenSqlite({.path = folder / "ledger.sqlite"}).value();
}

namespace {

class BackgroundWork : public World {
 protected:
  std::unique_ptr<Background> Start() {
    return std::make_unique<Background>(
        BackgroundOptions{.checkpoint_file = folder_.path() / "checkpoints",
                          .checkpoint_every = std::chrono::hours(1)},
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
