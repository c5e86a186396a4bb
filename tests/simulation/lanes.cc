// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/lanes.h"

namespace latchkey::simulation {
namespace {

using signin::SecretKind;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr LaneNumbers kSubject{5, minutes(15), hours(24)};
constexpr LaneNumbers kSource{3, seconds(30), minutes(15)};
constexpr LaneNumbers kDevice{5, minutes(1), minutes(15)};

ModelLane& Find(LaneSet& set, const std::string& name, LaneNumbers numbers) {
  ModelLane& lane = set.lanes.try_emplace(name, numbers).first->second;
  lane.Use(numbers);
  return lane;
}

std::string Kind(SecretKind kind) { return std::to_string(static_cast<int>(kind)); }

LaneNumbers SourceNumbers(SecretKind kind) {
  switch (kind) {
    case SecretKind::kPassword:
    case SecretKind::kRecoveryCode:
    case SecretKind::kAssistedToken:
      return kSource;
    default:
      return kSubject;  // in a branch: only staff can count there
  }
}

}  // namespace

ModelLane& ModelGuess::Subject() { return Find(*set, Kind(kind), kSubject); }

std::vector<ModelLane*> ModelGuess::Lanes() {
  if (!device.empty())
    return {device_is_older ? &Find(*set, Kind(kind) + " older devices", kSubject)
                            : &Find(*set, Kind(kind) + " device " + device, kDevice)};
  ModelLane& from = Find(*set, Kind(kind) + " from " + source, SourceNumbers(kind));
  // No stranger makes a branch token rest.
  if (kind == SecretKind::kAssistedToken) return {&from};
  return {&Subject(), &from};
}

}  // namespace latchkey::simulation
