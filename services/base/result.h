// SPDX-License-Identifier: Apache-2.0
// The one way a call fails: a closed Reason, with what the log may know of it.
#pragma once

#include <cstdlib>
#include <string>
#include <utility>
#include <variant>

#include "services/base/check.h"
#include "services/base/clock.h"

namespace latchkey {

// Why something was refused. rpc/errors.cc maps each to what an outsider may learn; there is no
// other mapping.
enum class Reason {
  kMalformed,           // the request is wrong; `field` says where
  kNotAllowed,          // this caller may not do this
  kWrong,               // a proof does not match; which part is never said
  kResting,             // too many tries; `retry_at` is set
  kBusy,                // nothing counted, nothing changed
  kExpired,             // was good once
  kUsed,                // its recovery is completed
  kStopped,             // ended by a security event
  kPasswordUnsuitable,  // `password` says why
  kMoreProof,           // another proof is needed first
  kConflict,            // the idempotency key belongs to another request
  kNotFound,            // said to staff only
  kOwnAccount,          // staff asked to serve themselves
  kUnavailable,         // a store or engine is away; guess checks fail closed
  kInternal,            // a bug; the log has the detail
};

enum class PasswordIssue {
  kNone,
  kTooShort,
  kTooLong,
  kNotText,
  kBlocklisted,
  kContext,
  kGuessable,
  kUnchanged
};
enum class PasswordWeakness {
  kNone,
  kCommonWord,
  kKeyboardPattern,
  kRepeat,
  kSequence,
  kDate,
  kTooSimple
};

struct PasswordVerdict {
  PasswordIssue issue = PasswordIssue::kNone;
  PasswordWeakness weakness = PasswordWeakness::kNone;
  unsigned min_characters = 0;
};

struct Failure {
  Reason reason = Reason::kInternal;
  std::string detail = {};  // for the log and for operators; holds no secret and no personal data
  std::string field = {};   // kMalformed: the request's field
  TimePoint retry_at = {};  // kResting, kBusy
  PasswordVerdict password = {};
};

inline Failure Fail(Reason reason, std::string detail = {}) {
  return Failure{.reason = reason, .detail = std::move(detail)};
}
inline Failure Malformed(std::string field, std::string detail = {}) {
  return Failure{
      .reason = Reason::kMalformed, .detail = std::move(detail), .field = std::move(field)};
}
inline Failure Resting(TimePoint retry_at) {
  return Failure{.reason = Reason::kResting, .retry_at = retry_at};
}

// A value or a Failure. Reading the wrong one is a bug and aborts.
template <typename T>
class [[nodiscard]] Result {
 public:
  using Value = T;
  // Implicit, so that a function returns what it has.
  // NOLINTNEXTLINE(google-explicit-constructor)
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  // NOLINTNEXTLINE(google-explicit-constructor)
  Result(Failure failure) : state_(std::in_place_index<1>, std::move(failure)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }
  T& value() & {
    LATCHKEY_CHECK(ok());
    return std::get<0>(state_);
  }
  const T& value() const& {
    LATCHKEY_CHECK(ok());
    return std::get<0>(state_);
  }
  T&& value() && {
    LATCHKEY_CHECK(ok());
    return std::get<0>(std::move(state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  const Failure& failure() const {
    LATCHKEY_CHECK(!ok());
    return std::get<1>(state_);
  }
  Reason reason() const { return failure().reason; }

 private:
  std::variant<T, Failure> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using Value = void;
  Result() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): as above
  Result(Failure failure) : failed_(true), failure_(std::move(failure)) {}

  bool ok() const { return !failed_; }
  explicit operator bool() const { return ok(); }
  const Failure& failure() const {
    LATCHKEY_CHECK(failed_);
    return failure_;
  }
  Reason reason() const { return failure().reason; }

 private:
  bool failed_ = false;
  Failure failure_;
};

using Done = Result<void>;

}  // namespace latchkey

#define LATCHKEY_CONCAT_INNER(a, b) a##b
#define LATCHKEY_CONCAT(a, b) LATCHKEY_CONCAT_INNER(a, b)

// Returns the failure of `expression` to the caller, or goes on.
#define LATCHKEY_TRY(expression) \
  LATCHKEY_TRY_INNER(LATCHKEY_CONCAT(try_result_, __LINE__), expression)
#define LATCHKEY_TRY_INNER(name, expression)    \
  do {                                          \
    if (auto name = (expression); !name.ok()) { \
      return name.failure();                    \
    }                                           \
  } while (false)

// LATCHKEY_ASSIGN(auto account, FindAccount(id)): the value, or returns the failure to the caller.
#define LATCHKEY_ASSIGN(declaration, expression) \
  LATCHKEY_ASSIGN_INNER(LATCHKEY_CONCAT(assign_result_, __LINE__), declaration, expression)
#define LATCHKEY_ASSIGN_INNER(name, declaration, expression) \
  auto name = (expression);                                  \
  if (!name.ok()) return name.failure();                     \
  declaration = std::move(name).value()
