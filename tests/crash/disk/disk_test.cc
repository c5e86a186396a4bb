// SPDX-License-Identifier: Apache-2.0
// The sweep once more, one floor lower: each write, sync, truncation and opening of the ledger's
// and the hot state's files fails, as on a disk that is full, read-only or broken (Laws 2, 10, 11;
// attack D04). What fits may have been written; what was written may be reported as failed.
#include <sqlite3.h>

#include <algorithm>

#include "tests/crash/disk/vfs.h"
#include "tests/crash/sweep/harness.h"

namespace latchkey::crash {
namespace {

using testing::When;

// All but those that only read.
std::vector<size_t> Writers() {
  static constexpr std::string_view kReaders[] = {"GetSession", "GetRecovery", "ListWaiting"};
  std::vector<size_t> found;
  const auto all = AllCases();
  for (size_t i = 0; i < all.size(); ++i) {
    if (std::find(std::begin(kReaders), std::end(kReaders), all[i].name) == std::end(kReaders))
      found.push_back(i);
  }
  LATCHKEY_CHECK(found.size() == all.size() - std::size(kReaders));
  return found;
}

class Disk : public Sweep {
 protected:
  static void SetUpTestSuite() { testing::WatchDisk(); }
  testing::Faults& Turnstile(House&) override { return testing::DiskFaults(); }
};

TEST_P(Disk, MayBeFullAtEveryWrite) {
  testing::FailDiskWith(SQLITE_FULL);
  EXPECT_GE(TryAll(When::kBefore), 2);
}

TEST_P(Disk, MayBecomeReadOnlyAtEveryWrite) {
  testing::FailDiskWith(SQLITE_READONLY);
  EXPECT_GE(TryAll(When::kBefore), 2);
}

TEST_P(Disk, MayFailAfterEveryWrite) {
  testing::FailDiskWith(SQLITE_IOERR_WRITE);
  EXPECT_GE(TryAll(When::kAfter), 2);
}

INSTANTIATE_TEST_SUITE_P(UseCases, Disk,
                         ::testing::Combine(::testing::Values("sqlite"),
                                            ::testing::ValuesIn(Writers())),
                         NameOf);

}  // namespace
}  // namespace latchkey::crash
