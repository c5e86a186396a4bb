// SPDX-License-Identifier: Apache-2.0
#include "crypto/work_area.h"

#include <sodium.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "services/base/check.h"

namespace latchkey::crypto {
namespace {

constexpr size_t kPage = 4096;
constexpr size_t kHugePage = size_t{2} << 20;

size_t RoundUp(size_t bytes, size_t page) { return (bytes + page - 1) / page * page; }

// For less than a huge page (tests) the kernel would clear a whole one.
size_t PageFor(size_t bytes) { return bytes < kHugePage ? kPage : kHugePage; }

std::atomic<int> dirty_areas = 0;

thread_local WorkArea* lent = nullptr;     // to this thread, by whoever gave it a hash slot
thread_local WorkArea* passing = nullptr;  // set within libsodium's call only

}  // namespace

WorkArea::WorkArea(size_t bytes) : page_(PageFor(bytes)), bytes_(RoundUp(bytes, page_)) {
  void* mapped = mmap(nullptr, bytes_ + page_, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) return;
  mapped_ = mapped;
  const auto at = reinterpret_cast<uintptr_t>(mapped);
  memory_ = static_cast<char*>(mapped) + (RoundUp(at, page_) - at);
  // Both are wishes: without huge pages it is a tenth slower, without the other Law 12 rests on
  // KeepMemoryPrivate.
  if (page_ == kHugePage) static_cast<void>(madvise(memory_, bytes_, MADV_HUGEPAGE));
  static_cast<void>(madvise(memory_, bytes_, MADV_DONTDUMP));
}

WorkArea::~WorkArea() {
  LATCHKEY_CHECK(!taken_);
  if (mapped_ == nullptr) return;
  Wipe();
  munmap(mapped_, bytes_ + page_);
}

void WorkArea::Wipe() {
  if (dirty_ == 0) return;
  sodium_memzero(memory_, dirty_);
  dirty_ = 0;
  --dirty_areas;
}

int WorkArea::dirty() { return dirty_areas; }

void WorkArea::Lend(WorkArea* area) { lent = area; }

void* WorkArea::Take(size_t bytes) {
  if (taken_ || memory_ == nullptr || bytes > bytes_) return nullptr;
  taken_ = true;
  if (dirty_ == 0) ++dirty_areas;
  dirty_ = std::max(dirty_, bytes);
  ++uses_;
  return memory_;
}

bool WorkArea::GiveBack(void* memory) {
  if (!taken_ || memory != memory_) return false;
  taken_ = false;
  return true;
}

WorkArea::Passage::Passage() { passing = lent; }
WorkArea::Passage::~Passage() { passing = nullptr; }

}  // namespace latchkey::crypto

// The sanitizers answer mmap themselves; under them libsodium's memory is its own.
#if !defined(LATCHKEY_SANITIZED)

// Stand before the C library's for whatever is loaded with the program. Named by their symbols,
// because the headers may rename mmap for files of more than 4 GiB.
extern "C" {
__attribute__((visibility("default"))) void* LatchkeyMap(void* address, size_t bytes,
                                                         int protection, int flags, int file,
                                                         long offset) __asm__("mmap");
__attribute__((visibility("default"))) int LatchkeyUnmap(void* address,
                                                         size_t bytes) __asm__("munmap");

void* LatchkeyMap(void* address, size_t bytes, int protection, int flags, int file, long offset) {
  if (latchkey::crypto::passing != nullptr && address == nullptr && (flags & MAP_ANONYMOUS) != 0) {
    if (void* kept = latchkey::crypto::passing->Take(bytes)) return kept;
  }
  return reinterpret_cast<void*>(
      syscall(SYS_mmap, address, bytes, protection, flags, file, offset));
}

int LatchkeyUnmap(void* address, size_t bytes) {
  if (latchkey::crypto::passing != nullptr && latchkey::crypto::passing->GiveBack(address))
    return 0;
  return static_cast<int>(syscall(SYS_munmap, address, bytes));
}
}

#endif
