// SPDX-License-Identifier: Apache-2.0
// Recoveries and the evidence given for them, in the ledger. Each function runs in the caller's
// transaction.
#pragma once

#include <optional>
#include <vector>

#include "services/base/result.h"
#include "services/ledger/accounts.h"
#include "services/ledger/ledger.h"
#include "services/model/recovery.h"

namespace latchkey::ledger {

struct RecoveryOpening {
  AccountId account_id;
  int64_t security_epoch = 0;  // the account's, as read in this transaction
  model::Intent intent = model::Intent::kReset;
  CaseId case_id = {};
  TimePoint now;
  Millis lifetime{};  // from now, for one that is joined too
};
struct OpenedRecovery {
  model::Recovery recovery;
  bool joined = false;  // it was open already: several Begins make one recovery
};
// The account's live recovery, or a new one. One that is past its time or of an earlier epoch is
// ended first. Two callers get the same recovery: a unique key lets one open it, and the other
// joins. kUnavailable when there is one of a later epoch: the caller reads the account again.
Result<OpenedRecovery> OpenOrJoinRecovery(Transaction& tx, const StoreContext& context,
                                          const RecoveryOpening& opening);

Result<std::optional<model::Recovery>> FindRecovery(Transaction& tx, RecoveryId id);
Result<std::optional<model::Recovery>> FindLiveRecovery(Transaction& tx, AccountId account_id,
                                                        TimePoint now);

// The same, held until the transaction ends: what else is read about the recovery stays true till
// then.
Result<std::optional<model::Recovery>> LockRecovery(Transaction& tx, RecoveryId id);

struct RecoveryStep {
  RecoveryId id;
  model::RecoveryState from = model::RecoveryState::kOpen;
  model::RecoveryState to = model::RecoveryState::kOpen;
  TimePoint now;
};
// Takes one step if the recovery still is in `from` and in time; false otherwise (Law 3: of racing
// callers one gets true).
Result<bool> AdvanceRecovery(Transaction& tx, const RecoveryStep& step);
// Ends the account's live recovery, if there is one, as stopped.
Done StopRecoveries(Transaction& tx, AccountId account_id, TimePoint now);
// Ends at most `limit` recoveries that are past their time; returns how many.
Result<int64_t> ExpireRecoveries(Transaction& tx, TimePoint now, int limit);

// `evidence.id` is made here.
Done InsertEvidence(Transaction& tx, const StoreContext& context, const model::Evidence& evidence);
// Where evidence was given: in a recovery, in a case (0: in none), or in either.
struct EvidenceScope {
  AccountId account_id;
  int64_t security_epoch = 0;  // the account's now
  RecoveryId recovery_id = {};
  CaseId case_id = {};
};
// Fresh evidence of the recovery and of the case. What was altered is logged and left out (attack
// D07).
Result<std::vector<model::Evidence>> LoadEvidence(Transaction& tx, const crypto::KeyRing& keys,
                                                  const EvidenceScope& scope, TimePoint now);
// Removes at most `limit` recoveries that ended before `ended_before`; returns how many.
Result<int64_t> SweepRecoveries(Transaction& tx, TimePoint ended_before, int limit);
// Removes at most `limit` pieces that went stale before `stale_before`; returns how many.
Result<int64_t> SweepEvidence(Transaction& tx, TimePoint stale_before, int limit);

}  // namespace latchkey::ledger
