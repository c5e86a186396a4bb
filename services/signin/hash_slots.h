// SPDX-License-Identifier: Apache-2.0
// Where passwords are hashed: so many at once and no more, because each takes tens of megabytes
// (attack R02).
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "crypto/keyring.h"
#include "crypto/password.h"
#include "crypto/secret.h"
#include "crypto/work_area.h"
#include "services/base/clock.h"
#include "services/base/random.h"
#include "services/base/result.h"
#include "services/base/workers.h"
#include "services/signin/guess.h"

namespace latchkey::signin {

// Known devices are served before strangers, so that a storm of guesses does not keep owners out
// (Law 5).
enum class Priority { kStranger, kKnownDevice };

// A queue with a length, a deadline and two classes, then places, then a fixed number of threads
// that hash and do nothing else. Whoever has a place is sure of a hash before long, and does
// meanwhile what must be done before it, so that no hash waits for a disk. The threads keep their
// core from one hash to the next: where each caller hashed in its own thread, a quarter was lost
// between them. Threads: any.
class HashSlots {
 public:
  struct Options {
    size_t slots = 2;           // memory: this times Argon2Cost::memory_kib. 0: callers hash
                                // themselves (simulation)
    size_t ahead = 0;           // places beyond the slots
    size_t longest_queue = 64;  // a quarter of it is kept for known devices
    Millis longest_wait{2000};  // and never longer than the caller's deadline
    crypto::Argon2Cost cost;
  };
  HashSlots(Options options, const crypto::KeyRing& keys, Random& random, Clock& clock);

  // Given back when it ends. Hold it for the hashes and what comes just before them.
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

  // kBusy when Enter would refuse at once. For turning somebody away before any work is done: it
  // promises nothing, and takes nothing.
  Done CheckRoom(Priority priority) const;

  // A guess at a password: needs the gate's proof that it was counted.
  Result<crypto::Verification> Verify(const Place&, const Counted&, const Secret& password,
                                      std::string_view stored);
  // The same work for nobody: against a borrowed verifier or, if that is empty, one at the current
  // cost. Never a match (attack E03).
  void VerifyNobody(const Place&, const Counted&, const Secret& password,
                    std::string_view borrowed = {});
  // For who has proven enough to set a password, within a budget of the caller's instead of the
  // gate's count.
  Result<crypto::Verification> VerifyProven(const Place&, const Secret& password,
                                            std::string_view stored);
  // A new verifier at the current cost.
  std::string Hash(const Place&, const Secret& password);
  bool NeedsUpgrade(std::string_view stored) const;

  // How often Argon2id or another verifier hash was computed; for metrics and tests.
  int64_t hashes() const { return hashes_; }
  // Of these, by verifiers that were taken over and await their owner's next sign-in.
  int64_t foreign_hashes() const { return foreign_hashes_; }
  size_t waiting() const;
  // Those with a place whose hash waits for a thread; for tests.
  size_t ready() const { return hashers_.waiting(); }

 private:
  struct Waiter {
    bool admitted = false;
    std::condition_variable woken = {};
  };
  Result<crypto::Verification> Count(const Secret& password, std::string_view stored);
  void Run(const std::function<void()>& work);
  crypto::WorkArea& Area() const;
  void LeavePlace();
  bool HasRoom(Priority priority) const;
  Failure Busy() const;

  const Options options_;
  const crypto::KeyRing& keys_;
  Random& random_;
  Clock& clock_;
  const std::string nobody_;  // a verifier of no password, at the current cost

  mutable std::mutex mutex_;
  size_t free_places_;
  std::list<Waiter*> known_;
  std::list<Waiter*> strangers_;
  std::atomic<int64_t> hashes_ = 0;
  std::atomic<int64_t> foreign_hashes_ = 0;
  Workers hashers_;  // last, so that they end before what they use
};

}  // namespace latchkey::signin
