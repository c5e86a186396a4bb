// SPDX-License-Identifier: Apache-2.0
// The work beside the calls: intakes, housekeeping, checkpoints. Messages have the courier's own
// workers.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "services/base/periodic.h"
#include "services/courier/courier.h"
#include "services/ledger/accounts.h"
#include "services/recovery/recovery.h"
#include "services/signin/sign_in.h"

namespace latchkey {

// How many requests a node works on at once. Each is a transaction of its own, which mostly waits
// for the disk: side by side they share it, on SQLite in one fsync. One alone would be slower than
// the requests that are due at once may come (recovery/rules.h), and what owners asked for would
// wait behind a flood. More would take PostgreSQL's connections from the callers.
inline constexpr int kIntakeWorkers = 4;

struct BackgroundOptions {
  std::filesystem::path checkpoint_file;
  Millis checkpoint_every{};
  Millis intakes_every{200};
  Millis housekeeping_every{60'000};
  Millis time_every{5'000};
  // Told when the ledger has gone back behind what this node signed (attack D03): the process must
  // end, with this for a reason, because what was used since would work once more. Once, from any
  // thread, and not after Stop.
  std::function<void(const Failure&)> ledger_went_back = [](const Failure&) {};
};

// How far this machine's clock may be behind what other nodes, or it itself before a restart, have
// written.
inline constexpr Millis kMostBehind = std::chrono::hours(1);
// Lets no time come again that the journal has seen: what had expired would be alive (attack D06).
// kUnavailable, and the clock as it is, when it is so far behind that only a person can tell which
// of the two is wrong.
Done ContinueTime(SystemClock& clock, ledger::Ledger& ledger);

// Threads: its own. Stop ends each task after its present step; a last checkpoint is written then.
class Background {
 public:
  Background(const BackgroundOptions& options, SystemClock& clock, ledger::Ledger& ledger,
             const ledger::StoreContext& context, const recovery::Parts& recovery,
             signin::SignIn& sign_in, courier::Courier& courier);
  ~Background();
  void Stop();
  TimePoint last_checkpoint() const { return FromUnixMillis(last_checkpoint_); }

 private:
  bool DrainSpool();
  bool DrainIntakes();
  bool FollowTime();
  bool KeepHouse();
  bool WriteCheckpoint();

  const BackgroundOptions options_;
  SystemClock& clock_;
  ledger::Ledger& ledger_;
  const ledger::StoreContext context_;
  const recovery::Parts& recovery_;
  signin::SignIn& sign_in_;
  courier::Courier& courier_;
  std::atomic<int64_t> last_checkpoint_ = 0;
  std::atomic<bool> went_back_ = false;
  std::vector<std::unique_ptr<Periodic>> tasks_;
};

}  // namespace latchkey
