// SPDX-License-Identifier: Apache-2.0
// latchkey_simulation --seed N --steps M [--verbose]: runs that many steps, and prints a digest of
// every answer. The same seed and steps give the same digest, to the letter.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "crypto/random.h"
#include "tests/simulation/bank.h"

namespace latchkey::simulation {
namespace {

// A bank lives that long; then the next one opens. So what a step costs does not grow, and a
// finding is never far from its bank's first day.
constexpr uint64_t kStepsOfABank = 20'000;
constexpr uint64_t kStepsBetweenChecks = 5'000;

int Usage() {
  std::fprintf(stderr, "usage: latchkey_simulation [--seed N] [--steps M] [--verbose]\n");
  return 2;
}

bool ReadNumber(const char* text, uint64_t& number) {
  char* end = nullptr;
  number = std::strtoull(text, &end, 10);
  return *text >= '0' && *text <= '9' && *end == '\0';
}

int Run(const RunOptions& options) {
  const auto started = std::chrono::steady_clock::now();
  auto renderer = courier::Renderer::Make({.name = "Harbour Bank",
                                           .portal_url = "https://access.harbour.example",
                                           .phone = "+49 30 1234567",
                                           .from_address = "access@harbour.example"});
  if (!renderer.ok()) return Usage();
  Trace trace(options);
  uint64_t banks = 0;
  while (trace.steps() < options.steps) {
    Bank bank(options, banks++, trace, **renderer);
    const uint64_t closes = std::min(options.steps, trace.steps() + kStepsOfABank);
    uint64_t next_check = trace.steps() + kStepsBetweenChecks;
    while (trace.steps() < closes) {
      bank.Step();
      if (trace.steps() < next_check || trace.steps() >= closes) continue;
      bank.CheckEverything();
      next_check += kStepsBetweenChecks;
    }
    bank.CheckEverything();
  }
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  std::printf("simulation: seed %llu, %llu steps, digest %s\n",
              static_cast<unsigned long long>(options.seed),
              static_cast<unsigned long long>(trace.steps()), trace.Digest().c_str());
  std::fprintf(stderr, "simulation: %llu banks, %.1f s, %.0f steps a second\n",
               static_cast<unsigned long long>(banks), seconds,
               static_cast<double>(trace.steps()) / seconds);
  return 0;
}

}  // namespace
}  // namespace latchkey::simulation

int main(int argc, char** argv) {
  using namespace latchkey::simulation;
  latchkey::crypto::Start();
  RunOptions options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--verbose") {
      options.verbose = true;
    } else if (i + 1 < argc && word == "--seed") {
      if (!ReadNumber(argv[++i], options.seed)) return Usage();
    } else if (i + 1 < argc && word == "--steps") {
      if (!ReadNumber(argv[++i], options.steps)) return Usage();
    } else {
      return Usage();
    }
  }
  return Run(options);
}
