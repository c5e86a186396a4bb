// SPDX-License-Identifier: Apache-2.0
// Memory that Argon2id works in, kept from one hash to the next.
//
// libsodium maps fresh memory for every hash and unmaps it afterwards: for the 19 MiB of OWASP's
// minimum the kernel then clears and frees as long as Argon2id computes, and a login storm gets
// half the sign-ins out of the same cores. libsodium has no door for memory of our own, but it asks
// the C library's mmap, which this file answers for it: only in a thread that holds a Lent area,
// only within the one call that work_area.cc brackets, and only if it fits. Every other mapping, of
// whatever library, goes to the kernel as ever.
#pragma once

#include <cstddef>

namespace latchkey::crypto {

// One area. Owns its memory, which stays out of core files. Threads: one at a time.
class WorkArea {
 public:
  // For hashes of up to `bytes`; larger ones get memory of their own. No memory, no harm: libsodium
  // then asks the kernel itself.
  explicit WorkArea(size_t bytes);
  ~WorkArea();
  WorkArea(const WorkArea&) = delete;
  WorkArea& operator=(const WorkArea&) = delete;

  // Overwrites what the last hash left, which a password could be guessed from. Takes a millisecond
  // or two when there is something to wipe, and nothing otherwise.
  void Wipe();

  // From here on Argon2idRaw in this thread works in that area; none: in memory of its own again.
  static void Lend(WorkArea* area);

  // Around libsodium's call, in argon2.cc and nowhere else.
  class Passage {
   public:
    Passage();
    ~Passage();
    Passage(const Passage&) = delete;
    Passage& operator=(const Passage&) = delete;
  };

  // How often libsodium worked in this area; for tests.
  size_t uses() const { return uses_; }
  // How many areas of this process hold what a hash left; for tests.
  static int dirty();

  // For the two functions that stand in for the C library's.
  void* Take(size_t bytes);
  bool GiveBack(void* memory);

 private:
  const size_t page_;  // huge, if it is large enough for one
  const size_t bytes_;
  void* mapped_ = nullptr;
  void* memory_ = nullptr;  // within mapped_, on a page's boundary
  size_t dirty_ = 0;
  size_t uses_ = 0;
  bool taken_ = false;
};

}  // namespace latchkey::crypto
