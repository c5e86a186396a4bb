// SPDX-License-Identifier: Apache-2.0
// fuzz_replay CORPUS: gives each target every input of its corpus again. A finding ends it, and its
// last line names the target and the line of the corpus.
#include <unistd.h>

#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

#include "crypto/token.h"

namespace {

struct Target {
  const char* name;
  int (*run)(const uint8_t*, size_t);
};
#include "fuzz_targets.inc"

char now_at[128];

void TellWhere(int signal) {
  std::signal(signal, SIG_DFL);
  if (write(2, now_at, std::strlen(now_at)) < 0) _exit(1);
}

// How many inputs it got; -1 when the corpus cannot be read.
int Replay(const Target& target, const std::filesystem::path& corpus) {
  std::ifstream in(corpus / target.name);
  std::string line;
  int inputs = 0;
  while (std::getline(in, line)) {
    const auto input = latchkey::crypto::FromBase64Url(line);
    if (!input) return -1;
    std::snprintf(now_at, sizeof now_at, "a finding: %s, line %d\n", target.name, ++inputs);
    target.run(reinterpret_cast<const uint8_t*>(input->data()), input->size());
  }
  return in.eof() ? inputs : -1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: fuzz_replay CORPUS\n");
    return 2;
  }
  for (const int signal : {SIGABRT, SIGSEGV}) std::signal(signal, TellWhere);
  for (const Target& target : kTargets) {
    const int inputs = Replay(target, argv[1]);
    if (inputs < 1) {
      std::fprintf(stderr, "%s: no corpus, or one that cannot be read; deploy/fuzz makes it\n",
                   target.name);
      return 1;
    }
    std::printf("%-18s %5d inputs\n", target.name, inputs);
  }
  return 0;
}
