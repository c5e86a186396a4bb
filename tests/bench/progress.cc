// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/progress.h"

#include <unistd.h>

#include <cstdio>

namespace latchkey::bench {
namespace {

bool IsTerminal() {
  static const bool terminal = ::isatty(STDERR_FILENO) == 1;
  return terminal;
}

void Show(const std::string& line) {
  if (IsTerminal()) std::fprintf(stderr, "\r\x1b[K%s", line.c_str());
}

}  // namespace

void Progress(const std::string& what, uint64_t done, uint64_t of) {
  Show(what + ": " + std::to_string(done) + " of " + std::to_string(of));
}
void Progress(const std::string& what) { Show(what); }
void EndProgress() { Show(""); }

}  // namespace latchkey::bench
