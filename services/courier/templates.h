// SPDX-License-Identifier: Apache-2.0
// What may be said to a customer by message, and the values that each message cannot do without.
//
// Whoever decides something fills in one of these structs and enqueues what Compose makes of it, in
// the transaction of the decision. Links are not among the values, only their tokens: the courier
// puts the link together when it sends, from the configuration alone (attack L03). No text of a
// customer or of staff ever goes into a message (I04).
#pragma once

#include <array>
#include <string_view>

#include "crypto/secret.h"
#include "services/base/clock.h"
#include "services/base/ids.h"
#include "services/ledger/outbox.h"
#include "services/model/account.h"
#include "services/model/recovery.h"

namespace latchkey::courier {

// Names of templates: stored in the outbox and the journal, and the file names in
// messages/LANGUAGE/.
inline constexpr std::string_view kRecovery = "recovery";
inline constexpr std::string_view kRecoveryUnlock = "recovery_unlock";
inline constexpr std::string_view kRecoveryByPhone = "recovery_by_phone";
inline constexpr std::string_view kLinkAfterCall = "link_after_call";
inline constexpr std::string_view kAssistedCode = "assisted_code";
inline constexpr std::string_view kBranchCode = "branch_code";
inline constexpr std::string_view kPasswordResetNotice = "password_reset_notice";
inline constexpr std::string_view kUnlockedNotice = "unlocked_notice";
inline constexpr std::string_view kTokenIssuedNotice = "token_issued_notice";
inline constexpr std::string_view kFrozenNotice = "frozen_notice";
inline constexpr std::string_view kFreezeLiftedNotice = "freeze_lifted_notice";
inline constexpr std::string_view kStoppedAccountHint = "stopped_account_hint";
inline constexpr std::string_view kPasswordsResting = "passwords_resting";
inline constexpr std::string_view kPasswordDisabledNotice = "password_disabled_notice";
inline constexpr std::array kAllTemplates = {kLinkAfterCall,       kRecovery,
                                             kRecoveryUnlock,      kRecoveryByPhone,
                                             kAssistedCode,        kBranchCode,
                                             kPasswordResetNotice, kUnlockedNotice,
                                             kTokenIssuedNotice,   kFrozenNotice,
                                             kFreezeLiftedNotice,  kStoppedAccountHint,
                                             kPasswordsResting,    kPasswordDisabledNotice};

// Names of values.
inline constexpr std::string_view kLinkToken =
    "link_token";  // base64url; becomes <portal>/recover#t=…
inline constexpr std::string_view kFreezeToken =
    "freeze_token";                                // base64url; becomes <portal>/stop#t=…
inline constexpr std::string_view kCode = "code";  // digits only
inline constexpr std::string_view kCodeUntil = "code_until";  // unix milliseconds
inline constexpr std::string_view kReference = "reference";   // "R-7K2M-9QXA"
inline constexpr std::string_view kAt = "at";                 // unix milliseconds: when it happened
inline constexpr std::string_view kChannel = "channel";       // number of model::Channel
inline constexpr std::string_view kRestsUntil = "rests_until";  // unix milliseconds

// To whom, and in which journey. The address itself is read when the message is sent (attack C05).
struct Recipient {
  AccountId account_id;
  ContactId contact_id;
  RecoveryId recovery_id = {};
  CaseId case_id = {};
};

// The structs below only carry references to Compose: make them in the call, do not keep them.
// Tokens are raw bytes, as crypto::NewToken makes them. `expires_at` is when the code, or what the
// notice offers, is of no use any more.

// Link and code of one recovery, in one message. `intent` decides whether it speaks of a new
// password or of unlocking. A caller is asked which only after the code, and has no page open.
struct RecoveryMessage {
  model::Intent intent = model::Intent::kReset;
  model::Channel channel = model::Channel::kWeb;  // in which it was asked for
  const Secret& link_token;
  const Secret& code;
  std::string_view reference;
  TimePoint expires_at;  // of both
};
// Who proved something on the phone goes on in a browser. The call is over, and no page is open.
struct LinkAfterCall {
  const Secret& link_token;
  const Secret& code;
  std::string_view reference;
  TimePoint expires_at;  // of both
};
// The second half of a branch token's use, on the web or by phone. The code alone is worth nothing.
struct AssistedCode {
  const Secret& code;
  std::string_view reference;
  TimePoint expires_at;
};
// To be read to the member of staff in front of the customer: proves presence and opens nothing.
struct BranchCode {
  const Secret& code;
  TimePoint expires_at;
};

enum class Happened { kPasswordReset, kUnlocked, kTokenIssued, kFreezeLifted };
// Tells an address what was done, with "this was not me" (Law 9).
struct Notice {
  Happened what;
  TimePoint at;
  model::Channel channel = model::Channel::kNone;
  std::string_view reference;  // of the recovery or case; may be empty
  const Secret& freeze_token;
  TimePoint expires_at;
};
// Tells that the account is frozen now, and how to go on. There is nothing left to stop, so it
// carries no token.
struct FrozenNotice {
  TimePoint at;
  model::Channel channel = model::Channel::kNone;
  std::string_view reference;  // of the case; may be empty
  TimePoint expires_at;
};
// Somebody asked for a recovery of an account that is frozen: the form was silent, the owner is
// told the way on.
struct StoppedAccountHint {
  TimePoint at;
  std::string_view reference;  // of the case; may be empty
  TimePoint expires_at;
};
// Wrong passwords made passwords rest: nobody got in, and these are the ways that are open.
struct PasswordsResting {
  TimePoint at;
  model::Channel channel = model::Channel::kNone;
  TimePoint until;
  TimePoint expires_at;
};

// So many wrong passwords that it was disabled: nobody got in, and the owner needs a new one.
struct PasswordDisabledNotice {
  TimePoint at;
  model::Channel channel = model::Channel::kNone;
  TimePoint expires_at;
};

ledger::NewMessage Compose(const Recipient& to, const RecoveryMessage& message);
ledger::NewMessage Compose(const Recipient& to, const LinkAfterCall& message);
ledger::NewMessage Compose(const Recipient& to, const AssistedCode& message);
ledger::NewMessage Compose(const Recipient& to, const BranchCode& message);
ledger::NewMessage Compose(const Recipient& to, const Notice& message);
ledger::NewMessage Compose(const Recipient& to, const FrozenNotice& message);
ledger::NewMessage Compose(const Recipient& to, const StoppedAccountHint& message);
ledger::NewMessage Compose(const Recipient& to, const PasswordsResting& message);
ledger::NewMessage Compose(const Recipient& to, const PasswordDisabledNotice& message);

}  // namespace latchkey::courier
