// SPDX-License-Identifier: Apache-2.0
// Equal requests of one node, one after the other: the first does the work and the others find its
// answer (attack P08). Over several nodes it is the ledger that lets only one of them commit.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

#include "services/base/bytes.h"
#include "services/base/clock.h"

namespace latchkey::recovery {

// Threads: any.
class OneAtATime {
 public:
  class Turn {
   public:
    Turn(Turn&& other) noexcept
        : owner_(std::exchange(other.owner_, nullptr)), key_(std::move(other.key_)) {}
    Turn& operator=(Turn&&) = delete;
    ~Turn() {
      if (owner_ != nullptr) owner_->Leave(key_);
    }

   private:
    friend class OneAtATime;
    Turn(OneAtATime* owner, Bytes key) : owner_(owner), key_(std::move(key)) {}
    OneAtATime* owner_;
    Bytes key_;
  };
  // Whoever waits holds a thread; more than that are turned away at once, whatever their key.
  static constexpr int kLongestQueue = 16;
  // At once when nobody has this key; nullopt when it was not given back within `patience`.
  std::optional<Turn> Enter(const Bytes& key, Millis patience);
  int waiting();

 private:
  void Leave(const Bytes& key);

  std::mutex mutex_;
  std::condition_variable left_;
  std::set<Bytes> taken_;
  int waiting_ = 0;
};

}  // namespace latchkey::recovery
