// SPDX-License-Identifier: Apache-2.0
// A whole run: bank after bank of one seed, as many at a time as there are cores. Each bank is one
// thread in a process of its own, so that nothing but the seed decides what happens in it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tests/simulation/trace.h"

namespace latchkey::simulation {

struct Outcome {
  uint64_t banks = 0;
  uint64_t steps = 0;
  std::string digest;
};

// Writes to the standard output what the banks write, in their order; nothing: a law is broken, and
// said.
std::optional<Outcome> RunBanks(const RunOptions& options, unsigned at_once);

}  // namespace latchkey::simulation
