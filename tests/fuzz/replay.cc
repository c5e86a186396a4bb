// SPDX-License-Identifier: Apache-2.0
// fuzz_replay CORPUS: gives each target every input of its corpus again. A finding ends it with the
// target's and the input's name in its last line.
#include <cstddef>
#include <cstdint>
#include <cstdio>
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

// How many inputs it got; -1 when the corpus cannot be read.
int Replay(const Target& target, const std::filesystem::path& corpus) {
  std::ifstream in(corpus / target.name);
  std::string line;
  int inputs = 0;
  while (std::getline(in, line)) {
    const auto input = latchkey::crypto::FromBase64Url(line);
    if (!input) return -1;
    std::fprintf(stderr, "\r%s, input %d", target.name, ++inputs);
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
  for (const Target& target : kTargets) {
    const int inputs = Replay(target, argv[1]);
    if (inputs < 1) {
      std::fprintf(stderr, "\n%s: no corpus, or one that cannot be read; deploy/fuzz makes it\n",
                   target.name);
      return 1;
    }
    std::fprintf(stderr, "\r%-18s %5d inputs\n", target.name, inputs);
  }
  return 0;
}
