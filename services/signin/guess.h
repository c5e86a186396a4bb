// SPDX-License-Identifier: Apache-2.0
// The one gate through which every guess at a low-entropy secret goes (Law 4, attack K08): counted,
// then compared, then settled. Sign-in, recovery codes, branch codes and staff all pass here.
//
//   Done done = gate.Try(guess, value, [&](const Counted& counted) -> Result<Verdict> {
//     …load the verifier, compare, write what follows from it in one transaction…
//     return match ? Verdict::Right() : Verdict::Wrong();
//   });
//
// Whatever reads a verifier or compares a secret takes a `const Counted&`. Only the gate can make
// one, and only while a guess stands counted, so that a comparison which was not counted does not
// compile.
#pragma once

#include <functional>
#include <utility>

#include "crypto/keyring.h"
#include "crypto/secret.h"
#include "services/base/clock.h"
#include "services/base/result.h"
#include "services/hotstate/hotstate.h"
#include "services/signin/lanes.h"

namespace latchkey::signin {

// Proof that a guess has been counted. Must not be kept beyond the comparison.
class Counted {
 public:
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  // When the lanes that this guess spent wake again; zero when it spent none. For the journal: a
  // rest is written once, by the guess that began it.
  TimePoint rests_until() const { return rests_until_; }
  // How long the rest is that this guess began; zero when it began none.
  Millis rest() const { return rests_until_ == TimePoint{} ? Millis(0) : rests_until_ - at_; }

 private:
  friend class GuessGate;
  Counted(const hotstate::Reservation& reserved, TimePoint at)
      : at_(at), rests_until_(reserved.rests_until) {}
  TimePoint at_;
  TimePoint rests_until_;
};

// What a comparison came to.
class Verdict {
 public:
  static Verdict Right() { return Verdict(Kind::kRight); }
  // Right once already, and sent again because the answer was lost: its count is given back, and
  // nothing is cleared a second time.
  static Verdict RightBefore() { return Verdict(Kind::kRightBefore); }
  // Compared and wrong: the same guess again will be answered without being counted or compared.
  static Verdict Wrong() { return Verdict(Kind::kWrong); }
  // To be answered as wrong although it may have matched (frozen account, disabled authenticator,
  // expired code): stays counted, is not remembered.
  static Verdict Refused() { return Verdict(Kind::kRefused); }
  // The comparison did not take place, and nothing was learned: the count is given back and `why`
  // is answered.
  static Verdict NotCompared(Failure why) { return Verdict(Kind::kNotCompared, std::move(why)); }

 private:
  friend class GuessGate;
  enum class Kind { kRight, kRightBefore, kWrong, kRefused, kNotCompared };
  explicit Verdict(Kind kind, Failure why = {}) : kind_(kind), why_(std::move(why)) {}
  Kind kind_;
  Failure why_;
};

// Threads: any. Lives as long as the process.
class GuessGate {
 public:
  using Compare = std::function<Result<Verdict>(const Counted&)>;

  GuessGate(hotstate::HotState& hot_state, GuessRules rules, const crypto::KeyRing& keys,
            Clock& clock)
      : hot_state_(hot_state), rules_(rules), keys_(keys), clock_(clock) {}

  // Success: the guess was right, and the counts of this subject and kind are cleared, unless it
  // was RightBefore.
  //   kWrong        compared and wrong, or known to be wrong; `retry_at` is set when this guess
  //   began a rest kResting      not compared; `retry_at` says when the last lane wakes
  //   kUnavailable  the hot state is away: not compared (fail closed)
  //   any other     what the comparison failed with; the guess stays counted, unless it was
  //   NotCompared
  // `compare` is called at most once, on this thread. Never call this within a ledger transaction.
  Done Try(const Guess& guess, const Secret& value, const Compare& compare);

  // The lane of all failures on a subject: whether these secrets rest, and until when. Counts
  // nothing.
  Result<hotstate::LaneState> Peek(const Subject& subject, SecretKind kind);

 private:
  hotstate::HotState& hot_state_;
  const GuessRules rules_;
  const crypto::KeyRing& keys_;
  Clock& clock_;
};

}  // namespace latchkey::signin
