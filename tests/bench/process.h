// SPDX-License-Identifier: Apache-2.0
// Programs that a benchmark starts, and what they leave to be read.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/free_port.h"

namespace latchkey::bench {

// Stops the whole run with one line. A benchmark that cannot measure says nothing else.
[[noreturn]] void Die(const std::string& what);

// A program in the background. Ended by SIGTERM when this ends, and waited for.
class Child {
 public:
  // What it says goes to `log`.
  Child(const std::vector<std::string>& words, const std::filesystem::path& log);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const { return pid_; }
  bool alive();
  // Waits until it listens there; dies when it ended or half a minute is over.
  void WaitForPort(uint16_t port);

 private:
  pid_t pid_;
  std::filesystem::path log_;
  bool ended_ = false;
};

// Runs a program to its end; dies with the end of what it said unless it succeeded.
void RunToEnd(const std::vector<std::string>& words, const std::filesystem::path& log);

// A line of /proc/PID/status, such as VmHWM, in KiB.
int64_t StatusKib(pid_t pid, const std::string& name);
// Processor time that it has used so far, in seconds.
double ProcessorSeconds(pid_t pid);

// A folder that is removed when this ends.
class Scratch {
 public:
  explicit Scratch(const std::filesystem::path& parent);
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace latchkey::bench
