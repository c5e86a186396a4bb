// SPDX-License-Identifier: Apache-2.0
// A recovery and what belongs to it, as plain values. Numbers of enums are stored: never change or
// reuse one.
#pragma once

#include <string>

#include "services/base/bytes.h"
#include "services/base/clock.h"
#include "services/base/ids.h"
#include "services/model/account.h"

namespace latchkey::model {

enum class Intent { kReset = 1, kUnlock = 2 };
enum class RecoveryState { kOpen = 1, kProven = 2, kCompleted = 3, kStopped = 4, kExpired = 5 };

struct Recovery {
  RecoveryId id;
  AccountId account_id;
  std::string reference;  // "R-7K2M-9QXA", no secret
  RecoveryState state = RecoveryState::kOpen;
  Intent intent = Intent::kReset;
  int64_t security_epoch = 0;
  CaseId case_id;
  TimePoint opened_at;
  TimePoint expires_at;
};

enum class EvidenceKind {
  kIssuedCode = 1,
  kDocumentInspected = 2,
  kAssistedToken = 3,
  kSavedCode = 4
};

// A fact that the service verified. Fresh for a time, in whichever channel (Law 15).
struct Evidence {
  EvidenceId id;
  AccountId account_id;
  int64_t security_epoch = 0;  // the account's when it was given: it counts in no other (Law 3)
  RecoveryId recovery_id;      // 0: given in a case before a recovery was open
  CaseId case_id;
  EvidenceKind kind = EvidenceKind::kIssuedCode;
  ContactId contact_id;  // kIssuedCode: through which contact
  bool contact_settled = false;
  Channel channel = Channel::kNone;
  StaffId staff_id;
  TimePoint at;
  TimePoint fresh_until;
};

// What a token may be used for. Part of its digest, so that one kind never passes for another
// (attack L12).
enum class TokenPurpose {
  kRecoveryLink = 1,
  kRecoveryCode = 2,
  kRecoverySession = 3,
  kHandle = 4,  // stands for a Begin or RedeemAssisted while its code is on the way
  kAssisted = 5,
  kFreezeLink = 6,
  kBranchCode =
      7,  // a code said to a teller proves presence only; it never opens a recovery by itself
};

struct Token {
  TokenId id;
  TokenPurpose purpose = TokenPurpose::kRecoveryLink;
  AccountId account_id;    // 0: a handle for an unknown customer
  RecoveryId recovery_id;  // 0: none
  CaseId case_id;
  ContactId contact_id;  // where it was sent; 0: none
  int64_t security_epoch = 0;
  TimePoint made_at;
  TimePoint expires_at;
  TimePoint used_at;  // zero: live
};

}  // namespace latchkey::model
