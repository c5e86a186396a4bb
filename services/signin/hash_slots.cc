// SPDX-License-Identifier: Apache-2.0
#include "services/signin/hash_slots.h"

#include <algorithm>
#include <chrono>

#include "services/base/check.h"

namespace latchkey::signin {
namespace {

constexpr size_t kRandomPasswordBytes = 32;
constexpr size_t kBytesPerKib = 1024;

}  // namespace

HashSlots::HashSlots(Options options, const crypto::KeyRing& keys, Random& random, Clock& clock)
    : options_(options),
      keys_(keys),
      random_(random),
      clock_(clock),
      nobody_(crypto::HashPassword(Secret(random.Take(kRandomPasswordBytes)), options.cost, keys,
                                   random)) {
  LATCHKEY_CHECK(options_.slots > 0);
  for (size_t i = 0; i < options_.slots; ++i) {
    areas_.push_back(
        std::make_unique<crypto::WorkArea>(size_t{options_.cost.memory_kib} * kBytesPerKib));
    free_.push_back(areas_.back().get());
  }
}

Result<HashSlots::Slot> HashSlots::Enter(Priority priority, TimePoint deadline) {
  const TimePoint now = clock_.Now();
  std::unique_lock lock(mutex_);
  if (!free_.empty()) {  // then nobody waits: a slot that comes free is handed on
    crypto::WorkArea* area = free_.back();
    free_.pop_back();
    return Slot(this, area);
  }
  const Millis patience = std::min(options_.longest_wait, deadline - now);
  if (!HasRoom(priority) || patience <= Millis::zero()) return Busy();

  std::list<Waiter*>& queue = priority == Priority::kKnownDevice ? known_ : strangers_;
  Waiter waiter;
  const auto place = queue.insert(queue.end(), &waiter);
  if (!waiter.admitted.wait_for(lock, patience, [&] { return waiter.area != nullptr; })) {
    queue.erase(place);
    return Busy();
  }
  return Slot(this, waiter.area);
}

Done HashSlots::CheckRoom(Priority priority) const {
  std::lock_guard lock(mutex_);
  if (!free_.empty() || HasRoom(priority)) return {};
  return Busy();
}

// In the queue, under the lock.
bool HashSlots::HasRoom(Priority priority) const {
  const bool known = priority == Priority::kKnownDevice;
  const size_t room = known ? options_.longest_queue : options_.longest_queue * 3 / 4;
  return known_.size() + strangers_.size() < room;
}

Failure HashSlots::Busy() const {
  return {.reason = Reason::kBusy,
          .detail = "all hash slots are taken",
          .retry_at = clock_.Now() + options_.longest_wait};
}

void HashSlots::Leave(crypto::WorkArea* area) {
  crypto::WorkArea::Lend(nullptr);
  {
    std::lock_guard lock(mutex_);
    if (HandOn(area)) return;  // the next hash overwrites what this one left
  }
  area->Wipe();
  std::lock_guard lock(mutex_);
  if (!HandOn(area)) free_.push_back(area);
}

// To the next in the queue; nobody who comes in between can take it. Under the lock.
bool HashSlots::HandOn(crypto::WorkArea* area) {
  std::list<Waiter*>& queue = known_.empty() ? strangers_ : known_;
  if (queue.empty()) return false;
  Waiter& next = *queue.front();
  queue.pop_front();
  next.area = area;
  next.admitted.notify_one();
  return true;
}

Result<crypto::Verification> HashSlots::Verify(const Slot&, const Counted&, const Secret& password,
                                               std::string_view stored) {
  return Count(password, stored);
}

void HashSlots::VerifyNobody(const Slot&, const Counted&, const Secret& password,
                             std::string_view borrowed) {
  static_cast<void>(Count(password, borrowed.empty() ? nobody_ : borrowed));
}

Result<crypto::Verification> HashSlots::Count(const Secret& password, std::string_view stored) {
  ++hashes_;
  foreign_hashes_ += crypto::IsForeign(stored) ? 1 : 0;
  return crypto::VerifyPassword(password, stored, keys_);
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
