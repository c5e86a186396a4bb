// SPDX-License-Identifier: Apache-2.0
// latchkey_simulation --seed N --steps M [--jobs J] [--verbose]: runs that many steps, and prints a
// digest of every answer. The same seed and steps give the same digest, to the letter, however many
// banks are run at once.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <thread>

#include "crypto/random.h"
#include "tests/simulation/run.h"

namespace latchkey::simulation {
namespace {

int Usage() {
  std::fprintf(stderr,
               "usage: latchkey_simulation [--seed N] [--steps M] [--jobs J] [--verbose]\n");
  return 2;
}

bool ReadNumber(const char* text, uint64_t& number) {
  char* end = nullptr;
  number = std::strtoull(text, &end, 10);
  return *text >= '0' && *text <= '9' && *end == '\0';
}

int Run(const RunOptions& options, unsigned at_once) {
  const auto started = std::chrono::steady_clock::now();
  const auto outcome = RunBanks(options, at_once);
  if (!outcome) return 1;
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  std::printf("simulation: seed %llu, %llu steps, digest %s\n",
              static_cast<unsigned long long>(options.seed),
              static_cast<unsigned long long>(outcome->steps), outcome->digest.c_str());
  std::fprintf(stderr, "simulation: %llu banks, %u at once, %.1f s, %.0f steps a second\n",
               static_cast<unsigned long long>(outcome->banks), at_once, seconds,
               static_cast<double>(outcome->steps) / seconds);
  return 0;
}

}  // namespace
}  // namespace latchkey::simulation

int main(int argc, char** argv) {
  using namespace latchkey::simulation;
  latchkey::crypto::Start();
  RunOptions options;
  uint64_t jobs = std::max(1u, std::thread::hardware_concurrency());
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--verbose") {
      options.verbose = true;
    } else if (i + 1 < argc && word == "--seed") {
      if (!ReadNumber(argv[++i], options.seed)) return Usage();
    } else if (i + 1 < argc && word == "--steps") {
      if (!ReadNumber(argv[++i], options.steps)) return Usage();
    } else if (i + 1 < argc && word == "--jobs") {
      if (!ReadNumber(argv[++i], jobs) || jobs == 0 || jobs > 1024) return Usage();
    } else {
      return Usage();
    }
  }
  return Run(options, static_cast<unsigned>(jobs));
}
