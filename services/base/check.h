// SPDX-License-Identifier: Apache-2.0
// A condition that only a bug can break: always on, ends the process.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace latchkey {
[[noreturn]] inline void CheckFailed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "CHECK failed at %s:%d: %s\n", file, line, condition);
  std::abort();
}
}  // namespace latchkey

#define LATCHKEY_CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::latchkey::CheckFailed(#condition, __FILE__, __LINE__))
