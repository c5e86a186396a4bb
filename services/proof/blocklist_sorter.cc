// SPDX-License-Identifier: Apache-2.0
#include "services/proof/blocklist_sorter.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <functional>
#include <queue>
#include <string>
#include <system_error>
#include <utility>

namespace latchkey::proof {
namespace {

constexpr size_t kRunEntries = 8u << 20;  // 64 MiB of memory

Failure CannotWrite(const std::filesystem::path& path) {
  return Fail(Reason::kUnavailable, "cannot write " + path.string() + ": " + std::strerror(errno) +
                                        "; is the disk full, or the folder not writable?");
}

void WriteEntry(std::ofstream& file, Entry entry) {
  const auto bytes = StoreEntry(entry);
  file.write(bytes.data(), bytes.size());
}

// Reads one run from its beginning.
class RunReader {
 public:
  explicit RunReader(const std::filesystem::path& path) : file_(path, std::ios::binary) {}
  bool Next(Entry& entry) {
    unsigned char bytes[kEntryBytes];
    if (!file_.read(reinterpret_cast<char*>(bytes), kEntryBytes)) return false;
    entry = LoadEntry(bytes);
    return true;
  }

 private:
  std::ifstream file_;
};

// Durable before it gets its name: a reader sees the old list or the whole new one.
Done SyncAndRename(const std::filesystem::path& from, const std::filesystem::path& to) {
  const int file = ::open(from.c_str(), O_RDONLY | O_CLOEXEC);
  const bool synced = file >= 0 && ::fsync(file) == 0;
  if (file >= 0) ::close(file);
  if (!synced || std::rename(from.c_str(), to.c_str()) != 0) return CannotWrite(to);
  const auto parent = to.has_parent_path() ? to.parent_path() : std::filesystem::path(".");
  if (const int folder = ::open(parent.c_str(), O_RDONLY | O_CLOEXEC); folder >= 0) {
    ::fsync(folder);
    ::close(folder);
  }
  return {};
}

}  // namespace

EntrySorter::EntrySorter(std::filesystem::path out) : out_(std::move(out)) {}

EntrySorter::~EntrySorter() {
  std::error_code ignored;
  for (const auto& run : runs_) std::filesystem::remove(run, ignored);
  std::filesystem::remove(out_.string() + ".new", ignored);
}

Done EntrySorter::Add(Entry entry) {
  gathered_.push_back(entry);
  return gathered_.size() < kRunEntries ? Done() : Spill();
}

Done EntrySorter::Spill() {
  std::sort(gathered_.begin(), gathered_.end());
  gathered_.erase(std::unique(gathered_.begin(), gathered_.end()), gathered_.end());
  runs_.push_back(out_.string() + ".run" + std::to_string(runs_.size()));
  std::ofstream file(runs_.back(), std::ios::binary | std::ios::trunc);
  for (Entry entry : gathered_) WriteEntry(file, entry);
  file.close();
  if (!file) return CannotWrite(runs_.back());
  gathered_.clear();
  return {};
}

Result<uint64_t> EntrySorter::Finish() {
  LATCHKEY_TRY(Spill());
  std::vector<RunReader> readers;
  readers.reserve(runs_.size());
  for (const auto& run : runs_) readers.emplace_back(run);
  using Head = std::pair<Entry, size_t>;  // and which run it came from
  std::priority_queue<Head, std::vector<Head>, std::greater<>> heads;
  const auto advance = [&](size_t run) {
    Entry entry = 0;
    if (readers[run].Next(entry)) heads.emplace(entry, run);
  };
  for (size_t run = 0; run < readers.size(); ++run) advance(run);

  const std::filesystem::path fresh = out_.string() + ".new";
  std::ofstream file(fresh, std::ios::binary | std::ios::trunc);
  file.write(kBlocklistMagic.data(), kBlocklistMagic.size());
  WriteEntry(file, 0);  // the count, once it is known
  uint64_t count = 0;
  Entry last = 0;
  while (!heads.empty()) {
    const auto [entry, run] = heads.top();
    heads.pop();
    if (count == 0 || entry != last) {
      WriteEntry(file, entry);
      ++count;
    }
    last = entry;
    advance(run);
  }
  file.seekp(static_cast<std::streamoff>(kBlocklistMagic.size()));
  WriteEntry(file, count);
  file.close();
  if (!file) return CannotWrite(fresh);
  LATCHKEY_TRY(SyncAndRename(fresh, out_));
  return count;
}

}  // namespace latchkey::proof
