// SPDX-License-Identifier: Apache-2.0
// The arithmetic of a lane as pure functions of its record and the moment. The SQL engine uses
// them; the Lua scripts of the Redis engine say the same in their own words, and one contract suite
// holds both to it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include "services/base/clock.h"
#include "services/hotstate/hotstate.h"

namespace latchkey::hotstate {

inline constexpr size_t kRememberedGuesses = 8;

// A lane as it is stored. Zero times: none.
struct LaneRecord {
  int64_t failures = 0;
  TimePoint window_ends{};
  TimePoint rests_until{};
  int64_t rests =
      0;  // how many rests since the last quiet window: the next is twice as long each time
  TimePoint forget_at{};  // nothing is known of the lane from then on
  std::string seen = {};  // fingerprints of wrong guesses, 8 bytes each, oldest first
};

// The clocks of nodes may differ by that much. What reaches further into the future than a rule
// allows was written by a clock that was ahead and has been corrected (attack D06).
inline constexpr Millis kClocksDiffer = std::chrono::minutes(5);

inline Millis NextRest(const LaneRule& rule, int64_t rests_before) {
  Millis rest = rule.first_rest;
  for (int64_t i = 0; i < rests_before && rest < rule.longest_rest; ++i) rest *= 2;
  return std::min(rest, rule.longest_rest);
}

// What a clock that was ahead has left in a record. Its rest would last for hours or years, so it
// is over; but one more failure starts an honest one, because nobody knows how much of it is left.
// Its failures are kept for one window from now.
inline void Heal(LaneRecord& record, const LaneRule& rule, TimePoint now) {
  const TimePoint latest_rest = now + NextRest(rule, record.rests - 1);
  if (record.rests_until > latest_rest + kClocksDiffer) {
    record.rests_until = {};
    record.window_ends = now + rule.window;
    record.failures = std::min(record.failures, rule.failures - 1);
  }
  if (record.window_ends > now + rule.window + kClocksDiffer)
    record.window_ends = now + rule.window;
  const TimePoint latest = now + rule.longest_rest + rule.window;
  if (record.forget_at > latest + kClocksDiffer) record.forget_at = latest;
}

// The record as it counts at `now`: what has expired is taken off.
inline LaneRecord AsOf(LaneRecord record, const LaneRule& rule, TimePoint now) {
  if (record.forget_at <= now) return {};
  Heal(record, rule, now);
  const bool rested = record.rests_until != TimePoint{};
  if (rested ? record.rests_until <= now : record.window_ends <= now) {
    record.failures = 0;
    record.rests_until = {};
  }
  return record;
}

inline bool Rests(const LaneRecord& record, TimePoint now) { return record.rests_until > now; }

// Counts one failure in an awake lane, and starts its rest when that was the last it could bear.
inline void CountOne(LaneRecord& record, const LaneRule& rule, TimePoint now) {
  if (record.failures == 0) record.window_ends = now + rule.window;
  ++record.failures;
  if (record.failures >= rule.failures) {
    record.rests_until = now + NextRest(rule, record.rests);
    ++record.rests;
  }
  record.forget_at = std::max(now, record.rests_until) + rule.window;
}

// Takes one failure back, and the rest with it: with one failure less the lane would not rest.
inline void GiveBackOne(LaneRecord& record, TimePoint now) {
  if (record.failures == 0) return;
  --record.failures;
  if (Rests(record, now)) {
    record.rests_until = {};
    --record.rests;
  }
}

inline std::string FingerprintBytes(uint64_t fingerprint) {
  std::string bytes(8, '\0');
  for (int i = 7; i >= 0; --i, fingerprint >>= 8)
    bytes[static_cast<size_t>(i)] = static_cast<char>(fingerprint & 0xff);
  return bytes;
}

inline bool HasSeen(const LaneRecord& record, uint64_t fingerprint) {
  if (fingerprint == 0) return false;
  const std::string wanted = FingerprintBytes(fingerprint);
  for (size_t at = 0; at + wanted.size() <= record.seen.size(); at += wanted.size()) {
    if (record.seen.compare(at, wanted.size(), wanted) == 0) return true;
  }
  return false;
}

inline void Remember(LaneRecord& record, uint64_t fingerprint) {
  if (fingerprint == 0 || HasSeen(record, fingerprint)) return;
  record.seen += FingerprintBytes(fingerprint);
  if (record.seen.size() > 8 * kRememberedGuesses) record.seen.erase(0, 8);
}

}  // namespace latchkey::hotstate
