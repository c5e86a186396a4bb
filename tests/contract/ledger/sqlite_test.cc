// SPDX-License-Identifier: Apache-2.0
// What SQLite's driver promises beyond the contract: files, other processes, crashes, full disks.
#include "services/ledger/sqlite/sqlite.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "tests/contract/ledger/engines.h"

namespace latchkey::testing {
namespace {

using ledger::Rows;
using ledger::Transaction;

std::unique_ptr<ledger::Ledger> OpenAt(const std::filesystem::path& path) {
  auto opened = ledger::OpenSqlite({.path = path});
  EXPECT_TRUE(opened.ok()) << opened.failure().detail;
  return std::move(opened).value();
}

void MakeTable(const std::filesystem::path& path) {
  EXPECT_TRUE(OpenAt(path)
                  ->Commit([](Transaction& tx) -> Done {
                    LATCHKEY_TRY(tx.Run("CREATE TABLE notes (id BIGINT PRIMARY KEY, words TEXT)"));
                    return {};
                  })
                  .ok());
}

Done Insert(ledger::Ledger& ledger, int64_t id, const std::string& words = "") {
  return ledger.Commit([&](Transaction& tx) -> Done {
    LATCHKEY_TRY(tx.Run("INSERT INTO notes (id, words) VALUES ($1, $2)", id, words));
    return {};
  });
}

int64_t Count(ledger::Ledger& ledger) {
  return ledger
      .Query([](Transaction& tx) -> Result<int64_t> {
        LATCHKEY_ASSIGN(Rows rows, tx.Run("SELECT COUNT(*) FROM notes"));
        return rows.front().Int(0);
      })
      .value();
}

// Runs `body` in a process of its own; returns how that ended, as waitpid tells.
int InChild(const std::function<int()>& body) {
  pid_t pid = fork();
  if (pid == 0) _exit(body());
  int status = 0;
  waitpid(pid, &status, 0);
  return status;
}

TEST(SqliteLedger, LosesNothingThatAKilledProcessAcknowledged) {  // Law 11
  Folder folder;
  MakeTable(folder / "ledger.db");
  int pipe_ends[2];
  ASSERT_EQ(pipe(pipe_ends), 0);
  pid_t pid = fork();
  if (pid == 0) {
    auto ledger = OpenAt(folder / "ledger.db");
    for (int64_t id = 1;; ++id) {
      if (!Insert(*ledger, id).ok() || write(pipe_ends[1], &id, sizeof id) != sizeof id) _exit(1);
    }
  }
  close(pipe_ends[1]);
  int64_t acknowledged = 0;
  while (acknowledged < 100) {
    ASSERT_EQ(read(pipe_ends[0], &acknowledged, sizeof acknowledged),
              static_cast<ssize_t>(sizeof acknowledged));
  }
  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
  while (read(pipe_ends[0], &acknowledged, sizeof acknowledged) > 0) {
  }
  close(pipe_ends[0]);
  EXPECT_GE(Count(*OpenAt(folder / "ledger.db")), acknowledged);
}

TEST(SqliteLedger, IsReadableByItsOwnerOnly) {  // Law 12
  Folder folder;
  MakeTable(folder / "ledger.db");
  auto ledger = OpenAt(folder / "ledger.db");
  ASSERT_TRUE(Insert(*ledger, 1).ok());
  for (const char* name : {"ledger.db", "ledger.db-wal", "ledger.db-shm"}) {
    struct stat status{};
    ASSERT_EQ(stat((folder / name).c_str(), &status), 0) << name;
    EXPECT_EQ(status.st_mode & 0777, 0600u) << name;
  }
}

#ifndef __SANITIZE_THREAD__  // it loses its way in a fork that starts threads of its own
TEST(SqliteLedger, SeesWhatAnotherProcessWrites) {
  Folder folder;
  MakeTable(folder / "ledger.db");
  int status = InChild([&] { return Insert(*OpenAt(folder / "ledger.db"), 1).ok() ? 0 : 1; });
  EXPECT_EQ(status, 0);
  auto ledger = OpenAt(folder / "ledger.db");
  EXPECT_EQ(Count(*ledger), 1);
  status = InChild([&] { return Insert(*OpenAt(folder / "ledger.db"), 2).ok() ? 0 : 1; });
  EXPECT_EQ(status, 0);
  EXPECT_EQ(Count(*ledger), 2);
  EXPECT_EQ(Insert(*ledger, 2).reason(), Reason::kConflict);
}
#endif

TEST(SqliteLedger, SaysUnavailableWhileAnotherProcessKeepsTheLock) {
  Folder folder;
  MakeTable(folder / "ledger.db");
  auto holder = OpenAt(folder / "ledger.db");
  auto hurried =
      ledger::OpenSqlite({.path = folder / "ledger.db", .busy_timeout = Millis(1)}).value();
  Done held = holder->Commit([&](Transaction& tx) -> Done {
    LATCHKEY_TRY(tx.Run("INSERT INTO notes (id) VALUES (1)"));
    Done refused = Insert(*hurried, 2);
    EXPECT_EQ(refused.reason(), Reason::kUnavailable);
    return {};
  });
  EXPECT_TRUE(held.ok());
  EXPECT_TRUE(Insert(*hurried, 3).ok());
}

TEST(SqliteLedger, SaysUnavailableWhenTheDiskTakesNoMoreAndGoesOnAfterwards) {
  Folder folder;
  MakeTable(folder / "ledger.db");
  int status = InChild([&] {
    auto ledger = OpenAt(folder / "ledger.db");
    signal(SIGXFSZ, SIG_IGN);
    rlimit little{.rlim_cur = 200'000, .rlim_max = RLIM_INFINITY};
    setrlimit(RLIMIT_FSIZE, &little);
    int64_t id = 0;
    Done done;
    while (done.ok() && id < 1000) done = Insert(*ledger, ++id, std::string(10'000, 'x'));
    if (done.ok() || done.reason() != Reason::kUnavailable) return 2;
    if (Count(*ledger) != id - 1) return 3;  // the refused one left nothing
    rlimit enough{.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};
    setrlimit(RLIMIT_FSIZE, &enough);
    return Insert(*ledger, id).ok() && Count(*ledger) == id ? 0 : 4;
  });
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

// Where the file that processes share cannot grow, SQLite speaks of an I/O error. Seen to fail
// without IsFull: "the ledger's disk does not answer".
TEST(SqliteLedger, SaysOfAFullDiskThatItIsFull) {
  Folder folder;
  MakeTable(folder / "ledger.db");
  const int status = InChild([&] {
    signal(SIGXFSZ, SIG_IGN);
    const rlimit little{.rlim_cur = 100, .rlim_max = RLIM_INFINITY};
    setrlimit(RLIMIT_FSIZE, &little);
    const auto opened = ledger::OpenSqlite({.path = folder / "ledger.db"});
    if (opened.ok()) return 1;
    return opened.failure().detail.find("the disk is full: make room") == std::string::npos ? 2 : 0;
  });
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

#ifndef __SANITIZE_THREAD__  // as above
// Two callers with one token in one transaction of the writer, and the disk is full when that is
// to be committed: the second must not hear "used". Tried until two do meet. Fails without: telling
// those behind the first (seen).
TEST(SqliteLedger, RefusesNobodyForWhatWasLostWithACommit) {
  Folder folder;
  MakeTable(folder / "ledger.db");
  int status = InChild([&] {
    signal(SIGXFSZ, SIG_IGN);
    auto ledger = OpenAt(folder / "ledger.db");
    const rlimit enough{.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};
    for (bool lost = false; !lost;) {
      const ledger::Work take = [&](Transaction& tx) -> Done {
        LATCHKEY_ASSIGN(Rows rows, tx.Run("INSERT INTO notes (id, words) VALUES (1, $1) "
                                          "ON CONFLICT DO NOTHING",
                                          std::string(10'000, 'x')));
        if (rows.changed > 0) return {};
        const rlimit full{.rlim_cur = 100, .rlim_max = RLIM_INFINITY};
        setrlimit(RLIMIT_FSIZE, &full);
        return Fail(Reason::kUsed);
      };
      std::array<Done, 8> results;
      std::vector<std::thread> callers;
      for (Done& result : results) callers.emplace_back([&] { result = ledger->Commit(take); });
      for (auto& caller : callers) caller.join();
      setrlimit(RLIMIT_FSIZE, &enough);
      lost = Count(*ledger) == 0;
      for (const Done& result : results)
        if (lost && (result.ok() || result.reason() == Reason::kUsed)) return 1;
      const Done cleared = ledger->Commit([](Transaction& tx) -> Done {
        LATCHKEY_TRY(tx.Run("DELETE FROM notes"));
        return {};
      });
      if (!cleared.ok()) return 2;
    }
    return 0;
  });
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}
#endif

TEST(SqliteLedger, NamesThePathThatCannotBeOpened) {
  Folder folder;
  auto missing = ledger::OpenSqlite({.path = folder / "no-such-folder/ledger.db"});
  EXPECT_EQ(missing.reason(), Reason::kUnavailable);
  EXPECT_NE(missing.failure().detail.find("no-such-folder"), std::string::npos);
}

TEST(SqliteLedger, RefusesAFileThatIsNoLedger) {
  Folder folder;
  FILE* file = fopen((folder / "ledger.db").c_str(), "w");
  for (int i = 0; i < 1000; ++i) fputs("this is no database ", file);
  fclose(file);
  auto opened = ledger::OpenSqlite({.path = folder / "ledger.db"});
  EXPECT_EQ(opened.reason(), Reason::kUnavailable);
  EXPECT_NE(opened.failure().detail.find("no ledger"), std::string::npos);
}

}  // namespace
}  // namespace latchkey::testing
