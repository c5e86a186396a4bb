// SPDX-License-Identifier: Apache-2.0
#include "services/latchkeyd/background.h"

#include <exception>
#include <string>

#include "services/base/log.h"
#include "services/ledger/beside.h"
#include "services/ledger/journal.h"
#include "services/ledger/staff.h"

namespace latchkey {
namespace {

// Nodes whose clocks are kept by NTP differ by less.
constexpr Millis kTolerated{1'000};

// How much a step did; a failure is logged and comes again after the pause.
int64_t Count(std::string_view task, const Result<int64_t>& done) {
  if (done.ok()) return *done;
  log::Warning("background.failed",
               {{"task", task}, {"reason", done.reason()}, {"detail", done.failure().detail}});
  return 0;
}

}  // namespace

Done ContinueTime(SystemClock& clock, ledger::Ledger& ledger) {
  LATCHKEY_ASSIGN(const auto last, ledger::LastEntryAt(ledger));
  if (!last) return {};
  const Millis behind = *last - clock.Now();
  if (behind > kMostBehind) {
    return Fail(
        Reason::kUnavailable,
        "this machine's clock is " +
            std::to_string(std::chrono::duration_cast<std::chrono::minutes>(behind).count()) +
            " minutes behind the newest journal entry: set it right. If it is right and was ahead "
            "when that was written, or another node's was, start once with --clock-is-right");
  }
  if (behind > kTolerated)
    log::Warning("clock.behind", {{"milliseconds", static_cast<int64_t>(behind.count())}});
  clock.NotBefore(*last + Millis(1));
  return {};
}

Background::Background(const BackgroundOptions& options, SystemClock& clock, ledger::Ledger& ledger,
                       const ledger::StoreContext& context, const recovery::Parts& recovery,
                       signin::SignIn& sign_in, courier::Courier& courier)
    : options_(options),
      clock_(clock),
      ledger_(ledger),
      context_(context),
      recovery_(recovery),
      sign_in_(sign_in),
      courier_(courier) {
  auto run = [this](Millis pause, bool (Background::*step)()) {
    tasks_.push_back(std::make_unique<Periodic>(pause, [this, step] { return (this->*step)(); }));
  };
  run(options_.intakes_every, &Background::DrainSpool);
  for (int i = 0; i < kIntakeWorkers; ++i) run(options_.intakes_every, &Background::DrainIntakes);
  run(options_.time_every, &Background::FollowTime);
  run(options_.housekeeping_every, &Background::KeepHouse);
  run(options_.checkpoint_every, &Background::WriteCheckpoint);
}

Background::~Background() {
  try {
    Stop();
  } catch (const std::exception& error) {
    log::Error("background.stop", {{"why", error.what()}});
  }
}

void Background::Stop() {
  if (tasks_.empty()) return;
  for (auto& task : tasks_) task->Stop();
  tasks_.clear();
  WriteCheckpoint();
}

bool Background::DrainSpool() { return Count("spool", recovery::DrainSpool(recovery_)) > 0; }

bool Background::DrainIntakes() {
  const int64_t drained = Count("intakes", recovery::DrainIntakes(recovery_));
  if (drained > 0) courier_.Wake();
  return drained > 0;
}

bool Background::FollowTime() {
  Done followed = ContinueTime(clock_, ledger_);
  if (!followed.ok()) log::Error("clock.not_followed", {{"detail", followed.failure().detail}});
  return false;
}

bool Background::KeepHouse() {
  int64_t removed = Count("recoveries", recovery::Sweep(recovery_));
  removed += Count("sign-in", sign_in_.Sweep());
  removed += Count("staff sessions", ledger_.Transact([&](ledger::Transaction& tx) {
    return ledger::SweepStaffSessions(tx, context_.clock.Now(), recovery_.rules.sweep_batch);
  }));
  Count("unknown names", sign_in_.FlushUnknownNames());
  return removed > 0;
}

bool Background::WriteCheckpoint() {
  const TimePoint now = context_.clock.Now();
  Result<int64_t> written = ledger::WriteCheckpoint(
      ledger_, context_.keys, options_.checkpoint_file, now - ledger::SettlesAfter(ledger_), now);
  if (Count("checkpoint", written) > 0) {
    log::Info("journal.checkpoint", {{"entries", *written}});
  }
  if (written.ok()) {
    last_checkpoint_ = ToUnixMillis(now);
    return false;
  }
  const Done older = ledger::CheckNotOlder(ledger_, context_.keys, options_.checkpoint_file);
  if (!older.ok() && older.reason() == Reason::kNotAllowed && !went_back_.exchange(true)) {
    log::Error("ledger.went_back", {{"detail", older.failure().detail}});
    options_.ledger_went_back(older.failure());
  }
  return false;
}

}  // namespace latchkey
