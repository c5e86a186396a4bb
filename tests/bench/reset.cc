// SPDX-License-Identifier: Apache-2.0
// reset: passwords set a second by people who have their mail open: the link, the new password, and
// the notice of it going out, against the two hashes that each takes.
#include <atomic>
#include <chrono>
#include <map>
#include <mutex>

#include "tests/bench/bench.h"
#include "tests/bench/calls.h"
#include "tests/bench/load.h"
#include "tests/bench/mail_sink.h"
#include "tests/bench/progress.h"

namespace latchkey::bench {
namespace {

constexpr size_t kCallers = 16;
constexpr double kMailPatience = 60;
// One compares the new password with the one in force, one makes the new verifier.
constexpr double kHashesForReset = 2;

// Links by whom they were sent to.
class Letterbox {
 public:
  void Put(const std::string& mail) {
    std::string token = LinkTokenIn(mail);
    if (token.empty()) return;  // a notice
    std::lock_guard lock(mutex_);
    tokens_[RecipientOf(mail)] = std::move(token);
  }
  std::string TokenFor(const std::string& address) {
    std::lock_guard lock(mutex_);
    return tokens_[address];
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::string> tokens_;
};

void AskForLinks(Lines& lines, MailSink& sink, uint64_t first, uint64_t count) {
  const uint64_t before = sink.mails();
  const int64_t begun = Each(count, kCallers, [&](uint64_t number, Done done) {
    lines.Begin(LoginOf(first + number), AddressOf(first + number),
                [done = std::move(done)](const auto& answer) { done(answer.has_value()); });
  });
  if (begun != static_cast<int64_t>(count) || !sink.WaitForMails(before + count, kMailPatience)) {
    Die("reset: not everybody got a message");
  }
}

void Reset(Lines& lines, Letterbox& letters, uint64_t who, const std::string& password,
           const Done& done) {
  lines.OpenLink(letters.TokenFor(EmailOf(who)), AddressOf(who),
                 [&lines, who, password, done](const auto& proof) {
                   if (!proof || !proof->may_set_password()) return done(false);
                   lines.SetPassword(proof->recovery_session(), password, AddressOf(who),
                                     [done](const auto& answer) { done(answer.has_value()); });
                 });
}

}  // namespace

std::vector<Figure> ResetFigures(const Setting& setting) {
  const Scale& scale = setting.scale;
  Figure figure{.name = "reset",
                .unit = "resets/s",
                .limit_is = "two of Argon2id each, work areas kept, same cores",
                .target = Target{.ratio = 0.85}};
  const auto kept = KeptBank(setting.places, scale.accounts, true);
  for (int run = 0; run < scale.runs; ++run) {
    Progress("reset", run, scale.runs);
    const double limit = HashesPerSecond(scale.seconds) / kHashesForReset;
    // A fresh copy: nobody gets a fourth message within an hour.
    Letterbox letters;
    MailSink sink(kept, [&](const std::string& mail) { letters.Put(mail); });
    RunningBank bank(setting.places, kept, {.relay_port = sink.port()});
    Lines lines(bank.folder(), bank.ports().service, kUsualLines);
    AskForLinks(lines, sink, 0, scale.resets);
    const auto started = std::chrono::steady_clock::now();
    const int64_t good = Each(scale.resets, kCallers, [&](uint64_t number, Done done) {
      Reset(lines, letters, number, "nine vermilion lighthouses", done);
    });
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
    if (good != static_cast<int64_t>(scale.resets)) {
      Die("reset: " + std::to_string(good) + " of " + std::to_string(scale.resets) +
          " worked: " + lines.LastRefusal());
    }
    figure.rounds.push_back({static_cast<double>(good) / took.count(), limit});
  }
  return {figure};
}

}  // namespace latchkey::bench
