// SPDX-License-Identifier: Apache-2.0
// What PostgreSQL's driver promises beyond the contract: collisions, a server that goes and comes
// back.
#include "services/ledger/postgres/postgres.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>

#include "tests/contract/engines/postgres.h"
#include "tests/contract/ledger/engines.h"

namespace latchkey::testing {
namespace {

using ledger::Rows;
using ledger::Transaction;

std::unique_ptr<ledger::Ledger> OpenNew(const std::string& conninfo, int connections = 4) {
  auto opened = ledger::OpenPostgres(
      {.conninfo = conninfo, .connections = connections, .pause_when_away = Millis(0)});
  EXPECT_TRUE(opened.ok()) << opened.failure().detail;
  auto ledger = std::move(opened).value();
  Done made = ledger->Commit([](Transaction& tx) -> Done {
    LATCHKEY_TRY(tx.Run("CREATE TABLE notes (id BIGINT PRIMARY KEY, count BIGINT NOT NULL)"));
    LATCHKEY_TRY(tx.Run("INSERT INTO notes (id, count) VALUES (1, 0), (2, 0)"));
    return {};
  });
  EXPECT_TRUE(made.ok()) << made.failure().detail;
  return ledger;
}

Done Add(Transaction& tx, int64_t id) {
  LATCHKEY_TRY(tx.Run("UPDATE notes SET count = count + 1 WHERE id = $1", id));
  return {};
}

int64_t Sum(ledger::Ledger& ledger) {
  return ledger
      .Query([](Transaction& tx) -> Result<int64_t> {
        LATCHKEY_ASSIGN(Rows rows, tx.Run("SELECT SUM(count) FROM notes"));
        return rows.front().Int(0);
      })
      .value();
}

TEST(PostgresLedger, RunsAWorkAgainAfterADeadlock) {
  auto ledger = OpenNew(ThrowawayPostgres::Shared().NewDatabase());
  std::atomic<int> holding = 0;
  // Each holds one row before it asks for the other's: the server must end one of them.
  auto in_order = [&](int64_t first, int64_t second) {
    bool met = false;
    return ledger->Commit([&, first, second](Transaction& tx) -> Done {
      LATCHKEY_TRY(Add(tx, first));
      if (!met) {
        met = true;
        ++holding;
        while (holding < 2) std::this_thread::yield();
      }
      return Add(tx, second);
    });
  };
  std::thread other([&] { EXPECT_TRUE(in_order(1, 2).ok()); });
  EXPECT_TRUE(in_order(2, 1).ok());
  other.join();
  EXPECT_EQ(Sum(*ledger), 4);
}

TEST(PostgresLedger, GoesOnByItselfOnceTheServerIsBack) {
  ThrowawayPostgres server;
  auto ledger = OpenNew(server.NewDatabase());
  server.Kill();
  EXPECT_EQ(ledger->Ping().reason(), Reason::kUnavailable);
  EXPECT_EQ(ledger->Commit([](Transaction& tx) { return Add(tx, 1); }).reason(),
            Reason::kUnavailable);
  server.Start();
  EXPECT_TRUE(ledger->Commit([](Transaction& tx) { return Add(tx, 1); }).ok());
  EXPECT_EQ(Sum(*ledger), 1);
}

TEST(PostgresLedger, RunsAWorkAgainWhenItsConnectionBreaksBeforeCommit) {
  auto ledger = OpenNew(ThrowawayPostgres::Shared().NewDatabase());
  int runs = 0;
  Done done = ledger->Commit([&](Transaction& tx) -> Done {
    LATCHKEY_TRY(Add(tx, 1));
    if (++runs == 1) {
      LATCHKEY_TRY(tx.Run("SELECT CASE WHEN pg_terminate_backend(pg_backend_pid()) THEN 1 END"));
    }
    return {};
  });
  EXPECT_TRUE(done.ok()) << done.failure().detail;
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(Sum(*ledger), 1);
}

TEST(PostgresLedger, NeverAcknowledgesBeforeTheDiskHasIt) {  // Law 11
  auto conninfo = ThrowawayPostgres::Shared().NewDatabase();
  auto ledger = OpenNew(conninfo + " options='-c synchronous_commit=off'");
  auto setting = ledger->Query([](Transaction& tx) -> Result<std::string> {
    LATCHKEY_ASSIGN(Rows rows, tx.Run("SELECT current_setting('synchronous_commit')"));
    return rows.front().Text(0);
  });
  EXPECT_EQ(setting.value(), "on");
}

TEST(PostgresLedger, SaysUnavailableWhenAllConnectionsStayBusy) {
  auto opened = ledger::OpenPostgres({.conninfo = ThrowawayPostgres::Shared().NewDatabase(),
                                      .connections = 1,
                                      .wait_for_connection = Millis(1)});
  auto ledger = std::move(opened).value();
  Done outer = ledger->Commit([&](Transaction&) -> Done {
    EXPECT_EQ(ledger->Ping().reason(), Reason::kUnavailable);
    return {};
  });
  EXPECT_TRUE(outer.ok());
}

// A server of its own that hangs while its kernel answers for it, and a ledger that is soon told.
class Hanging : public ::testing::Test {
 protected:
  std::unique_ptr<ledger::Ledger> OpenImpatient(Millis pause) {
    return ledger::OpenPostgres({.conninfo = conninfo_ + " connect_timeout=2",
                                 .connections = 4,
                                 .statement_timeout = Millis(1000),
                                 .pause_when_away = pause})
        .value();
  }

  static bool IsAway(const Done& done) {
    return !done.ok() && done.reason() == Reason::kUnavailable;
  }

  ThrowawayPostgres server_;
  const std::string conninfo_ = server_.NewDatabase();
  const std::unique_ptr<ledger::Ledger> patient_ = OpenNew(conninfo_);
};

// Law 10: whoever asks is told, and Begin goes to the spool. Seen to hang with PQexec.
TEST_F(Hanging, IsGivenUpAndFoundAgainWhenItGoesOn) {
  auto ledger = OpenImpatient(Millis(0));
  ASSERT_TRUE(ledger->Ping().ok());
  server_.Suspend();
  EXPECT_TRUE(IsAway(ledger->Ping()));
  EXPECT_TRUE(IsAway(ledger->Ping())) << "a new connection does not wait";
  server_.Resume();
  EXPECT_TRUE(ledger->Ping().ok());
}

// Law 11: it may have been done when the server goes on, so it is not done again. Seen to
// fail when such a work is run again as one whose connection broke before COMMIT.
TEST_F(Hanging, LeavesOpenWhatBecameOfACommit) {
  auto ledger = OpenImpatient(Millis(0));
  int runs = 0;
  Done done = ledger->Commit([&](Transaction& tx) -> Done {
    LATCHKEY_TRY(Add(tx, 1));
    ++runs;
    server_.Suspend();
    return {};
  });
  server_.Resume();
  ASSERT_TRUE(IsAway(done));
  EXPECT_NE(done.failure().detail.find("unknown"), std::string::npos) << done.failure().detail;
  EXPECT_EQ(runs, 1);
  EXPECT_LE(Sum(*patient_), 1);
}

// Law 10: not every caller waits for what the first has waited for. Seen to
// fail without either: PauseLocked in GiveBack, GaveUp in RunOnce.
TEST_F(Hanging, IsNotAskedAgainByEveryCaller) {
  auto ledger = OpenImpatient(std::chrono::hours(1));
  server_.Suspend();
  const Done first = ledger->Ping();
  ASSERT_TRUE(IsAway(first));
  EXPECT_NE(first.failure().detail.find("did not answer within"), std::string::npos)
      << "it has tried once more: " << first.failure().detail;
  server_.Resume();
  EXPECT_TRUE(IsAway(ledger->Ping()));
  EXPECT_TRUE(patient_->Ping().ok());
}

// The same when it is first found away by who connects. Seen to fail without PauseLocked in Take.
TEST_F(Hanging, IsNotConnectedToByEveryCaller) {
  auto ledger = OpenImpatient(std::chrono::hours(1));
  Done outer = ledger->Commit([&](Transaction&) -> Done {  // holds the one connection
    server_.Suspend();
    EXPECT_TRUE(IsAway(ledger->Ping()));
    server_.Resume();
    EXPECT_TRUE(IsAway(ledger->Ping()));
    return {};
  });
  EXPECT_TRUE(outer.ok()) << outer.failure().detail;
  EXPECT_TRUE(ledger->Ping().ok()) << "an open connection is used all the same";
}

// The end of a connection of this process whose other end is `peer_port` on the loopback.
int EndConnectedTo(in_port_t peer_port) {
  for (int fd = 0; fd < 1024; ++fd) {
    sockaddr_in peer{};
    socklen_t size = sizeof peer;
    if (getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) == 0 &&
        peer.sin_family == AF_INET && peer.sin_port == peer_port) {
      return fd;
    }
  }
  return -1;
}

int OptionOf(int fd, int level, int option) {
  int value = 0;
  socklen_t size = sizeof value;
  EXPECT_EQ(getsockopt(fd, level, option, &value, &size), 0);
  return value;
}

// A server that vanished cannot be had on the loopback, whose kernel answers for everybody: what
// the kernel was asked to do about one is looked at on the connection itself.
TEST(PostgresLedger, GivesUpAServerThatVanishedWithinTenSeconds) {  // Law 10
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof name;
  auto* address = reinterpret_cast<sockaddr*>(&name);
  ASSERT_EQ(bind(listener, address, size), 0);
  ASSERT_EQ(getsockname(listener, address, &size), 0);
  ASSERT_EQ(listen(listener, 1), 0);
  std::thread client([&] {
    EXPECT_FALSE(ledger::OpenPostgres({.conninfo = "host=127.0.0.1 sslmode=disable port=" +
                                                   std::to_string(ntohs(name.sin_port))})
                     .ok());
  });
  const int server_end = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
  char first = 0;
  EXPECT_EQ(recv(server_end, &first, 1, 0), 1);  // so its connection is as it will be
  const int fd = EndConnectedTo(name.sin_port);
  EXPECT_GT(OptionOf(fd, IPPROTO_TCP, TCP_USER_TIMEOUT), 0);
  EXPECT_LE(OptionOf(fd, IPPROTO_TCP, TCP_USER_TIMEOUT), 10'000);
  EXPECT_NE(OptionOf(fd, SOL_SOCKET, SO_KEEPALIVE), 0);
  EXPECT_LE(OptionOf(fd, IPPROTO_TCP, TCP_KEEPIDLE) +
                OptionOf(fd, IPPROTO_TCP, TCP_KEEPINTVL) * OptionOf(fd, IPPROTO_TCP, TCP_KEEPCNT),
            10);
  close(server_end);
  close(listener);
  client.join();
}

TEST(PostgresLedger, SaysWhereItCouldNotConnect) {
  auto opened = ledger::OpenPostgres({.conninfo = "host=/no/such/folder dbname=latchkey"});
  EXPECT_EQ(opened.reason(), Reason::kUnavailable);
  EXPECT_NE(opened.failure().detail.find("/no/such/folder"), std::string::npos);
}

}  // namespace
}  // namespace latchkey::testing
