// SPDX-License-Identifier: Apache-2.0
// A throwaway PostgreSQL on a unix socket in a folder of its own.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

namespace latchkey::testing {

// Aborts the test program with a line that says what is missing: a missing engine fails, it is
// never skipped. Runs as "postgres" or "nobody" when the tests run as root, which PostgreSQL
// refuses.
class ThrowawayPostgres {
 public:
  ThrowawayPostgres();
  ~ThrowawayPostgres();
  ThrowawayPostgres(const ThrowawayPostgres&) = delete;
  ThrowawayPostgres& operator=(const ThrowawayPostgres&) = delete;

  // One for the whole test program, started at its first use: making one takes a second or two.
  static ThrowawayPostgres& Shared();

  // libpq's connection string of a new, empty database.
  std::string NewDatabase();
  // kill -9, as a crash would.
  void Kill();
  // Starts it again on the same data.
  void Start();
  // It hangs, and the machine lives: all its processes are stopped until Resume.
  void Suspend();
  void Resume();

 private:
  void SignalAll(int signal) const;
  std::string Conninfo(const std::string& database) const;

  std::filesystem::path folder_;
  pid_t pid_ = 0;
  int databases_ = 0;
};

}  // namespace latchkey::testing
