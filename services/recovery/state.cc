// SPDX-License-Identifier: Apache-2.0
#include "services/recovery/state.h"

#include "services/base/check.h"

namespace latchkey::recovery {

using model::RecoveryState;

std::optional<RecoveryState> Apply(RecoveryState state, Event event) {
  const bool live = state == RecoveryState::kOpen || state == RecoveryState::kProven;
  const bool proven = state == RecoveryState::kProven;
  switch (event) {
    case Event::kProofSuffices:
      return live ? std::optional(RecoveryState::kProven) : std::nullopt;
    case Event::kPasswordSet:
    case Event::kUnlocked:
      return proven ? std::optional(RecoveryState::kCompleted) : std::nullopt;
    case Event::kSecurityEvent:
      return live ? std::optional(RecoveryState::kStopped) : std::nullopt;
    case Event::kTimePassed:
      return live ? std::optional(RecoveryState::kExpired) : std::nullopt;
  }
  CheckFailed("an event of a recovery", __FILE__, __LINE__);
}

Done CheckLive(const model::Recovery& recovery, const model::Account& account, TimePoint now) {
  switch (recovery.state) {
    case RecoveryState::kCompleted:
      return Fail(Reason::kUsed);
    case RecoveryState::kStopped:
      return Fail(Reason::kStopped);
    case RecoveryState::kExpired:
      return Fail(Reason::kExpired);
    case RecoveryState::kOpen:
    case RecoveryState::kProven:
      break;
  }
  // The account before the time: a frozen customer must read "stopped", not "ask for a new link"
  // (attack K09).
  if (account.state != model::AccountState::kActive ||
      account.security_epoch != recovery.security_epoch) {
    return Fail(Reason::kStopped);
  }
  if (recovery.expires_at <= now) return Fail(Reason::kExpired);
  return {};
}

}  // namespace latchkey::recovery
