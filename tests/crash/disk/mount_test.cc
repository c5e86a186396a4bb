// SPDX-License-Identifier: Apache-2.0
// A whole service on a small real disk that fills up and becomes read-only. The disk is a mount of
// its own in a namespace of its own; where the kernel allows neither, crash_disk's other tests
// stand alone and this one says so.
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "services/ledger/open.h"
#include "tests/crash/sweep/harness.h"

namespace latchkey::crash {
namespace {

constexpr int kWell = 0;
constexpr int kNoMount = 42;

#define MUST(condition)                                            \
  do {                                                             \
    if (!(condition)) {                                            \
      std::fprintf(stderr, "line %d: " #condition "\n", __LINE__); \
      return __LINE__ % 40 + 1;                                    \
    }                                                              \
  } while (false)

// Takes all room that is left.
void Fill(const fs::path& ballast) {
  std::ofstream file(ballast, std::ios::binary);
  for (const size_t size : {65536, 4096, 512, 1}) {
    const std::string block(size, 'x');
    while (file.write(block.data(), static_cast<std::streamsize>(size)).flush()) {
    }
    file.clear();
  }
}

// Asks until neither ledger nor spool has room; how many were acknowledged.
int AskUntilRefused(House& house) {
  for (int asked = 0; asked < 100'000; ++asked) {
    house.clock.Advance(Millis(20));
    auto begun = house.Ask("anna");
    if (begun.ok()) continue;
    return begun.reason() == Reason::kUnavailable ? asked : -1;
  }
  return -1;
}

int64_t CountIntakes(House& house) {
  return house.plain
      .Query([](ledger::Transaction& tx) -> Result<int64_t> {
        LATCHKEY_ASSIGN(const ledger::Rows rows, tx.Run("SELECT COUNT(*) FROM intakes"));
        return rows.front().Int(0);
      })
      .value();
}

bool Remount(const fs::path& disk, unsigned long flags) {
  return mount(nullptr, disk.c_str(), nullptr, MS_REMOUNT | flags, nullptr) == 0;
}

// Nothing opens, nothing is acknowledged, and when that ends all is there. What a running service
// does then is in disk_test.cc.
int OnReadOnlyDisk(const fs::path& disk, const std::string& before) {
  MUST(Remount(disk, MS_RDONLY));
  const auto opened = ledger::Open(
      {.engine = "sqlite", .path = disk / "ledger.db", .conninfo = {}, .connections = 4});
  MUST(!opened.ok() && opened.reason() == Reason::kUnavailable);
  MUST(opened.failure().detail.find("mount of its folder") != std::string::npos);
  crypto::SystemRandom random;
  const crypto::KeyRing keys = crypto::KeyRing::Generate(random);
  recovery::Spool spool({.folder = disk / "spool"}, keys, random);
  MUST(spool.Keep({}).reason() == Reason::kUnavailable);

  MUST(Remount(disk, 0));
  House house(disk, kStart);
  MUST(house.Picture() == before);
  MUST(house.Ask("anna").ok());
  MUST(house.JournalFault().empty());
  return kWell;
}

int OnSmallDisk(const fs::path& disk) {
  std::string lines;
  log::CaptureForTest(&lines);
  auto house = std::make_unique<House>(disk, kStart);
  house->Furnish();
  LATCHKEY_CHECK(house->Ask("anna").ok());
  house->Drain();
  house->TakeMessages();
  MUST(house->Enter("anna", kPassword).ok());
  Fill(disk / "ballast");

  // Full: what is acknowledged is kept, and then it is refused; nothing crashes (Law 10).
  const int acknowledged = AskUntilRefused(*house);
  MUST(acknowledged >= 0);
  const auto in = house->Enter("anna", kPassword, "192.0.2.2");
  MUST(in.ok() || in.reason() == Reason::kUnavailable);

  // Room again: the same process goes on, and nothing was lost (Law 11).
  fs::remove(disk / "ballast");
  while (recovery::DrainSpool(house->parts).value() > 0) {
  }
  MUST(CountIntakes(*house) == acknowledged + 1);
  MUST(house->Enter("anna", kPassword, "192.0.2.3").ok());
  MUST(house->JournalFault().empty());

  const std::string before = house->Picture();
  house.reset();  // the kernel lets no disk with open files become read-only
  return OnReadOnlyDisk(disk, before);
}

TEST(SmallDisk, FillsUpAndLosesNothing) {
  const Folder folder;
  const pid_t child = fork();
  if (child == 0) {
    // As root in a mount namespace; as anybody else in a user namespace too, where root is allowed.
    const bool apart = unshare(CLONE_NEWNS) == 0 || unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0;
    if (!apart || mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        mount("small", folder.path().c_str(), "tmpfs", 0, "size=2m") != 0) {
      _exit(kNoMount);
    }
    _exit(OnSmallDisk(folder.path()));
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status)) << "it crashed";
  if (WEXITSTATUS(status) == kNoMount) {
    std::printf("no mount is allowed here: the other tests of crash_disk stand alone\n");
    return;
  }
  EXPECT_EQ(WEXITSTATUS(status), kWell);
}

}  // namespace
}  // namespace latchkey::crash
