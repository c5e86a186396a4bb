// SPDX-License-Identifier: Apache-2.0
// Sorts more entries than fit into memory: in runs on disk, which are then merged without doubles.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "services/base/result.h"
#include "services/proof/blocklist_format.h"

namespace latchkey::proof {

// One thread. Owns files named after `out` beside it, and removes them.
class EntrySorter {
 public:
  explicit EntrySorter(std::filesystem::path out);
  ~EntrySorter();
  EntrySorter(const EntrySorter&) = delete;
  EntrySorter& operator=(const EntrySorter&) = delete;

  Done Add(Entry entry);
  // Writes the whole blocklist to `out`, durably; returns the number of distinct entries.
  Result<uint64_t> Finish();

 private:
  Done Spill();

  const std::filesystem::path out_;
  std::vector<Entry> gathered_;
  std::vector<std::filesystem::path> runs_;
};

}  // namespace latchkey::proof
