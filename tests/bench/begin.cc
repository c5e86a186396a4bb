// SPDX-License-Identifier: Apache-2.0
// begin and begin_million: requests kept a second, against an echo of the same size, and in a bank
// of a million against one of a thousand.
#include <unistd.h>

#include "tests/bench/bench.h"
#include "tests/bench/calls.h"
#include "tests/bench/load.h"
#include "tests/bench/mail_sink.h"
#include "tests/bench/progress.h"

namespace latchkey::bench {
namespace {

constexpr size_t kCallers = 256;

Tally Measure(Lines& lines, const Scale& scale, uint64_t accounts, uint64_t first) {
  return ClosedLoop(kCallers, {scale.warm_up, scale.seconds}, [&](uint64_t number, Done done) {
    const uint64_t who = (first + number) % accounts;
    // Every request from an address of its own: the budget of a source is not what is measured.
    lines.Begin(LoginOf(who), StrangersAddressOf(first + number),
                [done = std::move(done)](const auto& answer) { done(answer.has_value()); });
  });
}

double PerSecond(const Tally& tally) {
  if (tally.refused > 0) Die("begin: " + std::to_string(tally.refused) + " were refused");
  return tally.per_second();
}

// Far apart, so that no address comes twice.
constexpr uint64_t kStride = 1'000'000;

}  // namespace

std::vector<Figure> BeginFigures(const Setting& setting) {
  const Scale& scale = setting.scale;
  Figure figure{.name = "begin",
                .unit = "requests/s",
                .limit_is = "mutual-TLS gRPC echo of the same size",
                .target = Target{.ratio = 0.50}};
  const auto kept = KeptBank(setting.places, scale.accounts, true);
  MailSink sink(kept);
  RunningBank bank(setting.places, kept, {.relay_port = sink.port()});
  const uint16_t echo_port = FreePort();
  Child echo({"/proc/self/exe", "--echo", bank.folder(), std::to_string(echo_port)},
             bank.folder() / "echo.log");
  echo.WaitForPort(echo_port);
  Lines to_echo(bank.folder(), echo_port, kUsualLines);
  Lines to_service(bank.folder(), bank.ports().service, kUsualLines);
  for (int run = 0; run < scale.runs; ++run) {
    Progress("begin", run, scale.runs);
    const double limit = PerSecond(Measure(to_echo, scale, scale.accounts, 0));
    const double ours =
        PerSecond(Measure(to_service, scale, scale.accounts, static_cast<uint64_t>(run) * kStride));
    figure.rounds.push_back({ours, limit});
  }
  return {figure};
}

std::vector<Figure> BeginMillionFigures(const Setting& setting) {
  const Scale& scale = setting.scale;
  Figure figure{.name = "begin_million",
                .unit = "requests/s",
                .limit_is = "the same in a bank of 1,000 accounts",
                .target = Target{.ratio = 0.90}};
  RunningBank few(setting.places, KeptBank(setting.places, scale.few_accounts, false));
  RunningBank many(setting.places, KeptBank(setting.places, scale.many_accounts, false));
  Lines to_few(few.folder(), few.ports().service, kUsualLines);
  Lines to_many(many.folder(), many.ports().service, kUsualLines);
  for (int run = 0; run < scale.runs; ++run) {
    Progress("begin_million", run, scale.runs);
    const uint64_t first = static_cast<uint64_t>(run) * kStride;
    const double limit = PerSecond(Measure(to_few, scale, scale.few_accounts, first));
    const double ours = PerSecond(Measure(to_many, scale, scale.many_accounts, first));
    figure.rounds.push_back({ours, limit});
  }
  return {figure};
}

}  // namespace latchkey::bench
