// SPDX-License-Identifier: Apache-2.0
// begin_during_storm and overload: what a storm of sign-ins does to those who need something else,
// and to those whose device is known.
#include <thread>

#include "tests/bench/bench.h"
#include "tests/bench/calls.h"
#include "tests/bench/load.h"
#include "tests/bench/mail_sink.h"
#include "tests/bench/progress.h"

namespace latchkey::bench {
namespace {

constexpr size_t kCallers = 16;
constexpr double kBeginsPerSecond = 100;
constexpr double kOverload = 10;
// Enough requests for a p99 that one hiccup does not decide.
constexpr double kLonger = 2;

class Town {
 public:
  Town(const Setting& setting, const std::filesystem::path& kept)
      : scale_(setting.scale),
        sink_(kept),
        bank_(setting.places, kept, {.relay_port = sink_.port()}),
        known_(bank_.folder(), bank_.ports().service, kUsualLines),
        strangers_(bank_.folder(), bank_.ports().service, kUsualLines) {}

  Call KnownSignIns() {
    return [this](uint64_t, Done done) {
      const uint64_t who = known_turn_++ % scale_.accounts;
      known_.SignIn(
          {.login = LoginOf(who), .address = AddressOf(who), .device = bank_.DeviceOf(who)},
          [done = std::move(done)](const auto& answer) { done(answer.has_value()); });
    };
  }
  // The right password, from a device that nobody knows and an address that nobody used: nothing
  // but the lack of room can turn it away.
  Call StrangersSignIns() {
    return [this](uint64_t, Done done) {
      const uint64_t number = stranger_turn_++;
      strangers_.SignIn(
          {.login = LoginOf(number * 7 % scale_.accounts), .address = StrangersAddressOf(number)},
          [done = std::move(done)](const auto& answer) { done(answer.has_value()); });
    };
  }
  Call Begins() {
    return [this](uint64_t, Done done) {
      const uint64_t number = begin_turn_++;
      known_.Begin(LoginOf(number % scale_.accounts), StrangersAddressOf(number),
                   [done = std::move(done)](const auto& answer) { done(answer.has_value()); });
    };
  }

 private:
  const Scale scale_;
  MailSink sink_;
  RunningBank bank_;
  Lines known_;
  Lines strangers_;
  std::atomic<uint64_t> known_turn_{0}, stranger_turn_{0}, begin_turn_{0};
};

}  // namespace

std::vector<Figure> StormFigures(const Setting& setting) {
  const Scale& scale = setting.scale;
  Figure figure{.name = "begin_during_storm",
                .unit = "ms (p99)",
                .limit_is = "p99 of the same without the storm",
                .target = Target{.ratio = 5, .at_least = false}};
  const auto kept = KeptBank(setting.places, scale.accounts, true);
  Town town(setting, kept);
  const Span span{scale.warm_up, scale.seconds * kLonger};
  const Pace pace{.per_second = kBeginsPerSecond};
  for (int run = 0; run < scale.runs; ++run) {
    Progress("begin_during_storm", run, scale.runs);
    const Tally calm = OpenLoop(pace, span, town.Begins());
    Tally storm;
    std::thread signing_in([&] { storm = ClosedLoop(kCallers, span, town.KnownSignIns()); });
    const Tally during = OpenLoop(pace, span, town.Begins());
    signing_in.join();
    if (calm.refused + during.refused > 0) Die("begin_during_storm: requests were refused");
    if (storm.answered == 0) Die("begin_during_storm: there was no storm");
    figure.rounds.push_back({during.percentile(0.99), calm.percentile(0.99)});
  }
  return {figure};
}

std::vector<Figure> OverloadFigures(const Setting& setting) {
  const Scale& scale = setting.scale;
  Figure figure{.name = "overload",
                .unit = "sign-ins/s",
                .limit_is = "known devices alone, saturated",
                .target = Target{.ratio = 0.90}};
  Figure refused{.name = "overload_refused",
                 .unit = "sign-ins/s",
                 .limit_is = "refused known devices over those answered"};
  const auto kept = KeptBank(setting.places, scale.accounts, true);
  Town town(setting, kept);
  const Span span{scale.warm_up, scale.seconds * kLonger};
  for (int run = 0; run < scale.runs; ++run) {
    Progress("overload", run, scale.runs);
    const Tally saturated = ClosedLoop(kCallers, span, town.KnownSignIns());
    Tally strangers;
    std::thread storm([&] {
      strangers = OpenLoop({.per_second = kOverload * saturated.per_second()}, span,
                           town.StrangersSignIns());
    });
    const Tally during = ClosedLoop(kCallers, span, town.KnownSignIns());
    storm.join();
    figure.rounds.push_back({during.per_second(), saturated.per_second()});
    refused.rounds.push_back(
        {static_cast<double>(during.refused) / during.seconds, during.per_second()});
  }
  return {figure, refused};
}

}  // namespace latchkey::bench
