// SPDX-License-Identifier: Apache-2.0
// The server on real sockets: bounds, slow and hostile peers, a graceful end.
#include "clients/portal/http/server.h"

#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "tests/unit/portal/browser.h"
#include "tests/unit/portal/wire.h"

namespace latchkey::portal {
namespace {

class Served : public testing::Test {
 protected:
  void Start(LimitsConfig limits = {}) {
    ServerOptions options{.address = "127.0.0.1", .limits = limits};
    auto started = Server::Start(std::move(options), *world.portal, [](const AccessLine&) {});
    ASSERT_TRUE(started.ok()) << started.failure().detail;
    server = std::move(*started);
  }
  std::string Ask(const std::string& bytes) {
    Wire wire(server->port());
    wire.Send(bytes);
    return wire.ReadAll();
  }
  static std::string StatusLine(const std::string& answer) {
    return answer.substr(0, answer.find("\r\n"));
  }

  World world;
  std::unique_ptr<Server> server;
};

constexpr char kGet[] = "GET / HTTP/1.1\r\nHost: localhost:8080\r\nConnection: close\r\n\r\n";

TEST_F(Served, AnswersABrowser) {
  Start();
  const std::string answer = Ask(kGet);
  EXPECT_EQ(StatusLine(answer), "HTTP/1.1 200 OK");
  EXPECT_NE(answer.find("Content-Security-Policy"), std::string::npos);
  EXPECT_NE(answer.find("</html>"), std::string::npos);
}

TEST_F(Served, LeavesTheBodyOutForHead) {
  Start();
  const std::string answer =
      Ask("HEAD / HTTP/1.1\r\nHost: localhost:8080\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(answer.substr(answer.size() - 4), "\r\n\r\n");
  EXPECT_EQ(answer.find("Content-Length: 0"), std::string::npos);
}

TEST_F(Served, RefusesWhatIsNoRequestWithAllGuards) {
  Start();
  const std::pair<std::string, std::string> bad[] = {
      {"GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(9000, 'a') + "\r\n\r\n", "431"},
      {"GET /" + std::string(9000, 'a') + " HTTP/1.1\r\n\r\n", "431"},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 17000\r\n\r\n", "413"},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n", "400"},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx", "400"},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\nx",
       "400"},
      {"GET / HTTP/9.9\r\n\r\n", "400"},
      {std::string("GET /\0 HTTP/1.1\r\n\r\n", 19), "400"},
      {"\x16\x03\x01 hello", "400"},
      {"GET / HTTP/1.1\r\nHost : a\r\n\r\n", "400"},
      {"GET / HTTP/1.1\r\nConnection: close\r\nHost: a\r\n folded\r\n\r\n", "421"},
  };
  for (const auto& [bytes, status] : bad) {
    const std::string answer = Ask(bytes);
    EXPECT_NE(StatusLine(answer).find(status), std::string::npos)
        << StatusLine(answer) << " to " << bytes.substr(0, 60);
    EXPECT_NE(answer.find("frame-ancestors 'none'"), std::string::npos);
    EXPECT_NE(answer.find("no-store"), std::string::npos);
  }
}

TEST_F(Served, CutsOffWhoSendsSlowly) {
  LimitsConfig limits;
  limits.read_timeout = Millis(300);
  Start(limits);
  const auto started = std::chrono::steady_clock::now();
  Wire silent(server->port()), slow(server->port()), slow_body(server->port());
  slow.Send("GET / HTTP/1.1\r\nHo");
  slow_body.Send("POST / HTTP/1.1\r\nHost: localhost:8080\r\nContent-Length: 100\r\n\r\nabc");
  EXPECT_EQ(silent.ReadAll(), "");
  EXPECT_EQ(slow.ReadAll(), "");
  EXPECT_EQ(slow_body.ReadAll(), "");
  EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(10));
}

TEST_F(Served, StaysOpenToCustomersAmongAThousandIdleOnes) {
  LimitsConfig limits;
  limits.connections = 50;
  limits.connections_per_source = 100000;
  Start(limits);
  std::vector<std::unique_ptr<Wire>> idle;
  for (int i = 0; i < 1000 / 4; ++i) {
    idle.push_back(std::make_unique<Wire>(server->port()));
    idle.back()->Send("GET / HT");
    if (i % 25 == 0) {
      EXPECT_EQ(StatusLine(Ask(kGet)), "HTTP/1.1 200 OK");
    }
  }
  EXPECT_LE(server->connections(), 50u);
}

TEST_F(Served, BoundsTheConnectionsOfOneSource) {
  LimitsConfig limits;
  limits.connections_per_source = 3;
  Start(limits);
  Wire one(server->port()), two(server->port()), three(server->port());
  for (Wire* wire : {&one, &two, &three}) {
    wire->Send("GET /privacy HTTP/1.1\r\nHost: localhost:8080\r\n\r\n");
    wire->ReadUntil("</html>");
  }
  EXPECT_EQ(Ask(kGet), "");
}

TEST_F(Served, KeepsAConnectionForSoManyRequests) {
  LimitsConfig limits;
  limits.requests_per_connection = 2;
  Start(limits);
  Wire wire(server->port());
  wire.Send(
      "GET /privacy HTTP/1.1\r\nHost: localhost:8080\r\n\r\n"
      "GET /privacy HTTP/1.1\r\nHost: localhost:8080\r\n\r\n"
      "GET /privacy HTTP/1.1\r\nHost: localhost:8080\r\n\r\n");
  const std::string all = wire.ReadAll();
  size_t answers = 0;
  for (size_t at = all.find("HTTP/1.1 200"); at != std::string::npos;
       at = all.find("HTTP/1.1 200", at + 1))
    ++answers;
  EXPECT_EQ(answers, 2u);
  EXPECT_NE(all.find("Connection: close"), std::string::npos);
}

TEST_F(Served, SaysGoOnToWhoAsksFirst) {
  Start();
  Wire wire(server->port());
  wire.Send(
      "POST / HTTP/1.1\r\nHost: localhost:8080\r\nContent-Length: 1\r\nExpect: "
      "100-continue\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(StatusLine(wire.ReadUntil("\r\n\r\n")), "HTTP/1.1 100 Continue");
  wire.Send("x");
  EXPECT_EQ(StatusLine(wire.ReadAll()), "HTTP/1.1 415 Unsupported Media Type");
}

// Holds an answer back until the test lets it go.
class Holding final : public Handler {
 public:
  void Handle(Request, Respond respond) override {
    std::lock_guard lock(mutex);
    waiting = std::move(respond);
    arrived.set_value();
  }
  Response Refuse(unsigned status) override { return {.status = status}; }
  std::mutex mutex;
  Respond waiting;
  std::promise<void> arrived;
};

TEST(AStoppingServer, LetsRequestsUnderWayEnd) {
  Holding handler;
  auto started = Server::Start({.address = "127.0.0.1"}, handler, [](const AccessLine&) {});
  ASSERT_TRUE(started.ok());
  Wire wire((*started)->port()), idle((*started)->port());
  wire.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  handler.arrived.get_future().wait();
  auto stopped =
      std::async(std::launch::async, [&] { return (*started)->Stop(std::chrono::seconds(20)); });
  EXPECT_EQ(idle.ReadAll(), "") << "who waits is closed at once";
  Response late;
  late.body = "late";
  handler.waiting(std::move(late));
  EXPECT_NE(wire.ReadAll().find("late"), std::string::npos);
  EXPECT_TRUE(stopped.get());
}

TEST(AServer, NamesAPortThatIsTaken) {
  Holding handler;
  auto first = Server::Start({.address = "127.0.0.1"}, handler, [](const AccessLine&) {});
  auto second = Server::Start({.address = "127.0.0.1", .port = (*first)->port()}, handler,
                              [](const AccessLine&) {});
  ASSERT_FALSE(second.ok());
  EXPECT_NE(second.failure().detail.find(std::to_string((*first)->port())), std::string::npos);
}

}  // namespace
}  // namespace latchkey::portal
