// SPDX-License-Identifier: Apache-2.0
// memory: the most that the service ever held in a bank of a million, under a load of everything,
// beyond what its hash slots are allowed.
#include <algorithm>
#include <thread>

#include "crypto/argon2.h"
#include "tests/bench/bench.h"
#include "tests/bench/calls.h"
#include "tests/bench/load.h"
#include "tests/bench/mail_sink.h"
#include "tests/bench/progress.h"

namespace latchkey::bench {
namespace {

constexpr double kAllowedMegabytes = 150;
constexpr size_t kSigningIn = 8;
constexpr double kBeginsPerSecond = 500;

double SlotMegabytes() {
  return static_cast<double>(std::max(1u, std::thread::hardware_concurrency())) *
         crypto::Argon2Cost().memory_kib / 1024;
}

// Customers from all over the bank, so that no page of the ledger stays out of memory by chance.
uint64_t Scattered(uint64_t number, uint64_t accounts) { return number * 7'919 % accounts; }

void Load(Lines& lines, const Scale& scale, uint64_t first) {
  std::thread asking([&] {
    OpenLoop({.per_second = kBeginsPerSecond}, {0, scale.seconds}, [&](uint64_t number, Done done) {
      lines.Begin(LoginOf(Scattered(first + number, scale.many_accounts)),
                  StrangersAddressOf(first + number),
                  [done = std::move(done)](const auto& answer) { done(answer.has_value()); });
    });
  });
  const int64_t signed_in = Each(scale.mixed_sign_ins, kSigningIn, [&](uint64_t number, Done done) {
    const uint64_t who = Scattered(first + number, scale.many_accounts);
    lines.SignIn({.login = LoginOf(who), .address = AddressOf(who)},
                 [&lines, done = std::move(done)](const auto& answer) {
                   if (!answer) return done(false);
                   lines.GetSession(answer->session_token(),
                                    [done](const auto& view) { done(view.has_value()); });
                 });
  });
  asking.join();
  if (signed_in != static_cast<int64_t>(scale.mixed_sign_ins))
    Die("memory: sign-ins were refused: " + lines.LastRefusal());
}

}  // namespace

std::vector<Figure> MemoryFigures(const Setting& setting) {
  const Scale& scale = setting.scale;
  Figure figure{.name = "memory",
                .unit = "MB",
                .limit_is = "what is allowed beyond the hash slots",
                .target = Target{.ratio = 1, .at_least = false}};
  const auto kept = KeptBank(setting.places, scale.many_accounts, false);
  MailSink sink(kept);
  RunningBank bank(setting.places, kept, {.relay_port = sink.port()});
  Lines lines(bank.folder(), bank.ports().service, kUsualLines);
  for (int run = 0; run < scale.runs; ++run) {
    Progress("memory", run, scale.runs);
    Load(lines, scale, static_cast<uint64_t>(run) * 10'000);
  }
  // One round: the peak over all of the load.
  const double peak = static_cast<double>(StatusKib(bank.service().pid(), "VmHWM")) / 1024;
  figure.rounds.push_back({peak - SlotMegabytes(), kAllowedMegabytes});
  return {figure};
}

}  // namespace latchkey::bench
