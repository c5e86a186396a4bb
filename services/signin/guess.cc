// SPDX-License-Identifier: Apache-2.0
#include "services/signin/guess.h"

#include <vector>

namespace latchkey::signin {
namespace {

Failure WrongUntil(TimePoint rests_until) {
  return Failure{.reason = Reason::kWrong, .retry_at = rests_until};
}

// A success forgets what was counted against this subject and this kind of secret, from here and
// from everywhere; never what other sources owe, nor the budgets of a source (attack K06).
std::vector<hotstate::Lane> LanesToClear(std::vector<hotstate::Lane> reserved,
                                         const hotstate::Lane& subject) {
  for (const hotstate::Lane& lane : reserved) {
    if (lane.key == subject.key) return reserved;
  }
  reserved.push_back(subject);
  return reserved;
}

}  // namespace

Done GuessGate::Try(const Guess& guess, const Secret& value, const Compare& compare) {
  const std::vector<hotstate::Lane> lanes = LanesOf(guess, rules_, keys_);
  const uint64_t fingerprint = FingerprintOf(guess, value, keys_);
  const TimePoint reserved_at = clock_.Now();
  LATCHKEY_ASSIGN(const hotstate::Reservation reserved,
                  hot_state_.Reserve(lanes, fingerprint, reserved_at));
  if (!reserved.granted) return Resting(reserved.retry_at);
  if (reserved.repeated) return WrongUntil({});

  const Result<Verdict> verdict = compare(Counted(reserved, reserved_at));
  // Not settled: what happened is not known, so the count stands.
  if (!verdict.ok()) return verdict.failure();

  // The count is in place already. When the hot state is away just now, the answer stands all the
  // same: a success then leaves counts that expire, a failure is not recognised when it is
  // repeated.
  const TimePoint now = clock_.Now();
  switch (verdict->kind_) {
    case Verdict::Kind::kRight:
      static_cast<void>(hot_state_.SettleRight(
          LanesToClear(lanes, SubjectLane(guess.subject, guess.kind, rules_, keys_)), now));
      return {};
    case Verdict::Kind::kRightBefore:
      static_cast<void>(hot_state_.Release(lanes, now));
      return {};
    case Verdict::Kind::kWrong:
      static_cast<void>(hot_state_.SettleWrong(lanes, fingerprint, now));
      return WrongUntil(reserved.rests_until);
    case Verdict::Kind::kRefused:
      return WrongUntil(reserved.rests_until);
    case Verdict::Kind::kNotCompared:
      static_cast<void>(hot_state_.Release(lanes, now));
      return verdict->why_;
  }
  LATCHKEY_CHECK(false);
}

Result<hotstate::LaneState> GuessGate::Peek(const Subject& subject, SecretKind kind) {
  return hot_state_.Peek(SubjectLane(subject, kind, rules_, keys_), clock_.Now());
}

}  // namespace latchkey::signin
