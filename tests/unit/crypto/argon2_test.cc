// SPDX-License-Identifier: Apache-2.0
#include "crypto/argon2.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "tests/unit/crypto/support.h"

// libargon2, the reference implementation, after our own header of the same name.
#include <argon2.h>

namespace latchkey::crypto {
namespace {

constexpr std::string_view kSalt = "sixteen bytes, 1";

std::string Reference(std::string_view message, Argon2Cost cost, size_t size) {
  std::string hash(size, '\0');
  EXPECT_EQ(argon2id_hash_raw(cost.passes, cost.memory_kib, 1, message.data(), message.size(),
                              kSalt.data(), kSalt.size(), hash.data(), hash.size()),
            ARGON2_OK);
  return hash;
}

TEST(Argon2idRaw, GivesWhatTheReferenceImplementationGives) {
  const std::string messages[] = {"", "password", std::string(1, '\0'), std::string(5000, 'x')};
  const Argon2Cost costs[] = {{.memory_kib = 8, .passes = 1},
                              {.memory_kib = 64, .passes = 3},
                              {.memory_kib = 1000, .passes = 16},
                              Argon2Cost()};
  for (const std::string& message : messages) {
    for (Argon2Cost cost : costs) {
      for (size_t size : {16, 32, 64}) {
        Result<Secret> hash = Argon2idRaw(message, kSalt, cost, size);
        ASSERT_TRUE(hash.ok());
        EXPECT_EQ(hash->Reveal(), Reference(message, cost, size)) << cost.memory_kib;
      }
    }
  }
}

TEST(Argon2idRaw, GivesTheSameInAnyThread) {
  std::string expected = Reference("password", {.memory_kib = 256, .passes = 1}, 32);
  std::vector<int> wrong(4, 0);
  std::vector<std::thread> threads;
  for (int& count : wrong) {
    threads.emplace_back([&count, &expected] {
      for (int i = 0; i < 50; ++i) {
        count += Argon2idRaw("password", kSalt, {.memory_kib = 256, .passes = 1}, 32)->Reveal() !=
                 expected;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, std::vector<int>(4, 0));
}

TEST(CheckArgon2Cost, HoldsTheBoundsAndSaysThem) {
  EXPECT_TRUE(CheckArgon2Cost({}).ok());
  EXPECT_TRUE(CheckArgon2Cost({.memory_kib = kMinMemoryKib, .passes = 1}).ok());
  EXPECT_TRUE(CheckArgon2Cost({.memory_kib = kMaxMemoryKib, .passes = 4}).ok());
  EXPECT_TRUE(CheckArgon2Cost({.memory_kib = 65536, .passes = kMaxPasses}).ok());
  for (Argon2Cost bad : {Argon2Cost{.memory_kib = kMinMemoryKib - 1, .passes = 1},
                         Argon2Cost{.memory_kib = kMaxMemoryKib + 1, .passes = 1},
                         Argon2Cost{.memory_kib = UINT32_MAX, .passes = UINT32_MAX},
                         Argon2Cost{.memory_kib = 64, .passes = 0},
                         Argon2Cost{.memory_kib = 64, .passes = kMaxPasses + 1},
                         Argon2Cost{.memory_kib = kMaxMemoryKib, .passes = 5}}) {
    Done checked = CheckArgon2Cost(bad);
    ASSERT_FALSE(checked.ok());
    EXPECT_EQ(checked.reason(), Reason::kMalformed);
  }
}

TEST(Argon2idRawDeathTest, RefusesACostBeyondTheBoundsAsABug) {
  EXPECT_DEATH((void)Argon2idRaw("x", kSalt, {.memory_kib = UINT32_MAX, .passes = 1}, 32),
               "CHECK failed");
}

}  // namespace
}  // namespace latchkey::crypto
