// SPDX-License-Identifier: Apache-2.0
// One decision, as it goes into the journal.
#pragma once

#include <string>
#include <string_view>

#include "services/base/clock.h"
#include "services/base/ids.h"
#include "services/model/account.h"

namespace latchkey::model {

// Numbers are stored and equal ActivityKind of the contract.
enum class Event {
  kImported = 1,
  kSignedIn = 2,
  kSignInFailed = 3,
  kSignInResting = 4,
  kRecoveryStarted = 5,
  kProofGiven = 6,
  kProofFailed = 7,
  kPasswordReset = 8,
  kUnlocked = 9,
  kFrozen = 10,
  kFreezeLifted = 11,
  kStaffViewed = 12,
  kDocumentInspected = 13,
  kAssistedTokenIssued = 14,
  kMessageQueued = 15,
  kMessageAccepted = 16,
  kMessageFailed = 17,
  kNote = 18,
  kCallBackAsked = 19,
  kSignedOut = 20,
  kVerifierUpgraded = 21,
  kCaseOpened = 22,
  kCaseClosed = 23,
  kPasswordDisabled = 24,  // a new one is needed
  kMessageWithheld = 25,   // so many were asked for that no more are sent for now
  kRestored = 26,          // put back from an older copy: links, codes, sessions and proofs ended
  // Of the service's own chain (account 0); never shown to customers.
  kStaffSignedIn = 100,
  kStaffSignInFailed = 101,
  kStaffSignedOut = 102,
  kUnknownNames = 103,  // a summary of attempts on names that do not exist
  kKeyRotated = 104,
  kImportRun = 105,
  kStaffAdded = 106,
  kStaffDisabled = 107,
  kStaffRenewed = 108,  // another password and authenticator, by an operator
};

struct Entry {
  AccountId account_id = {};  // 0: the service's own chain
  Event event = Event::kNote;
  Channel channel = Channel::kNone;
  StaffId staff_id = {};        // 0: the customer, or the service itself
  CaseId case_id = {};          // 0: none
  RecoveryId recovery_id = {};  // 0: none
  // Words for whoever reads the case: a note, a reason, a contact's mask, a template's name (first,
  // of an entry about a message). Sealed under the account's key (Law 14). Holds no secret.
  std::string details = {};
};

// The message that an entry is about, by its template's name; empty: it is about none.
inline std::string_view MessageOf(const Entry& entry) {
  if (entry.event != Event::kMessageQueued && entry.event != Event::kMessageAccepted &&
      entry.event != Event::kMessageFailed)
    return {};
  return std::string_view(entry.details).substr(0, entry.details.find_first_of(" :"));
}

// An entry as it is read back.
struct JournalLine {
  Entry entry;
  int64_t seq = 0;
  TimePoint at;
};

}  // namespace latchkey::model
