// SPDX-License-Identifier: Apache-2.0
// Randomness, the second door: whoever needs random bytes takes a Random.
#pragma once

#include <cstddef>
#include <string>

namespace latchkey {

// Threads: any. Fill never fails: the system's generator aborts the process when it has nothing to
// give, because a token that is not random must not be issued.
class Random {
 public:
  virtual ~Random() = default;
  virtual void Fill(void* out, size_t size) = 0;

  std::string Take(size_t size) {
    std::string bytes(size, '\0');
    Fill(bytes.data(), size);
    return bytes;
  }
};

}  // namespace latchkey
