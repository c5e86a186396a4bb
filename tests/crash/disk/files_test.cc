// SPDX-License-Identifier: Apache-2.0
// The files that are written without an engine: the spool, the checkpoint file, the log. Each stops
// growing at every byte in turn (a limit on file sizes, as a full disk would), and what was
// acknowledged is there when it is opened again (Laws 10, 11, 13).
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "services/ledger/journal.h"
#include "services/ledger/sql/checkpoint_line.h"
#include "tests/crash/sweep/harness.h"

namespace latchkey::crash {
namespace {

// While it lives, no file of this process may grow beyond so many bytes. A write that crosses the
// limit is cut short; one beyond it fails.
class FileLimit {
 public:
  explicit FileLimit(rlim_t bytes) {
    signal(SIGXFSZ, SIG_IGN);
    LATCHKEY_CHECK(getrlimit(RLIMIT_FSIZE, &before_) == 0);
    const rlimit limit{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
    LATCHKEY_CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
  }
  ~FileLimit() { setrlimit(RLIMIT_FSIZE, &before_); }
  FileLimit(const FileLimit&) = delete;
  FileLimit& operator=(const FileLimit&) = delete;

 private:
  rlimit before_{};
};

class Files : public ::testing::Test {
 protected:
  Files() { log::CaptureForTest(&log_); }
  ~Files() override { log::CaptureForTest(nullptr); }

  std::unique_ptr<House> NewHouse(const Folder& folder) {
    auto house = std::make_unique<House>(folder.path(), kStart);
    house->Furnish();
    return house;
  }
  std::string log_;
};

// What the spool holds, by another process.
int64_t WaitingIn(const fs::path& folder, House& house) {
  recovery::Spool spool({.folder = folder}, house.keys, house.random);
  return spool.Drain([](const auto&) { return Done(); }).value();
}

TEST_F(Files, SpoolKeepsWhatItAcknowledgedWhereverTheDiskEnds) {
  const Folder folder;
  const auto house = NewHouse(folder);
  house->ledger.GoAway(true);
  ASSERT_TRUE(house->Ask("anna").ok());
  const auto one = static_cast<rlim_t>(fs::file_size(folder.path() / "spool/intakes.spool"));
  for (rlim_t limit = one; limit <= 3 * one; ++limit) {
    const Folder other;
    recovery::Spool spool({.folder = other.path()}, house->keys, house->random);
    recovery::Parts parts{.ledger = house->ledger,
                          .hot_state = house->hot,
                          .gate = house->gate,
                          .slots = house->slots,
                          .blocklist = house->blocklist,
                          .spool = spool,
                          .store = house->store,
                          .rules = {},
                          .bank_name = ""};
    auto ask = [&] {
      return recovery::Begin(parts, {.identifier = "anna",
                                     .intent = model::Intent::kReset,
                                     .source = house->From(),
                                     .idempotency_key = house->random.Take(16)})
          .ok();
    };
    int64_t acknowledged = 0;
    {
      const FileLimit full(limit);
      for (int i = 0; i < 4; ++i) acknowledged += ask() ? 1 : 0;
      EXPECT_LT(acknowledged, 4) << limit;
    }
    EXPECT_EQ(WaitingIn(other.path(), *house), acknowledged) << limit;
  }
}

TEST_F(Files, SpoolGoesOnWhenThereIsRoomAgain) {
  const Folder folder;
  const auto house = NewHouse(folder);
  house->ledger.GoAway(true);
  ASSERT_TRUE(house->Ask("anna").ok());
  const auto one = static_cast<rlim_t>(fs::file_size(folder.path() / "spool/intakes.spool"));
  for (rlim_t limit = one; limit < 2 * one; ++limit) {
    const FileLimit full(limit);
    ASSERT_EQ(house->Ask("anna").failure().reason, Reason::kUnavailable) << limit;
  }
  ASSERT_TRUE(house->Ask("anna").ok());
  const Folder copy;
  fs::copy(folder.path() / "spool", copy.path(), fs::copy_options::recursive);
  EXPECT_EQ(WaitingIn(copy.path(), *house), 2) << "what was cut short is in the way";
  house->ledger.GoAway(false);
  EXPECT_EQ(recovery::DrainSpool(house->parts).value(), 2);
  house->clock.Advance(std::chrono::minutes(3));
  house->Drain();
  EXPECT_EQ(house->TakeMessages().size(), 2u);
}

// A line that was cut short is no line, and the next one is not glued to it.
TEST_F(Files, CheckpointLinesAreWholeWhereverTheDiskEnds) {
  const Folder folder;
  const auto house = NewHouse(folder);
  const fs::path file = folder.path() / "checkpoints";
  house->clock.Advance(Millis(60'000));
  const TimePoint now = house->clock.Now();
  ASSERT_GT(ledger::WriteCheckpoint(house->ledger, house->keys, file, now, now).value(), 0);
  const std::string first = ledger::LastLine(file).value();
  const std::string second = "the second " + first;
  const auto whole = static_cast<rlim_t>(fs::file_size(file));
  for (rlim_t more = 0; more <= second.size(); ++more) {
    {
      const FileLimit full(whole + more);
      ASSERT_FALSE(ledger::AppendLine(file, second).ok()) << more;
    }
    ASSERT_EQ(ledger::LastLine(file).value(), first) << more;
    ASSERT_EQ(house->JournalFault(), "") << more;
  }
  ASSERT_TRUE(ledger::AppendLine(file, second).ok());
  EXPECT_EQ(ledger::LastLine(file).value(), second);
  EXPECT_EQ(fs::file_size(file), whole + second.size() + 1);
}

// A log that cannot be written stops nothing: every write to this one is "no space left".
TEST_F(Files, LogMayBeOnAFullDisk) {
  const pid_t child = fork();
  if (child == 0) {
    const int full = open("/dev/full", O_WRONLY);
    dup2(full, 2);
    log::CaptureForTest(nullptr);  // to standard error
    for (int i = 0; i < 10'000; ++i) log::Warning("test.line", {{"number", i}});
    log::Flush();
    _exit(7);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 7);
}

}  // namespace
}  // namespace latchkey::crash
