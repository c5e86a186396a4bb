// SPDX-License-Identifier: Apache-2.0
// latchkey_crash: kills the real service at random moments under a mixed load, and holds it to what
// it acknowledged.
#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <random>

#include "services/base/check.h"
#include "tests/contract/engines/postgres.h"
#include "tests/contract/engines/redis.h"
#include "tests/crash/kill/audit.h"
#include "tests/free_port.h"

namespace latchkey::crash {
namespace {

struct Choices {
  int kills = 40;
  uint64_t seed = 0;
  int verify_every = 500;
  int end_leases_every = 8;
  int threads = 16;
  int customers = 0;  // 0: by the kills
  int mean_life_ms = 60;
  bool engines = false;
  std::filesystem::path programs, folder;
};

double SecondsSince(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void Verify(const Bank& bank, Book& book) {
  std::string said;
  book.Count("journal verifications");
  if (bank.Command({"journal", "verify"}, &said) != 0) book.Broken("journal: " + said);
}

// A moment for a kill: mostly soon, as the most happens at a beginning; now and then late enough
// for long journeys to end. On a busy machine, where the start takes longer, so does all else.
Millis Moment(Dice& dice, const Choices& choices, Millis start) {
  const auto mean = static_cast<uint64_t>(std::max(Millis(choices.mean_life_ms), start).count());
  return Millis(dice.OneIn(8) ? dice.Below(10 * mean) : dice.Below(mean));
}

// One kill. In one life of eight it comes while the service starts.
void KillOnce(Service& service, Dice& dice, Book& book, const Choices& choices) {
  service.Start();
  if (dice.OneIn(8)) {
    service.Live(Millis(dice.Below(80)));
    book.Count("kills during the start");
  } else {
    const auto begun = std::chrono::steady_clock::now();
    if (!service.AwaitStarted(std::chrono::seconds(20))) book.Broken("it does not start");
    const auto start = std::chrono::steady_clock::now() - begun;
    service.Live(Moment(dice, choices, std::chrono::duration_cast<Millis>(start)));
  }
  service.Kill();
  book.Count("kills");
}

void Run(const Choices& choices, Bank& bank, Service& service, Sink& sink, Book& book) {
  Load load({.seed = choices.seed, .threads = choices.threads}, bank, service, sink, book);
  Dice dice(choices.seed, 0);
  const auto begun = std::chrono::steady_clock::now();
  load.Start();
  for (int kill = 1; kill <= choices.kills && book.broken().size() < 20; ++kill) {
    KillOnce(service, dice, book, choices);
    if (kill % choices.end_leases_every == 0) bank.EndLeases();
    if (kill % choices.verify_every == 0) {
      Verify(bank, book);
      std::printf("%d kills, %.1f a second, %lld journeys, %zu broken\n", kill,
                  kill / SecondsSince(begun), static_cast<long long>(load.journeys()),
                  book.broken().size());
      std::fflush(stdout);
    }
  }
  std::printf("kills a second: %.1f\n", choices.kills / SecondsSince(begun));
  bank.EndLeases();
  service.Start();
  LATCHKEY_CHECK(service.AwaitStarted(std::chrono::seconds(20)));
  load.Finish();
  AwaitCalm(bank, service, book);
  Audit(bank, sink, book, dice);
  Verify(bank, book);
}

int Report(Book& book, Sink& sink, const Choices& choices, double seconds) {
  for (const auto& [what, count] : book.counts())
    std::printf("%8lld  %s\n", static_cast<long long>(count), what.c_str());
  std::printf("%8zu  messages that came again under their own id\n", sink.repeated());
  std::printf("crash: %d kills, seed %llu, %s, %.0f s, %zu broken\n", choices.kills,
              static_cast<unsigned long long>(choices.seed),
              choices.engines ? "PostgreSQL and Redis" : "SQLite", seconds, book.broken().size());
  return book.broken().empty() ? 0 : 1;
}

int Go(Choices choices) {
  signal(SIGPIPE, SIG_IGN);
  crypto::Start();
  if (choices.seed == 0) choices.seed = std::random_device()();
  if (choices.customers == 0) choices.customers = std::min(400 + choices.kills * 4, 40'000);
  std::printf("seed %llu\n", static_cast<unsigned long long>(choices.seed));
  std::fflush(stdout);
  const auto begun = std::chrono::steady_clock::now();
  std::string made = (choices.folder / "latchkey-crash-XXXXXX").string();
  LATCHKEY_CHECK(mkdtemp(made.data()) != nullptr);
  const std::filesystem::path folder = made;

  // Its own copies: who builds meanwhile must not change what is tested.
  std::filesystem::create_directory(folder / "bin");
  for (const char* program : {"latchkey", "latchkeyd"})
    std::filesystem::copy_file(choices.programs / program, folder / "bin" / program);
  choices.programs = folder / "bin";

  std::unique_ptr<testing::ThrowawayPostgres> postgres;
  std::unique_ptr<testing::ThrowawayRedis> redis;
  const uint16_t port = FreePort();
  Bank::Options options{.programs = choices.programs,
                        .folder = folder,
                        .customers = choices.customers,
                        .tellers = std::max(8, choices.customers / 30),
                        .port = port,
                        .conninfo = {},
                        .redis_socket = {}};
  if (choices.engines) {
    postgres = std::make_unique<testing::ThrowawayPostgres>();
    redis = std::make_unique<testing::ThrowawayRedis>();
    options.conninfo = postgres->NewDatabase();
    options.redis_socket = redis->address().substr(std::string("unix:").size());
  }
  Book book;
  int failed = 1;
  {
    Bank bank(options);
    Sink sink(folder / "smtp.crt", folder / "smtp.key");
    bank.Open(sink.port());
    Service service({.program = choices.programs / "latchkeyd",
                     .bank = bank.folder(),
                     .port = port,
                     .log = folder / "latchkeyd.log"});
    Run(choices, bank, service, sink, book);
    failed = Report(book, sink, choices, SecondsSince(begun));
  }
  if (failed == 0) {
    std::filesystem::remove_all(folder);
  } else {
    std::printf("everything is kept in %s\n", folder.c_str());
  }
  return failed;
}

}  // namespace
}  // namespace latchkey::crash

int main(int argc, char** argv) {
  latchkey::crash::Choices choices;
  choices.programs = std::filesystem::absolute(argv[0]).parent_path();
  choices.folder = std::filesystem::temp_directory_path();
  CLI::App app("Kills latchkeyd at random moments under load and checks what it acknowledged.");
  app.add_option("--kills", choices.kills, "how often")->capture_default_str();
  app.add_option("--seed", choices.seed, "of kills and journeys; 0: a new one");
  app.add_option("--verify-every", choices.verify_every, "kills between journal verifications")
      ->capture_default_str();
  app.add_option("--threads", choices.threads, "journeys at once")->capture_default_str();
  app.add_option("--customers", choices.customers, "0: as many as the kills need");
  app.add_option("--life", choices.mean_life_ms, "mean milliseconds from start to kill")
      ->capture_default_str();
  app.add_option("--dir", choices.folder, "where the bank is made")->capture_default_str();
  app.add_flag("--engines", choices.engines, "PostgreSQL and Redis instead of SQLite");
  CLI11_PARSE(app, argc, argv);
  return latchkey::crash::Go(choices);
}
