// SPDX-License-Identifier: Apache-2.0
// signin: sign-ins a second while more callers wait than the slots take, against bare hashing.
#include "tests/bench/bench.h"
#include "tests/bench/calls.h"
#include "tests/bench/load.h"
#include "tests/bench/progress.h"

namespace latchkey::bench {
namespace {

// More than the slots, so that one is always waiting; fewer than the queue turns away.
constexpr size_t kCallers = 16;

}  // namespace

std::vector<Figure> SignInFigures(const Setting& setting) {
  const Scale& scale = setting.scale;
  Figure strangers{.name = "signin",
                   .unit = "sign-ins/s",
                   .limit_is = "Argon2id, work areas kept, same cores",
                   .target = Target{.ratio = 0.90}};
  Figure known{.name = "signin_known_device", .unit = "sign-ins/s", .limit_is = "the same"};
  Figure plain{.name = "signin_plain_limit",
               .unit = "hashes/s",
               .limit_is = "the plain library call over the limit of signin"};
  const auto kept = KeptBank(setting.places, scale.accounts, true);
  RunningBank bank(setting.places, kept);
  Lines lines(bank.folder(), bank.ports().service, kUsualLines);
  uint64_t turn = 0;
  auto measure = [&](bool with_device) {
    const uint64_t first = turn;
    turn += 1'000;
    return ClosedLoop(kCallers, {scale.warm_up, scale.seconds}, [&](uint64_t number, Done done) {
      const uint64_t who = (first + number) % scale.accounts;
      lines.SignIn({.login = LoginOf(who),
                    .address = AddressOf(who),
                    .device = with_device ? bank.DeviceOf(who) : ""},
                   [done = std::move(done)](const auto& answer) { done(answer.has_value()); });
    });
  };
  for (int run = 0; run < scale.runs; ++run) {
    Progress("signin", run, scale.runs);
    const double limit = HashesPerSecond(scale.seconds);
    const Tally first = measure(false);
    if (first.refused > 0)
      Die("signin: " + std::to_string(first.refused) + " were refused: " + lines.LastRefusal());
    strangers.rounds.push_back({first.per_second(), limit});
    const Tally second = measure(true);
    if (second.refused > 0)
      Die("signin: " + std::to_string(second.refused) + " were refused: " + lines.LastRefusal());
    known.rounds.push_back({second.per_second(), limit});
    plain.rounds.push_back({PlainHashesPerSecond(scale.seconds / 2), limit});
  }
  return {strangers, known, plain};
}

}  // namespace latchkey::bench
