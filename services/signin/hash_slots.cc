// SPDX-License-Identifier: Apache-2.0
#include "services/signin/hash_slots.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <memory>

#include "services/base/check.h"

namespace latchkey::signin {
namespace {

constexpr size_t kRandomPasswordBytes = 32;
constexpr size_t kBytesPerKib = 1024;
// A hash takes milliseconds of a core and everything else microseconds, so everything else goes
// first: then whoever asks for a link does not wait behind a storm of sign-ins (Law 5).
constexpr int kYielding = 5;

}  // namespace

HashSlots::HashSlots(Options options, const crypto::KeyRing& keys, Random& random, Clock& clock)
    : options_(options),
      keys_(keys),
      random_(random),
      clock_(clock),
      nobody_(crypto::HashPassword(Secret(random.Take(kRandomPasswordBytes)), options.cost, keys,
                                   random)),
      free_places_(options.slots + options.ahead),
      // The next hash overwrites what the last one left; where none comes, it is wiped (Law 12).
      hashers_(options.slots, free_places_,
               {.yielding = kYielding, .before_idling = [this] { Area().Wipe(); }}) {
  LATCHKEY_CHECK(free_places_ > 0);
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

// Of a hashing thread: memory that it keeps.
crypto::WorkArea& HashSlots::Area() const {
  thread_local crypto::WorkArea area(size_t{options_.cost.memory_kib} * kBytesPerKib);
  return area;
}

// Whoever has a place has one hash at a time, so there is always room for it.
void HashSlots::Run(const std::function<void()>& work) {
  if (options_.slots == 0) return work();
  const auto task = std::make_shared<std::packaged_task<void()>>([&] {
    crypto::WorkArea::Lend(&Area());
    work();
  });
  std::future<void> finished = task->get_future();
  LATCHKEY_CHECK(hashers_.Submit([task] { (*task)(); }));
  finished.get();
}

Result<crypto::Verification> HashSlots::Verify(const Place&, const Counted&, const Secret& password,
                                               std::string_view stored) {
  return Count(password, stored);
}

void HashSlots::VerifyNobody(const Place&, const Counted&, const Secret& password,
                             std::string_view borrowed) {
  static_cast<void>(Count(password, borrowed.empty() ? nobody_ : borrowed));
}

Result<crypto::Verification> HashSlots::VerifyProven(const Place&, const Secret& password,
                                                     std::string_view stored) {
  return Count(password, stored);
}

Result<crypto::Verification> HashSlots::Count(const Secret& password, std::string_view stored) {
  ++hashes_;
  foreign_hashes_ += crypto::IsForeign(stored) ? 1 : 0;
  Result<crypto::Verification> verified = crypto::Verification::kNoMatch;
  Run([&] { verified = crypto::VerifyPassword(password, stored, keys_); });
  return verified;
}

std::string HashSlots::Hash(const Place&, const Secret& password) {
  ++hashes_;
  std::string verifier;
  Run([&] { verifier = crypto::HashPassword(password, options_.cost, keys_, random_); });
  return verifier;
}

bool HashSlots::NeedsUpgrade(std::string_view stored) const {
  return crypto::NeedsUpgrade(stored, options_.cost, keys_);
}

size_t HashSlots::waiting() const {
  std::lock_guard lock(mutex_);
  return known_.size() + strangers_.size();
}

}  // namespace latchkey::signin
