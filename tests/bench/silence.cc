// SPDX-License-Identifier: Apache-2.0
// silent_signin, silent_begin and silent_code: whether time tells a stranger which names are
// customers' (Law 6, attacks E03 to E06). One caller asks for known and unknown names in turn; the
// two samples of times are compared by Kolmogorov and Smirnov's distance, beside the distance that
// two samples of one distribution exceed once in a thousand times.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <future>

#include "tests/bench/bench.h"
#include "tests/bench/calls.h"
#include "tests/bench/mail_sink.h"
#include "tests/bench/progress.h"

namespace latchkey::bench {
namespace {

// sqrt(-ln(0.001 / 2) / 2): the asymptotic distribution of the distance.
constexpr double kOnceInAThousand = 1.949;
// Names that no customer of a bank of any size here has, of the same length and kind.
constexpr uint64_t kNobody = 9'000'000;
// Requests are quicker than hashes, so more of them fit.
constexpr uint64_t kRequestsForEachHash = 4;

// Starts one call and returns; `answered` is called once, from any thread.
using Ask = std::function<void(uint64_t who, uint64_t number, std::function<void()> answered)>;

double Distance(std::vector<double> a, std::vector<double> b) {
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  double farthest = 0;
  for (size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    const double at = std::min(a[i], b[j]);
    while (i < a.size() && a[i] <= at) ++i;
    while (j < b.size() && b[j] <= at) ++j;
    farthest = std::max(farthest, std::abs(static_cast<double>(i) / static_cast<double>(a.size()) -
                                           static_cast<double>(j) / static_cast<double>(b.size())));
  }
  return farthest;
}

double Micros(const Ask& ask, uint64_t who, uint64_t number) {
  std::promise<void> answered;
  const auto started = std::chrono::steady_clock::now();
  ask(who, number, [&] { answered.set_value(); });
  answered.get_future().wait();
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - started)
      .count();
}

// Which of a pair comes first changes from pair to pair, so that what a call leaves behind meets
// both kinds alike.
Round Compare(const Ask& ask, uint64_t first, uint64_t pairs) {
  std::vector<double> known, unknown;
  for (uint64_t i = 0; i < 2 * pairs; ++i) {
    const uint64_t number = 2 * first + i, pair = first + i / 2;
    const bool customer = (i % 2 == 0) == (pair % 2 == 0);
    (customer ? known : unknown).push_back(Micros(ask, customer ? pair : kNobody + pair, number));
  }
  return {Distance(known, unknown), kOnceInAThousand * std::sqrt(2.0 / static_cast<double>(pairs))};
}

std::vector<Figure> Silence(const Setting& setting, const std::string& name, uint64_t pairs,
                            const std::function<Ask(Lines&)>& asking) {
  Figure figure{.name = name,
                .unit = "KS distance",
                .limit_is = "what samples of one distribution exceed once in 1,000",
                .target = Target{.ratio = 1, .at_least = false}};
  const auto kept = KeptBank(setting.places, setting.scale.accounts, true);
  MailSink sink(kept);
  RunningBank bank(setting.places, kept, {.relay_port = sink.port()});
  Lines lines(bank.folder(), bank.ports().service, 1);
  const Ask ask = asking(lines);
  // The first calls meet cold caches, whoever is asked for.
  static_cast<void>(Compare(ask, 0, std::max<uint64_t>(pairs / 10, 1)));
  for (int run = 0; run < setting.scale.runs; ++run) {
    Progress(name, run, setting.scale.runs);
    // Customers of their own for each run: nobody is guessed at twice.
    const uint64_t first = (static_cast<uint64_t>(run) + 1) * setting.scale.accounts /
                           (static_cast<uint64_t>(setting.scale.runs) + 1);
    figure.rounds.push_back(Compare(ask, first, pairs));
  }
  return {figure};
}

}  // namespace

std::vector<Figure> SilentSignInFigures(const Setting& setting) {
  return Silence(setting, "silent_signin", setting.scale.pairs, [](Lines& lines) -> Ask {
    return [&lines](uint64_t who, uint64_t number, std::function<void()> answered) {
      lines.SignIn({.login = LoginOf(who),
                    .address = StrangersAddressOf(number),
                    .password = "not anybody's password"},
                   [answered = std::move(answered)](const auto&) { answered(); });
    };
  });
}

std::vector<Figure> SilentBeginFigures(const Setting& setting) {
  return Silence(setting, "silent_begin", setting.scale.pairs * kRequestsForEachHash,
                 [](Lines& lines) -> Ask {
                   return [&lines](uint64_t who, uint64_t number, std::function<void()> answered) {
                     lines.Begin(LoginOf(who), StrangersAddressOf(number),
                                 [answered = std::move(answered)](const auto&) { answered(); });
                   };
                 });
}

std::vector<Figure> SilentCodeFigures(const Setting& setting) {
  return Silence(
      setting, "silent_code", setting.scale.pairs * kRequestsForEachHash, [](Lines& lines) -> Ask {
        return [&lines](uint64_t who, uint64_t number, std::function<void()> answered) {
          lines.SubmitCode(LoginOf(who), "12345678", StrangersAddressOf(number),
                           [answered = std::move(answered)](const auto&) { answered(); });
        };
      });
}

}  // namespace latchkey::bench
