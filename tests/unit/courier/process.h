// SPDX-License-Identifier: Apache-2.0
// Another program, for as long as this object lives: its lines are read, and it is spoken to.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "services/base/check.h"

extern char** environ;

namespace latchkey::courier {

class Process {
 public:
  explicit Process(std::vector<std::string> words) {
    std::array<int, 2> in{}, out{};
    LATCHKEY_CHECK(pipe2(in.data(), O_CLOEXEC) == 0 && pipe2(out.data(), O_CLOEXEC) == 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], 0);
    posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    const int failed =
        posix_spawn(&pid_, arguments[0], &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) {
      std::fprintf(stderr, "%s cannot be started\n", words[0].c_str());
      std::abort();
    }
    close(in[0]);
    close(out[1]);
    to_ = in[1];
    from_ = out[0];
  }
  ~Process() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    close(to_);
    close(from_);
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // Its next line; a program that says nothing within half a minute fails the test.
  std::string ReadLine() {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    for (size_t end; (end = heard_.find('\n')) == std::string::npos;) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
          until - std::chrono::steady_clock::now());
      pollfd wait{.fd = from_, .events = POLLIN, .revents = 0};
      LATCHKEY_CHECK(left.count() > 0 && poll(&wait, 1, static_cast<int>(left.count())) >= 0);
      if (wait.revents == 0) continue;
      std::array<char, 256> piece{};
      const ssize_t size = read(from_, piece.data(), piece.size());
      LATCHKEY_CHECK(size > 0);
      heard_.append(piece.data(), static_cast<size_t>(size));
    }
    const size_t end = heard_.find('\n');
    std::string line = heard_.substr(0, end);
    heard_.erase(0, end + 1);
    return line;
  }
  void WriteLine(std::string_view line) {
    const std::string words = std::string(line) + "\n";
    LATCHKEY_CHECK(write(to_, words.data(), words.size()) == static_cast<ssize_t>(words.size()));
  }

 private:
  pid_t pid_ = 0;
  int to_ = -1, from_ = -1;
  std::string heard_;
};

}  // namespace latchkey::courier
