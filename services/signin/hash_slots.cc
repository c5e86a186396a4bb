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
                                   random)),
      free_places_(options.slots + options.ahead) {
  LATCHKEY_CHECK(options_.slots > 0);
  for (size_t i = 0; i < options_.slots; ++i) {
    areas_.push_back(
        std::make_unique<crypto::WorkArea>(size_t{options_.cost.memory_kib} * kBytesPerKib));
    free_areas_.push_back(areas_.back().get());
  }
}

Result<HashSlots::Place> HashSlots::Enter(Priority priority, TimePoint deadline) {
  const TimePoint now = clock_.Now();
  std::unique_lock lock(mutex_);
  if (free_places_ > 0) {  // then nobody waits: a place that comes free is handed on
    --free_places_;
    return Place(this);
  }
  const Millis patience = std::min(options_.longest_wait, deadline - now);
  if (!HasRoom(priority) || patience <= Millis::zero()) return Busy();

  std::list<Waiter*>& queue = priority == Priority::kKnownDevice ? known_ : strangers_;
  Waiter waiter;
  const auto place = queue.insert(queue.end(), &waiter);
  if (!waiter.woken.wait_for(lock, patience, [&] { return waiter.admitted; })) {
    queue.erase(place);
    return Busy();
  }
  return Place(this);
}

HashSlots::Slot HashSlots::Start(const Place&) {
  std::unique_lock lock(mutex_);
  Waiter waiter;
  if (!free_areas_.empty()) {
    waiter.area = free_areas_.back();
    free_areas_.pop_back();
  } else {
    starting_.push_back(&waiter);
    waiter.woken.wait(lock, [&] { return waiter.area != nullptr; });
  }
  lock.unlock();
  return Slot(*this, waiter.area);
}

Done HashSlots::CheckRoom(Priority priority) const {
  std::lock_guard lock(mutex_);
  if (free_places_ > 0 || HasRoom(priority)) return {};
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

// To the next in the queue; nobody who comes in between can take it.
void HashSlots::LeavePlace() {
  std::lock_guard lock(mutex_);
  std::list<Waiter*>& queue = known_.empty() ? strangers_ : known_;
  if (queue.empty()) {
    ++free_places_;
    return;
  }
  Waiter& next = *queue.front();
  queue.pop_front();
  next.admitted = true;
  next.woken.notify_one();
}

void HashSlots::LeaveSlot(crypto::WorkArea* area) {
  crypto::WorkArea::Lend(nullptr);
  {
    std::lock_guard lock(mutex_);
    if (HandOn(area)) return;  // the next hash overwrites what this one left
  }
  area->Wipe();
  std::lock_guard lock(mutex_);
  if (!HandOn(area)) free_areas_.push_back(area);
}

// To the next that is ready. Under the lock.
bool HashSlots::HandOn(crypto::WorkArea* area) {
  if (starting_.empty()) return false;
  Waiter& next = *starting_.front();
  starting_.pop_front();
  next.area = area;
  next.woken.notify_one();
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
