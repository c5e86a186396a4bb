// SPDX-License-Identifier: Apache-2.0
// Attack L08: predictable or cloned randomness.
#include "crypto/random.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <vector>

#include "crypto/token.h"

namespace latchkey::crypto {
namespace {

TEST(SystemRandom, GivesAMillionDifferentTokensWithoutALeaningBitL08) {
  constexpr size_t kTokens = 1 << 20;
  SystemRandom random;
  std::vector<std::array<uint64_t, 2>> seen;
  seen.reserve(kTokens);
  std::array<uint32_t, kTokenBytes * 8> ones{};
  for (size_t i = 0; i < kTokens; ++i) {
    Secret token = NewToken(random);
    std::string_view bytes = token.Reveal();
    ASSERT_EQ(bytes.size(), kTokenBytes);
    std::array<uint64_t, 2> front{};
    std::memcpy(front.data(), bytes.data(), sizeof front);
    seen.push_back(front);
    for (size_t bit = 0; bit < ones.size(); ++bit) ones[bit] += bytes[bit / 8] >> bit % 8 & 1;
  }
  std::sort(seen.begin(), seen.end());
  EXPECT_EQ(std::adjacent_find(seen.begin(), seen.end()), seen.end());
  // Seven standard deviations: a fair bit fails once in 10^11.
  double deviation = std::sqrt(static_cast<double>(kTokens)) / 2;
  for (size_t bit = 0; bit < ones.size(); ++bit) {
    EXPECT_NEAR(ones[bit], kTokens / 2.0, 7 * deviation) << "bit " << bit;
  }
}

TEST(SystemRandom, GivesForkedTwinsDifferentBytesL08) {
  SystemRandom random;
  random.Take(32);  // whatever state there is exists before the fork
  std::array<int, 2> pipe_ends{};
  ASSERT_EQ(pipe(pipe_ends.data()), 0);
  pid_t child = fork();
  if (child == 0) {
    std::string bytes = random.Take(32);
    ssize_t written = write(pipe_ends[1], bytes.data(), bytes.size());
    _exit(written == 32 ? 0 : 1);
  }
  std::string mine = random.Take(32);
  std::string theirs(32, '\0');
  ASSERT_EQ(read(pipe_ends[0], theirs.data(), theirs.size()), 32);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  close(pipe_ends[0]);
  close(pipe_ends[1]);
  EXPECT_NE(mine, theirs);
}

}  // namespace
}  // namespace latchkey::crypto
