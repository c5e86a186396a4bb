// SPDX-License-Identifier: Apache-2.0
// Where passwords are hashed: so many at once and no more, because each takes tens of megabytes
// (attack R02).
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crypto/keyring.h"
#include "crypto/password.h"
#include "crypto/secret.h"
#include "crypto/work_area.h"
#include "services/base/clock.h"
#include "services/base/random.h"
#include "services/base/result.h"
#include "services/signin/guess.h"

namespace latchkey::signin {

// Known devices are served before strangers, so that a storm of guesses does not keep owners out
// (Law 5).
enum class Priority { kStranger, kKnownDevice };

// A queue with a length, a deadline and two classes, then places, then a fixed number of slots.
// Whoever has a place is sure of a slot within a hash or two, and does meanwhile what must be done
// before the hash: so that no slot waits for a disk. Threads: any.
class HashSlots {
 public:
  struct Options {
    size_t slots = 2;           // memory: this times Argon2Cost::memory_kib
    size_t ahead = 0;           // places beyond the slots
    size_t longest_queue = 64;  // a quarter of it is kept for known devices
    Millis longest_wait{2000};  // and never longer than the caller's deadline
    crypto::Argon2Cost cost;
  };
  HashSlots(Options options, const crypto::KeyRing& keys, Random& random, Clock& clock);

  // Given back when it ends. Hold it for the hash and what comes just before it.
  class Place {
   public:
    Place(Place&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)) {}
    Place& operator=(Place&&) = delete;
    ~Place() {
      if (owner_ != nullptr) owner_->LeavePlace();
    }

   private:
    friend class HashSlots;
    explicit Place(HashSlots* owner) : owner_(owner) {}
    HashSlots* owner_;
  };
  // kBusy when the queue is full or no place came free before the deadline; nothing was hashed
  // then.
  Result<Place> Enter(Priority priority, TimePoint deadline);

  // A slot and the memory that goes with it, given back when it ends. Hold it for the hash and
  // nothing else, one at a time, in the thread that started.
  class Slot {
   public:
    ~Slot() { owner_.LeaveSlot(area_); }
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;

   private:
    friend class HashSlots;
    Slot(HashSlots& owner, crypto::WorkArea* area) : owner_(owner), area_(area) {
      crypto::WorkArea::Lend(area);
    }
    HashSlots& owner_;
    crypto::WorkArea* area_;
  };
  // Waits while others hash, for a slot that is this place's alone.
  Slot Start(const Place&);
  // kBusy when Enter would refuse at once. For turning somebody away before any work is done: it
  // promises nothing, and takes nothing.
  Done CheckRoom(Priority priority) const;

  // A guess at a password: needs the gate's proof that it was counted.
  Result<crypto::Verification> Verify(const Slot&, const Counted&, const Secret& password,
                                      std::string_view stored);
  // The same work for nobody: against a borrowed verifier or, if that is empty, one at the current
  // cost. Never a match (attack E03).
  void VerifyNobody(const Slot&, const Counted&, const Secret& password,
                    std::string_view borrowed = {});
  // A new verifier at the current cost.
  std::string Hash(const Slot&, const Secret& password);
  bool NeedsUpgrade(std::string_view stored) const;

  // How often Argon2id or another verifier hash was computed; for metrics and tests.
  int64_t hashes() const { return hashes_; }
  // Of these, by verifiers that were taken over and await their owner's next sign-in.
  int64_t foreign_hashes() const { return foreign_hashes_; }
  size_t waiting() const;

 private:
  struct Waiter {
    bool admitted = false;
    crypto::WorkArea* area = nullptr;  // of those with a place: set when a slot is theirs
    std::condition_variable woken = {};
  };
  Result<crypto::Verification> Count(const Secret& password, std::string_view stored);
  void LeavePlace();
  void LeaveSlot(crypto::WorkArea* area);
  bool HandOn(crypto::WorkArea* area);
  bool HasRoom(Priority priority) const;
  Failure Busy() const;

  const Options options_;
  const crypto::KeyRing& keys_;
  Random& random_;
  Clock& clock_;
  const std::string nobody_;  // a verifier of no password, at the current cost

  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<crypto::WorkArea>> areas_;  // one for each slot
  std::vector<crypto::WorkArea*> free_areas_;
  size_t free_places_;
  std::list<Waiter*> known_;
  std::list<Waiter*> strangers_;
  std::list<Waiter*> starting_;  // with a place, in the order in which they were ready
  std::atomic<int64_t> hashes_ = 0;
  std::atomic<int64_t> foreign_hashes_ = 0;
};

}  // namespace latchkey::signin
