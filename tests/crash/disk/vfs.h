// SPDX-License-Identifier: Apache-2.0
// A disk that fails where Faults says: SQLite's own way to it, with a turnstile in front.
#pragma once

#include "tests/crash/sweep/faults.h"

namespace latchkey::testing {

// What each of SQLite's writes, syncs, truncations and openings is counted by. Before: it is
// refused with the code; after: it happened, a write perhaps by half, and the code is said all the
// same.
Faults& DiskFaults();
// SQLITE_FULL, SQLITE_READONLY, SQLITE_IOERR_WRITE, …: what a fault is called from now on.
void FailDiskWith(int code);
// Puts the turnstile in front of every database that is opened from now on.
void WatchDisk();

}  // namespace latchkey::testing
