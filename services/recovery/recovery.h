// SPDX-License-Identifier: Apache-2.0
// The use cases of recovery, one file each. Whoever calls them is an edge: it has checked shapes,
// not meaning.
//
// Threads: any. Each writes in one ledger transaction or not at all. All fail with kUnavailable
// when a store is away, except Begin and AskForPerson, which then keep the request in the spool
// (Law 10).
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "crypto/secret.h"
#include "services/base/bytes.h"
#include "services/base/result.h"
#include "services/hotstate/hotstate.h"
#include "services/ledger/accounts.h"
#include "services/ledger/ledger.h"
#include "services/model/account.h"
#include "services/model/recovery.h"
#include "services/proof/blocklist.h"
#include "services/recovery/one_at_a_time.h"
#include "services/recovery/rules.h"
#include "services/recovery/spool.h"
#include "services/signin/guess.h"
#include "services/signin/hash_slots.h"

namespace latchkey::recovery {

// What the use cases work with. Everything referred to outlives it.
struct Parts {
  ledger::Ledger& ledger;
  hotstate::HotState& hot_state;
  signin::GuessGate& gate;
  signin::HashSlots& slots;
  const proof::Blocklist& blocklist;
  Spool& spool;
  ledger::StoreContext store;
  RecoveryRules rules;
  std::string bank_name;  // a context word of new passwords
  std::shared_ptr<OneAtATime> setting_password = std::make_shared<OneAtATime>();
};

// A handle stands for a request until its code is typed. 32 bytes.
struct Begun {
  Secret handle;
  TimePoint expires_at;
};
struct BeginRequest {
  std::string identifier;  // as typed
  model::Intent intent = model::Intent::kReset;
  model::Source source;
  std::string idempotency_key;  // 16 bytes
};
// Keeps the request; the answer is the same whoever is meant, and however many came before (Laws 6,
// 10). kMalformed: the identifier can be nobody's. kConflict: the key was used for another request.
Result<Begun> Begin(const Parts& parts, const BeginRequest& request);

// What a proof allows.
struct Proof {
  Secret session;  // 32 bytes; empty from GetRecovery
  TimePoint expires_at;
  std::string reference;
  model::Intent intent = model::Intent::kReset;
  bool may_set_password = false;
  bool may_unlock = false;
  unsigned min_password_characters = 0;
  std::string customer_number_tail = {};  // its last three digits; from GetRecovery only
};
// kWrong, kExpired, kUsed, kStopped. May be repeated: whatever opens it, the link still works once
// (attack L07).
Result<Proof> OpenLink(const Parts& parts, const Secret& link_token, const model::Source& source);

struct CodeRequest {
  // Exactly one of the two.
  Secret handle;
  std::string identifier;       // as typed
  Secret code;                  // as typed
  std::string idempotency_key;  // 16 bytes
  model::Source source;
  Secret device_token;  // empty: none
};
// kWrong, kResting; kExpired when the handle is past its time. The same request again gets the same
// session for some minutes, while that lives.
Result<Proof> SubmitCode(const Parts& parts, const CodeRequest& request);

struct AssistedRequest {
  std::string customer_number;
  Secret token;                 // as typed
  std::string idempotency_key;  // 16 bytes
  model::Source source;
  Secret device_token;  // empty: none
};
// kWrong, kResting; kMoreProof when the customer has no settled contact that a code could go to.
// The same request again gets the same handle for some minutes, and sends no second code.
Result<Begun> RedeemAssisted(const Parts& parts, const AssistedRequest& request);

// kExpired, kUsed, kStopped.
Result<Proof> GetRecovery(const Parts& parts, const Secret& session);

struct LinkRequest {
  Secret session;
  std::string idempotency_key;  // 16 bytes
  model::Source source;
};
struct SentLink {
  std::string reference;
  bool queued = false;  // false: the hour's messages were sent, and a link in one of them is live
};
// kExpired, kUsed, kStopped, kConflict; kMoreProof when a link would not be enough for a new
// password, or there is no settled contact that it could go to.
Result<SentLink> SendLink(const Parts& parts, const LinkRequest& request);

struct NewPasswordRequest {
  Secret session;
  Secret new_password;          // as typed
  std::string idempotency_key;  // 16 bytes
  model::Source source;
  TimePoint deadline;
};
// The recovery's reference. kPasswordUnsuitable, kMoreProof, kExpired, kUsed, kStopped, kConflict,
// kResting (too many offered in this recovery), kBusy.
Result<std::string> SetPassword(const Parts& parts, const NewPasswordRequest& request);

struct UnlockRequest {
  Secret session;
  std::string idempotency_key;  // 16 bytes
  model::Source source;
};
// The recovery's reference. kMoreProof, kExpired, kUsed, kStopped, kConflict; kResting (too many of
// this account).
Result<std::string> Unlock(const Parts& parts, const UnlockRequest& request);

struct FreezeRequest {
  // Exactly one of the two.
  Secret link_token;
  Secret session;
  model::Source source;
};
// The reference of the case that a person will pick up. kWrong, kExpired, kUsed, kStopped.
Result<std::string> Freeze(const Parts& parts, const FreezeRequest& request);

struct CallBackRequest {
  std::string customer_number;  // as typed
  model::Source source;
  std::string idempotency_key;  // 16 bytes
};
// Keeps the request; the answer is the same whoever is meant.
Done AskForPerson(const Parts& parts, const CallBackRequest& request);

// Worker steps. Each does at most one batch and returns how much it did: 0 means there is nothing
// to do now.
Result<int64_t> DrainSpool(const Parts& parts);
Result<int64_t> DrainIntakes(const Parts& parts);
Result<int64_t> Sweep(const Parts& parts);

}  // namespace latchkey::recovery
