// SPDX-License-Identifier: Apache-2.0
// Passwords that everybody tries first: common and leaked ones, as a file mapped into memory.
//
// The file is a header and the sorted, distinct first 8 bytes of each password's SHA-1 (FIPS 180-4;
// the published lists of leaked passwords are SHA-1). Eight bytes of a thousand million entries
// refuse one innocent password in twenty thousand million. Whole passwords only, no substrings
// (NIST SP 800-63B-4, 3.1.1.2).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "services/base/result.h"

namespace latchkey::proof {

// Immutable; threads: any. Pages are read from disk as they are needed and shared by all processes.
class Blocklist {
 public:
  // No entries: refuses nothing.
  Blocklist() = default;
  // kUnavailable with a line that says what to do when the file is absent, cut short or no
  // blocklist.
  static Result<Blocklist> Open(const std::filesystem::path& path);
  ~Blocklist();
  Blocklist(Blocklist&& other) noexcept { *this = std::move(other); }
  Blocklist& operator=(Blocklist&& other) noexcept;

  // Whether exactly these bytes are listed.
  bool Contains(std::string_view password) const;
  uint64_t size() const { return count_; }

 private:
  const unsigned char* mapped_ = nullptr;
  size_t mapped_bytes_ = 0;
  uint64_t count_ = 0;
};

// What a build reads. Plain words stand one on a line (UTF-8, LF or CRLF; each is listed as it
// stands and in lower case). Ranges are lines of 40 hexadecimal digits, optionally followed by
// ":count", or of 35 digits in a file whose name is the first five, as the published range lists
// come.
struct BlocklistSources {
  std::vector<std::filesystem::path> words;
  std::vector<std::filesystem::path> ranges;
};
struct BlocklistReport {
  uint64_t lines = 0;
  uint64_t entries = 0;             // in the file: distinct
  uint64_t rejected = 0;            // lines of a range list that are no hash
  std::string first_rejected = {};  // "pwned.txt:17"
};
// Called now and then with the bytes read and the bytes in all.
using BuildProgress = std::function<void(uint64_t, uint64_t)>;

// Writes a blocklist to `out`: streaming, sorted in runs on disk beside it and merged, in at most
// about 70 MB of memory whatever the input's size. Replaces `out` only when the new file is whole
// and durable. kUnavailable names the file that could not be read or written.
Result<BlocklistReport> BuildBlocklist(const std::filesystem::path& out,
                                       const BlocklistSources& sources,
                                       const BuildProgress& progress = {});

}  // namespace latchkey::proof
