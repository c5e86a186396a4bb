// SPDX-License-Identifier: Apache-2.0
// The journal: one chain for each account, written in the transaction of the decision itself (Law
// 13).
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <vector>

#include "crypto/keyring.h"
#include "services/base/result.h"
#include "services/ledger/accounts.h"
#include "services/ledger/ledger.h"
#include "services/model/journal.h"

namespace latchkey::ledger {

// Appends one entry. Takes the account's chain row first, so that two writers queue there.
Done Append(Transaction& tx, const StoreContext& context, const model::Entry& entry);

// The newest `limit` entries of an account, of one kind or of any, newest first, details opened.
Result<std::vector<model::JournalLine>> LoadRecent(Transaction& tx, const crypto::KeyRing& keys,
                                                   AccountId id, int limit,
                                                   std::optional<model::Event> only = {});

// The newest entry of this kind, person and case that is later than `since`, among the newest of
// the account: what is looked for in a long history costs no more than in a short one.
struct EntrySought {
  AccountId account_id;
  model::Event event{};
  StaffId staff_id;
  CaseId case_id;
  TimePoint since;
  int among = 0;
};
Result<std::optional<model::JournalLine>> FindRecent(Transaction& tx, const crypto::KeyRing& keys,
                                                     const EntrySought& sought);

// Whether the account's newest entries say that this recovery has ended: by a reset or a freeze
// since it began, or by its own unlocking. Its row may say otherwise after somebody put it back; an
// entry cannot be changed without breaking the chain (attack D07).
Result<bool> SaysEnded(Transaction& tx, AccountId account_id, RecoveryId recovery_id);

// The latest time that one of the newest entries of all chains carries, by whichever node's clock;
// absent: there is none.
Result<std::optional<TimePoint>> LastEntryAt(Ledger& ledger);

// What a verification found. `account_id` and `seq` name the first broken entry; `seq` is 0 where a
// checkpoint does not match.
struct JournalFault {
  AccountId account_id;
  int64_t seq = 0;
  std::string what;  // "the digest does not match", "entry 4 is missing", "the signed checkpoint of
                     // … does not match"
  std::string way_on = {};  // empty: somebody altered the journal
};
struct JournalReport {
  int64_t entries = 0;
  int64_t chains = 0;
  int64_t checkpoints = 0;
  std::optional<JournalFault> first_fault;
};

// Walks every chain in batches and compares with the checkpoints. `progress` is called with entries
// done and in all. Holds one batch in memory, whatever the journal's size. kUnavailable when the
// chains are whole and the checkpoint file is lost, and when it cannot be read.
Result<JournalReport> VerifyJournal(Ledger& ledger, const crypto::KeyRing& keys,
                                    const std::filesystem::path& checkpoint_file,
                                    const std::function<void(int64_t, int64_t)>& progress);

// How long after a commit every transaction that began before it has ended (stores cut them off
// much earlier).
Millis SettlesAfter(const Ledger& ledger);

// Signs what is new and appends one line to the checkpoint file, durably. A stretch ends at the
// newest entry that a call finds; from then on entries get ids above it, and it is signed by the
// first call for which that moment is not after `settled`: a moment by which every transaction that
// began before it has ended (now - SettlesAfter). Where that is now, the same call signs it.
// Returns the entries covered by this line.
Result<int64_t> WriteCheckpoint(Ledger& ledger, const crypto::KeyRing& keys,
                                const std::filesystem::path& checkpoint_file, TimePoint settled,
                                TimePoint now);

// The file as the ledger's own lines make it. Whoever cut the ledger back has cut them too, so a
// file that was lost is begun anew with them only on the word of a person.
Result<std::string> CheckpointLines(Ledger& ledger);

}  // namespace latchkey::ledger
