// SPDX-License-Identifier: Apache-2.0
#include "services/signin/hash_slots.h"

#include <algorithm>
#include <chrono>

#include "services/base/check.h"

namespace latchkey::signin {
namespace {

constexpr size_t kRandomPasswordBytes = 32;

}  // namespace

HashSlots::HashSlots(Options options, const crypto::KeyRing& keys, Random& random, Clock& clock)
    : options_(options),
      keys_(keys),
      random_(random),
      clock_(clock),
      nobody_(crypto::HashPassword(Secret(random.Take(kRandomPasswordBytes)), options.cost, keys,
                                   random)) {
  LATCHKEY_CHECK(options_.slots > 0);
}

Result<HashSlots::Slot> HashSlots::Enter(Priority priority, TimePoint deadline) {
  const TimePoint now = clock_.Now();
  const Failure busy{.reason = Reason::kBusy,
                     .detail = "all hash slots are taken",
                     .retry_at = now + options_.longest_wait};
  std::unique_lock lock(mutex_);
  if (taken_ < options_.slots) {  // then nobody waits: a slot that comes free is handed on
    ++taken_;
    return Slot(this);
  }
  const bool known = priority == Priority::kKnownDevice;
  const size_t room = known ? options_.longest_queue : options_.longest_queue * 3 / 4;
  const Millis patience = std::min(options_.longest_wait, deadline - now);
  if (known_.size() + strangers_.size() >= room || patience <= Millis::zero()) return busy;

  std::list<Waiter*>& queue = known ? known_ : strangers_;
  Waiter waiter;
  const auto place = queue.insert(queue.end(), &waiter);
  if (!admitted_.wait_for(lock, patience, [&] { return waiter.admitted; })) {
    queue.erase(place);
    return busy;
  }
  return Slot(this);
}

void HashSlots::Leave() {
  std::lock_guard lock(mutex_);
  std::list<Waiter*>& queue = known_.empty() ? strangers_ : known_;
  if (queue.empty()) {
    --taken_;
    return;
  }
  // The slot goes from hand to hand; nobody who comes in between can take it.
  queue.front()->admitted = true;
  queue.pop_front();
  admitted_.notify_all();
}

Result<crypto::Verification> HashSlots::Verify(const Slot&, const Counted&, const Secret& password,
                                               std::string_view stored) {
  ++hashes_;
  return crypto::VerifyPassword(password, stored, keys_);
}

void HashSlots::VerifyNobody(const Slot&, const Counted&, const Secret& password) {
  ++hashes_;
  static_cast<void>(crypto::VerifyPassword(password, nobody_, keys_));
}

std::string HashSlots::Hash(const Slot&, const Secret& password) {
  ++hashes_;
  return crypto::HashPassword(password, options_.cost, keys_, random_);
}

bool HashSlots::NeedsUpgrade(std::string_view stored) const {
  return crypto::NeedsUpgrade(stored, options_.cost, keys_);
}

size_t HashSlots::waiting() const {
  std::lock_guard lock(mutex_);
  return known_.size() + strangers_.size();
}

}  // namespace latchkey::signin
