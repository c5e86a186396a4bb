// SPDX-License-Identifier: Apache-2.0
#include "services/base/private_memory.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace latchkey {
namespace {

// Its status; `child` runs in a process of its own, which may leave a core if nothing forbids it.
int StatusOfChild(void (*child)()) {
  const pid_t pid = fork();
  if (pid == 0) {
    rlimit core{};
    getrlimit(RLIMIT_CORE, &core);
    core.rlim_cur = core.rlim_max;
    setrlimit(RLIMIT_CORE, &core);
    child();
    _exit(0);
  }
  int status = 0;
  EXPECT_EQ(waitpid(pid, &status, 0), pid);
  return status;
}

// L05. Fails without: either line of KeepMemoryPrivate (seen).
TEST(PrivateMemory, LeavesNoCoreAndLetsNobodyLookInL05) {
  const int looked = StatusOfChild([] {
    KeepMemoryPrivate();
    rlimit core{.rlim_cur = 1, .rlim_max = 1};
    getrlimit(RLIMIT_CORE, &core);
    const bool closed = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0;
    _exit(closed && core.rlim_cur == 0 && core.rlim_max == 0 ? 0 : 1);
  });
  EXPECT_TRUE(WIFEXITED(looked) && WEXITSTATUS(looked) == 0);
  const int aborted = StatusOfChild([] {
    KeepMemoryPrivate();
    std::signal(SIGABRT, SIG_DFL);
    abort();
  });
  EXPECT_TRUE(WIFSIGNALED(aborted) && WTERMSIG(aborted) == SIGABRT);
  EXPECT_FALSE(WCOREDUMP(aborted));
}

}  // namespace
}  // namespace latchkey
