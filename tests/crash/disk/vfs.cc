// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/disk/vfs.h"

#include <sqlite3.h>

#include <atomic>

#include "services/base/check.h"

namespace latchkey::testing {
namespace {

std::atomic<int> the_code{SQLITE_FULL};
sqlite3_vfs* real = nullptr;
sqlite3_vfs shim;

// The real file stands behind this one in the memory that SQLite gives.
struct File {
  sqlite3_file base;
  sqlite3_file* inner() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};
File* Of(sqlite3_file* file) { return reinterpret_cast<File*>(file); }
const sqlite3_io_methods* Methods(sqlite3_file* file) { return Of(file)->inner()->pMethods; }

// Runs one operation past the turnstile.
template <typename Operation>
int Pass(Operation operation) {
  if (DiskFaults().Strikes(When::kBefore)) return the_code;
  const int result = operation();
  if (DiskFaults().Strikes(When::kAfter)) return the_code;
  return result;
}

int Close(sqlite3_file* file) { return Methods(file)->xClose(Of(file)->inner()); }
int Read(sqlite3_file* file, void* to, int size, sqlite3_int64 at) {
  return Methods(file)->xRead(Of(file)->inner(), to, size, at);
}
int Write(sqlite3_file* file, const void* from, int size, sqlite3_int64 at) {
  if (DiskFaults().Strikes(When::kBefore)) {
    // A disk that fills up takes what still fits.
    if (size > 1 && the_code == SQLITE_FULL)
      Methods(file)->xWrite(Of(file)->inner(), from, size / 2, at);
    return the_code;
  }
  const int result = Methods(file)->xWrite(Of(file)->inner(), from, size, at);
  return DiskFaults().Strikes(When::kAfter) ? the_code.load() : result;
}
int Truncate(sqlite3_file* file, sqlite3_int64 size) {
  return Pass([&] { return Methods(file)->xTruncate(Of(file)->inner(), size); });
}
int Sync(sqlite3_file* file, int flags) {
  return Pass([&] { return Methods(file)->xSync(Of(file)->inner(), flags); });
}
int FileSize(sqlite3_file* file, sqlite3_int64* size) {
  return Methods(file)->xFileSize(Of(file)->inner(), size);
}
int Lock(sqlite3_file* file, int how) { return Methods(file)->xLock(Of(file)->inner(), how); }
int Unlock(sqlite3_file* file, int how) { return Methods(file)->xUnlock(Of(file)->inner(), how); }
int CheckReservedLock(sqlite3_file* file, int* held) {
  return Methods(file)->xCheckReservedLock(Of(file)->inner(), held);
}
int FileControl(sqlite3_file* file, int what, void* with) {
  return Methods(file)->xFileControl(Of(file)->inner(), what, with);
}
int SectorSize(sqlite3_file* file) { return Methods(file)->xSectorSize(Of(file)->inner()); }
int DeviceCharacteristics(sqlite3_file* file) {
  return Methods(file)->xDeviceCharacteristics(Of(file)->inner());
}
int ShmMap(sqlite3_file* file, int page, int size, int extend, void volatile** at) {
  return Methods(file)->xShmMap(Of(file)->inner(), page, size, extend, at);
}
int ShmLock(sqlite3_file* file, int offset, int n, int flags) {
  return Methods(file)->xShmLock(Of(file)->inner(), offset, n, flags);
}
void ShmBarrier(sqlite3_file* file) { Methods(file)->xShmBarrier(Of(file)->inner()); }
int ShmUnmap(sqlite3_file* file, int remove) {
  return Methods(file)->xShmUnmap(Of(file)->inner(), remove);
}

// Version 2: with shared memory, which a write-ahead log needs, without mapped reading.
constexpr sqlite3_io_methods kMethods = {2,
                                         Close,
                                         Read,
                                         Write,
                                         Truncate,
                                         Sync,
                                         FileSize,
                                         Lock,
                                         Unlock,
                                         CheckReservedLock,
                                         FileControl,
                                         SectorSize,
                                         DeviceCharacteristics,
                                         ShmMap,
                                         ShmLock,
                                         ShmBarrier,
                                         ShmUnmap,
                                         nullptr,
                                         nullptr};

int Open(sqlite3_vfs*, sqlite3_filename name, sqlite3_file* file, int flags, int* flags_out) {
  Of(file)->base.pMethods = nullptr;
  return Pass([&] {
    const int result = real->xOpen(real, name, Of(file)->inner(), flags, flags_out);
    if (result == SQLITE_OK) Of(file)->base.pMethods = &kMethods;
    return result;
  });
}

}  // namespace

Faults& DiskFaults() {
  static Faults faults;
  return faults;
}

void FailDiskWith(int code) { the_code = code; }

void WatchDisk() {
  if (real != nullptr) return;
  real = sqlite3_vfs_find(nullptr);
  LATCHKEY_CHECK(real != nullptr);
  shim = *real;
  shim.zName = "latchkey-turnstile";
  shim.szOsFile = static_cast<int>(sizeof(File)) + real->szOsFile;
  shim.xOpen = Open;
  LATCHKEY_CHECK(sqlite3_vfs_register(&shim, 1) == SQLITE_OK);
}

}  // namespace latchkey::testing
