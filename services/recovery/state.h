// SPDX-License-Identifier: Apache-2.0
// The state machine of a recovery: pure, and nothing else decides what may follow what (attack
// S01).
//
//   open ──proof──▶ proven ──password set, or unlocked──▶ completed
//     └───────────────┴──security event──▶ stopped
//     └───────────────┴──time──▶ expired
#pragma once

#include <optional>

#include "services/base/result.h"
#include "services/model/account.h"
#include "services/model/recovery.h"

namespace latchkey::recovery {

enum class Event {
  kProofSuffices,  // the evidence is enough for at least one of the verbs
  kPasswordSet,
  kUnlocked,
  kSecurityEvent,  // freeze, contact changed, another reset: the security epoch moved
  kTimePassed,
};

// The state that follows, or nullopt when the event cannot happen in this one.
std::optional<model::RecoveryState> Apply(model::RecoveryState state, Event event);

// Whether anything may still be done for the recovery: kUsed, kStopped or kExpired say why not.
// Only for answers to somebody who holds a genuine token of it.
Done CheckLive(const model::Recovery& recovery, const model::Account& account, TimePoint now);

}  // namespace latchkey::recovery
