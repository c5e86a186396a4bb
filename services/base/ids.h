// SPDX-License-Identifier: Apache-2.0
// Names for rows: 63 bits that grow with time, so that new rows are neighbours and order by age.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <mutex>

#include "services/base/clock.h"
#include "services/base/random.h"

namespace latchkey {

// A row's id that cannot be confused with another table's. 0 means none.
template <typename Tag>
struct Id {
  int64_t value = 0;
  explicit operator bool() const { return value != 0; }
  auto operator<=>(const Id&) const = default;
};

using AccountId = Id<struct AccountTag>;
using ContactId = Id<struct ContactTag>;
using AuthenticatorId = Id<struct AuthenticatorTag>;
using IntakeId = Id<struct IntakeTag>;
using RecoveryId = Id<struct RecoveryTag>;
using EvidenceId = Id<struct EvidenceTag>;
using TokenId = Id<struct TokenTag>;
using CaseId = Id<struct CaseTag>;
using StaffId = Id<struct StaffTag>;
using MessageId = Id<struct MessageTag>;
using JournalId = Id<struct JournalTag>;

// An id begins with its time, in milliseconds since 1970.
inline constexpr int kIdTimeShift = 21;

// Makes ids: 42 bits of milliseconds, 21 bits random. Ids of one maker strictly grow; two nodes
// that meet in the same millisecond collide once in two million, and the ledger then runs the
// second one's work again. Threads: any. No secret.
class IdMaker {
 public:
  IdMaker(Clock& clock, Random& random) : clock_(clock), random_(random) {}

  template <typename IdType>
  IdType Next() {
    return IdType{NextValue()};
  }

 private:
  int64_t NextValue() {
    uint32_t noise = 0;
    random_.Fill(&noise, sizeof noise);
    int64_t value =
        (ToUnixMillis(clock_.Now()) << kIdTimeShift) | (noise & ((1u << kIdTimeShift) - 1));
    std::lock_guard lock(mutex_);
    // By no fixed step: two makers that ran beside each other would meet at each one.
    if (value <= last_) value = last_ + 1 + (noise >> kIdTimeShift);
    last_ = value;
    return value;
  }

  Clock& clock_;
  Random& random_;
  std::mutex mutex_;
  int64_t last_ = 0;
};

}  // namespace latchkey

template <typename Tag>
struct std::hash<latchkey::Id<Tag>> {
  size_t operator()(const latchkey::Id<Tag>& id) const { return std::hash<int64_t>()(id.value); }
};
