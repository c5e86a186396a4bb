// SPDX-License-Identifier: Apache-2.0
// What must be counted fast, is shared by all nodes, and expires: guesses and budgets.
//
// A lane counts the failures of one thing (an account from one source, a device, …). All lanes of a
// guess are reserved in one atomic step before the verifier is read (Law 4); a guess that is never
// settled stays counted. Lanes of an account carry its lane epoch in their key, so a reset forgets
// them in the ledger's own transaction.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "services/base/bytes.h"
#include "services/base/clock.h"
#include "services/base/result.h"

namespace latchkey::hotstate {

struct LaneRule {
  int64_t failures = 5;   // that many in a window, then the lane rests
  Millis window{};        // a window begins with its first failure
  Millis first_rest{};    // doubles with each further rest…
  Millis longest_rest{};  // …up to this; after one quiet window it starts anew
};

struct Lane {
  Bytes key;  // 32-byte digest: no name and no address is kept
  LaneRule rule;
};

struct Reservation {
  bool granted = false;
  // Not granted: when the last resting lane wakes. Asking while it rests never lengthens the rest
  // (Law 5).
  TimePoint retry_at{};
  // Granted, but this very guess failed before in these lanes: it is not counted again and must not
  // be compared.
  bool repeated = false;
  // Granted, and this guess spent one or more lanes: when the last of them wakes. Zero: it spent
  // none.
  TimePoint rests_until{};
};

struct LaneState {
  int64_t failures = 0;
  TimePoint rests_until{};  // zero: awake
};

// So many at once, one more each `refill`.
struct Allowance {
  int64_t capacity = 1;
  Millis refill{};
};

// An allowance of somebody's, which refills.
struct Budget {
  Bytes key;
  int64_t capacity = 1;
  Millis refill{};
};

struct Spending {
  bool granted = false;
  size_t empty = 0;  // not granted: which of the budgets, or one of these, has none left
};

// Threads: any. Every verb fails with kUnavailable when the engine is away: the caller refuses the
// guess (fail closed).
class HotState {
 public:
  virtual ~HotState() = default;

  // Counts one guess in all lanes, or in none. The guess that spends a lane starts its rest here
  // already, so that a crash forgets nothing; after the rest the lane has its full number again,
  // and the next rest is longer. `fingerprint` is a keyed digest of the guess, 0 for none.
  virtual Result<Reservation> Reserve(const std::vector<Lane>& lanes, uint64_t fingerprint,
                                      TimePoint now) = 0;
  // The guess was wrong: remembers the fingerprint (the last eight of a lane). The count stands
  // already.
  virtual Done SettleWrong(const std::vector<Lane>& lanes, uint64_t fingerprint, TimePoint now) = 0;
  // The guess was right: forgets the counts of these lanes.
  virtual Done SettleRight(const std::vector<Lane>& lanes, TimePoint now) = 0;
  // The guess was never compared (no hash slot): gives the reservation back, and the rest that it
  // started.
  virtual Done Release(const std::vector<Lane>& lanes, TimePoint now) = 0;
  virtual Result<LaneState> Peek(const Lane& lane, TimePoint now) = 0;
  // Takes one from each budget, or none from any when one of them is empty.
  virtual Result<Spending> Take(const std::vector<Budget>& budgets, TimePoint now) = 0;
  // Removes what has expired; returns how much. Engines that expire by themselves do nothing.
  virtual Result<int64_t> Sweep(TimePoint now) = 0;

  virtual std::string_view engine() const = 0;  // "sqlite" or "redis"
  virtual Done Ping() = 0;
};

}  // namespace latchkey::hotstate
