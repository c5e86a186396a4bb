// SPDX-License-Identifier: Apache-2.0
// What customers asked for or must be told and nobody has looked at yet, and the answers that
// repeated requests get again.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/secret.h"
#include "services/base/result.h"
#include "services/ledger/accounts.h"
#include "services/ledger/ledger.h"
#include "services/model/recovery.h"

namespace latchkey::ledger {

// Numbers are stored.
enum class IntakeKind {
  kRecovery = 1,
  kCallBack = 2,
  // Wrong passwords made them rest, or disabled it for good: the owner is to be told.
  kPasswordsResting = 3,
  kPasswordDisabled = 4,
};

// One request, kept before anybody knows whom it names (Laws 6, 10). Sealed under the ring's field
// key.
struct Intake {
  IntakeId id;
  IntakeKind kind = IntakeKind::kRecovery;
  model::Identifier identifier;  // canonical
  model::Intent intent = model::Intent::kReset;
  model::Source source;
  Secret handle;  // 32 bytes: stands for this request in SubmitCode
  TimePoint made_at;
  TimePoint expires_at;  // of the handle; of passwords that rest: when they wake
  int64_t attempts = 0;  // of working on it, this one included
};

// Everything but `id` and `attempts`, as bytes that must be sealed before they are kept.
std::string PackIntake(const Intake& intake);
Result<Intake> UnpackIntake(std::string_view packed);

// The digest under which a client's idempotency key (16 random bytes) is kept; one name for each
// method.
Bytes RequestKey(std::string_view method, std::string_view idempotency_key);

struct NewIntake {
  Bytes request_key;
  TimePoint next_at;          // when it is to be worked on
  bool after_others = false;  // then, when no other is due
};
// Whether two ask for the same, whoever sent them and whenever.
bool IsSameRequest(const Intake& a, const Intake& b);
// Keeps the intake, unless this request key has one already: then false, and nothing is written.
// A request for the same whose time was over when this was made gives way: a page sent again that
// late is a request like any other, because what it got then opens nothing any more.
Result<bool> InsertIntake(Transaction& tx, const StoreContext& context, const Intake& intake,
                          const NewIntake& row);
Result<std::optional<Intake>> FindIntake(Transaction& tx, const crypto::KeyRing& keys,
                                         const Bytes& request_key);
Result<std::optional<Intake>> FindIntakeByHandle(Transaction& tx, const crypto::KeyRing& keys,
                                                 const Secret& handle);

// Takes up to `limit` due intakes for `lease`: no other worker gets them before it ends. Attempts
// are counted here.
Result<std::vector<Intake>> LeaseIntakes(Transaction& tx, const StoreContext& context, int limit,
                                         Millis lease);
// Ends it; true for the one caller that found it waiting.
Result<bool> EndIntake(Transaction& tx, IntakeId id, TimePoint now);
// How many wait, for those who watch.
Result<int64_t> CountIntakes(Transaction& tx);
// Removes at most `limit` intakes that are done and were made before `made_before`; returns how
// many. What still waits stays, however old (Law 11).
Result<int64_t> SweepIntakes(Transaction& tx, TimePoint made_before, int limit);

// An answer for whoever sends the same request again.
struct Answer {
  Bytes request_key;
  Bytes payload_digest;  // of what the request was about
  Secret text;           // sealed under the ring's field key
  TimePoint expires_at;
};
// False, and nothing written, when the key has an answer already.
Result<bool> PutAnswer(Transaction& tx, const StoreContext& context, const Answer& answer);
Result<std::optional<Answer>> FindAnswer(Transaction& tx, const crypto::KeyRing& keys,
                                         const Bytes& request_key, TimePoint now);
// Removes at most `limit` answers past their time; returns how many.
Result<int64_t> SweepAnswers(Transaction& tx, TimePoint now, int limit);

}  // namespace latchkey::ledger
