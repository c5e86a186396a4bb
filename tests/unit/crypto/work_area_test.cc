// SPDX-License-Identifier: Apache-2.0
// Argon2id in memory that is kept: the same hashes, nothing left behind, nobody else's mappings.
#include "crypto/work_area.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "crypto/argon2.h"

namespace latchkey::crypto {
namespace {

constexpr std::string_view kSalt = "sixteen bytes, 1";
constexpr Argon2Cost kCost{.memory_kib = 1024, .passes = 2};
constexpr size_t kBytes = size_t{1024} * 1024;

std::string Hash(std::string_view message, Argon2Cost cost = kCost) {
  return std::string(Argon2idRaw(message, kSalt, cost, 32)->Reveal());
}

class Lent {
 public:
  explicit Lent(WorkArea& area) { WorkArea::Lend(&area); }
  ~Lent() { WorkArea::Lend(nullptr); }
};

// Whether the area that libsodium would get now holds anything.
bool IsBlank(WorkArea& area) {
  const auto* bytes = static_cast<const unsigned char*>(area.Take(kBytes));
  const bool blank = std::all_of(bytes, bytes + kBytes, [](unsigned char b) { return b == 0; });
  EXPECT_TRUE(area.GiveBack(const_cast<unsigned char*>(bytes)));
  return blank;
}

class WorkAreaTest : public testing::Test {
 protected:
#if defined(LATCHKEY_SANITIZED)
  static constexpr size_t kUsesEach = 0;  // the sanitizers answer mmap themselves
#else
  static constexpr size_t kUsesEach = 1;
#endif
  WorkArea area_{kBytes};
};

TEST_F(WorkAreaTest, GivesTheHashesThatFreshMemoryGives) {
  const std::string fresh = Hash("one");
  const std::string other = Hash("two");
  const std::string small = Hash("one", {.memory_kib = 64, .passes = 1});
  const Lent lent(area_);
  for (int i = 0; i < 3; ++i) {  // on what the hash before has left
    EXPECT_EQ(Hash("one"), fresh);
    EXPECT_EQ(Hash("two"), other);
    EXPECT_EQ(Hash("one", {.memory_kib = 64, .passes = 1}), small);
  }
  EXPECT_EQ(area_.uses(), 9 * kUsesEach);
}

TEST_F(WorkAreaTest, HoldsNothingOnceItIsWiped) {  // Law 12
  {
    const Lent lent(area_);
    Hash("one");
  }
  EXPECT_EQ(IsBlank(area_), kUsesEach == 0);
  area_.Wipe();
  EXPECT_TRUE(IsBlank(area_));
}

TEST_F(WorkAreaTest, IsUsedOnlyWhereItWasLentAndFits) {
  Hash("one");
  EXPECT_EQ(area_.uses(), 0u);
  const Lent lent(area_);
  Hash("one", {.memory_kib = 4096, .passes = 1});
  EXPECT_EQ(area_.uses(), 0u);
}

TEST_F(WorkAreaTest, LeavesTheMappingsOfEverybodyElseToTheKernel) {
  const Lent lent(area_);
  Hash("one");
  void* fresh = mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(fresh, MAP_FAILED);
  const auto* bytes = static_cast<const unsigned char*>(fresh);
  EXPECT_TRUE(std::all_of(bytes, bytes + kBytes, [](unsigned char b) { return b == 0; }));
  EXPECT_EQ(munmap(fresh, kBytes), 0);
  EXPECT_EQ(area_.uses(), kUsesEach);
  EXPECT_EQ(mmap(nullptr, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), MAP_FAILED);
  EXPECT_EQ(errno, EINVAL);
}

}  // namespace
}  // namespace latchkey::crypto
