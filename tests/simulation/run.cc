// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/run.h"

#include <sodium.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <vector>

#include "tests/simulation/bank.h"

namespace latchkey::simulation {
namespace {

// A bank lives that long; then the next one opens. So what a step costs does not grow, and a
// finding is never far from its bank's first day.
constexpr uint64_t kStepsOfABank = 20'000;
constexpr uint64_t kStepsBetweenChecks = 5'000;
// The last line of a bank, by which it is known to have come to its end.
constexpr const char* kEnd = "\x04%" SCNu64 " %32s";

// The folder of a run, removed with whatever its banks have left there.
class Folder {
 public:
  Folder() {
    std::error_code none;
    const bool shm = std::filesystem::is_directory("/dev/shm", none);
    std::string made =
        (shm ? "/dev/shm" : std::filesystem::temp_directory_path()) / "latchkey-simulation-XXXXXX";
    LATCHKEY_CHECK(mkdtemp(made.data()) != nullptr);
    path_ = made;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

std::unique_ptr<courier::Renderer> NewRenderer() {
  auto renderer = courier::Renderer::Make({.name = "Harbour Bank",
                                           .portal_url = "https://access.harbour.example",
                                           .phone = "+49 30 1234567",
                                           .from_address = "access@harbour.example"});
  LATCHKEY_CHECK(renderer.ok());
  return std::move(*renderer);
}

void RunBank(const RunOptions& options, uint64_t number, const std::filesystem::path& folder,
             const courier::Renderer& renderer) {
  const uint64_t first = number * kStepsOfABank;
  const uint64_t closes = first + std::min(kStepsOfABank, options.steps - first);
  Trace trace(options, first);
  {
    Bank bank(options, number, folder / ("bank-" + std::to_string(number)), trace, renderer);
    uint64_t next_check = first + kStepsBetweenChecks;
    while (trace.steps() < closes) {
      bank.Step();
      if (trace.steps() < next_check || trace.steps() >= closes) continue;
      bank.CheckEverything();
      next_check += kStepsBetweenChecks;
    }
    bank.CheckEverything();
    bank.CheckJournal();
  }
  std::printf("\x04%" PRIu64 " %s\n", trace.steps() - first, trace.Digest().c_str());
}

// A process that runs each `step`-th bank; its standard output.
struct Worker {
  pid_t pid = 0;
  FILE* output = nullptr;
};

template <typename Run>
Worker Fork(Run&& run) {
  int ends[2];
  LATCHKEY_CHECK(pipe(ends) == 0);
  const pid_t pid = fork();
  LATCHKEY_CHECK(pid >= 0);
  if (pid != 0) {
    close(ends[1]);
    return {.pid = pid, .output = fdopen(ends[0], "r")};
  }
  dup2(ends[1], STDOUT_FILENO);
  close(ends[0]);
  close(ends[1]);
  run();
  std::fflush(stdout);
  _exit(0);
}

// What a bank wrote goes to the standard output; false when it broke off.
bool CopyBank(FILE* from, Outcome& outcome, std::string& digests) {
  char line[1024];
  while (std::fgets(line, sizeof line, from) != nullptr) {
    uint64_t steps = 0;
    char digest[33];
    if (std::sscanf(line, kEnd, &steps, digest) == 2) {
      ++outcome.banks;
      outcome.steps += steps;
      digests += digest;
      return true;
    }
    std::fputs(line, stdout);
  }
  return false;
}

void End(const std::vector<Worker>& workers) {
  for (const Worker& worker : workers) {
    std::fclose(worker.output);
    kill(worker.pid, SIGTERM);  // one that has come to its end is not there any more to get it
    waitpid(worker.pid, nullptr, 0);
  }
}

}  // namespace

std::optional<Outcome> RunBanks(const RunOptions& options, unsigned at_once) {
  const Folder folder;
  const auto renderer = NewRenderer();
  const uint64_t banks = (options.steps + kStepsOfABank - 1) / kStepsOfABank;
  std::fflush(stdout);
  std::vector<Worker> workers;
  for (uint64_t n = 0; n < std::min<uint64_t>(at_once, banks); ++n) {
    workers.push_back(Fork([&] {
      for (uint64_t bank = n; bank < banks; bank += std::min<uint64_t>(at_once, banks))
        RunBank(options, bank, folder.path(), *renderer);
    }));
  }
  Outcome outcome;
  std::string digests;
  bool whole = true;
  for (uint64_t bank = 0; whole && bank < banks; ++bank)
    whole = CopyBank(workers[bank % workers.size()].output, outcome, digests);
  End(workers);
  if (!whole) return std::nullopt;
  Trace all(options, 0);
  all.Note(digests);
  outcome.digest = all.Digest();
  return outcome;
}

}  // namespace latchkey::simulation
