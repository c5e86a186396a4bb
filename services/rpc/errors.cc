// SPDX-License-Identifier: Apache-2.0
#include "services/rpc/errors.h"

#include "latchkey/v1/common.pb.h"

namespace latchkey::rpc {
namespace {

// What one reason looks like from outside. Several reasons share a line where telling them apart
// would tell a stranger something (Law 6).
struct Outside {
  std::string_view name;
  v1::RefusalReason reason;
  grpc::StatusCode code;
  std::string_view words;
};

Outside OutsideOf(Reason reason) {
  using grpc::StatusCode;
  switch (reason) {
    case Reason::kMalformed:
      return {"malformed", v1::REFUSAL_REASON_MALFORMED, StatusCode::INVALID_ARGUMENT,
              "malformed request"};
    case Reason::kNotAllowed:
      return {"not_allowed", v1::REFUSAL_REASON_NOT_ALLOWED, StatusCode::PERMISSION_DENIED,
              "not allowed"};
    case Reason::kWrong:
      return {"wrong", v1::REFUSAL_REASON_WRONG, StatusCode::UNAUTHENTICATED, "does not match"};
    case Reason::kResting:
      return {"resting", v1::REFUSAL_REASON_RESTING, StatusCode::RESOURCE_EXHAUSTED, "resting"};
    case Reason::kBusy:
      return {"busy", v1::REFUSAL_REASON_BUSY, StatusCode::RESOURCE_EXHAUSTED, "busy"};
    case Reason::kExpired:
      return {"expired", v1::REFUSAL_REASON_EXPIRED, StatusCode::FAILED_PRECONDITION, "expired"};
    case Reason::kUsed:
      return {"used", v1::REFUSAL_REASON_USED, StatusCode::FAILED_PRECONDITION, "used"};
    case Reason::kStopped:
      return {"stopped", v1::REFUSAL_REASON_STOPPED, StatusCode::FAILED_PRECONDITION, "stopped"};
    case Reason::kPasswordUnsuitable:
      return {"password_unsuitable", v1::REFUSAL_REASON_PASSWORD_UNSUITABLE,
              StatusCode::FAILED_PRECONDITION, "unsuitable password"};
    case Reason::kMoreProof:
      return {"more_proof", v1::REFUSAL_REASON_MORE_PROOF, StatusCode::FAILED_PRECONDITION,
              "more proof needed"};
    case Reason::kConflict:
      return {"conflict", v1::REFUSAL_REASON_CONFLICT, StatusCode::ABORTED, "conflict"};
    case Reason::kNotFound:
      return {"not_found", v1::REFUSAL_REASON_NOT_FOUND, StatusCode::NOT_FOUND, "not found"};
    case Reason::kOwnAccount:
      return {"own_account", v1::REFUSAL_REASON_OWN_ACCOUNT, StatusCode::PERMISSION_DENIED,
              "own account"};
    case Reason::kUnavailable:
      return {"unavailable", v1::REFUSAL_REASON_BUSY, StatusCode::UNAVAILABLE, "busy"};
    case Reason::kInternal:
      return {"internal", v1::REFUSAL_REASON_BUSY, StatusCode::UNAVAILABLE, "busy"};
  }
  return {"internal", v1::REFUSAL_REASON_BUSY, grpc::StatusCode::UNAVAILABLE, "busy"};
}

// Law 10: every refusal names what can be done now.
void AddWaysOn(Reason reason, v1::Refusal& refusal) {
  switch (reason) {
    case Reason::kWrong:
    case Reason::kResting:
      if (reason == Reason::kResting) refusal.add_ways_on(v1::WAY_ON_WAIT);
      refusal.add_ways_on(v1::WAY_ON_RECOVER_BY_MESSAGE);
      break;
    case Reason::kBusy:
    case Reason::kUnavailable:
    case Reason::kInternal:
      refusal.add_ways_on(v1::WAY_ON_WAIT);
      break;
    case Reason::kExpired:
    case Reason::kStopped:
    case Reason::kMoreProof:
      refusal.add_ways_on(v1::WAY_ON_RECOVER_BY_MESSAGE);
      break;
    case Reason::kUsed:
      refusal.add_ways_on(v1::WAY_ON_SIGN_IN);
      refusal.add_ways_on(v1::WAY_ON_RECOVER_BY_MESSAGE);
      break;
    case Reason::kMalformed:
    case Reason::kNotAllowed:
    case Reason::kPasswordUnsuitable:
    case Reason::kConflict:
    case Reason::kNotFound:
    case Reason::kOwnAccount:
      return;
  }
  refusal.add_ways_on(v1::WAY_ON_PHONE);
  refusal.add_ways_on(v1::WAY_ON_BRANCH);
}

}  // namespace

std::string_view ReasonName(Reason reason) { return OutsideOf(reason).name; }

grpc::Status ToStatus(const Failure& failure) {
  const Outside outside = OutsideOf(failure.reason);
  v1::Refusal refusal;
  refusal.set_reason(outside.reason);
  if (failure.reason == Reason::kMalformed) refusal.set_field(failure.field);
  if (failure.retry_at != TimePoint{}) refusal.set_retry_at_unix_ms(ToUnixMillis(failure.retry_at));
  if (failure.reason == Reason::kPasswordUnsuitable) {
    refusal.set_password_issue(static_cast<v1::PasswordIssue>(failure.password.issue));
    refusal.set_weakness(static_cast<v1::PasswordWeakness>(failure.password.weakness));
    refusal.set_min_characters(failure.password.min_characters);
  }
  AddWaysOn(failure.reason, refusal);
  return grpc::Status(outside.code, std::string(outside.words), refusal.SerializeAsString());
}

}  // namespace latchkey::rpc
