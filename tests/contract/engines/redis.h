// SPDX-License-Identifier: Apache-2.0
// A throwaway redis-server on a unix socket in a folder of its own.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

namespace latchkey::testing {

// Aborts the test program with a line that says what is missing: a missing engine fails, it is
// never skipped.
class ThrowawayRedis {
 public:
  ThrowawayRedis();
  ~ThrowawayRedis();
  ThrowawayRedis(const ThrowawayRedis&) = delete;
  ThrowawayRedis& operator=(const ThrowawayRedis&) = delete;

  std::string address() const { return "unix:" + (folder_ / "redis.sock").string(); }
  // kill -9, as a crash would.
  void Kill();
  // Starts it again on the same data (append-only file, written at each command).
  void Start();

 private:
  std::filesystem::path folder_;
  pid_t pid_ = 0;
};

}  // namespace latchkey::testing
