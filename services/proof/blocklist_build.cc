// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <string>
#include <system_error>

#include "services/proof/blocklist.h"
#include "services/proof/blocklist_format.h"
#include "services/proof/blocklist_sorter.h"
#include "services/proof/letter_case.h"

namespace latchkey::proof {
namespace {

constexpr size_t kLongestWord = 1024;  // no password is longer
constexpr size_t kHashDigits = 40;
constexpr size_t kRangePrefixDigits = 5;  // of a range file's name
constexpr uint64_t kLinesBetweenReports = 1 << 16;

std::optional<uint64_t> HexNumber(std::string_view digits) {
  uint64_t number = 0;
  for (char digit : digits) {
    const auto lower = static_cast<char>(std::tolower(static_cast<unsigned char>(digit)));
    if (lower >= '0' && lower <= '9') {
      number = number << 4 | static_cast<uint64_t>(lower - '0');
    } else if (lower >= 'a' && lower <= 'f') {
      number = number << 4 | static_cast<uint64_t>(lower - 'a' + 10);
    } else {
      return std::nullopt;
    }
  }
  return number;
}

// The entry of "HASH", "HASH:count" or, with the file's own prefix, "SUFFIX:count".
std::optional<Entry> EntryOfRangeLine(std::string_view line, std::string_view prefix) {
  std::string_view hash = line.substr(0, line.find(':'));
  std::string whole(hash.size() == kHashDigits - kRangePrefixDigits ? prefix : std::string_view());
  whole += hash;
  if (whole.size() != kHashDigits || !HexNumber(whole.substr(2 * kEntryBytes))) return std::nullopt;
  return HexNumber(whole.substr(0, 2 * kEntryBytes));
}

// One build in progress.
class Build {
 public:
  Build(const std::filesystem::path& out, const BuildProgress& progress)
      : sorter_(out), progress_(progress) {}

  Done ReadAll(const BlocklistSources& sources) {
    for (const auto* paths : {&sources.words, &sources.ranges}) {
      for (const auto& path : *paths) {
        std::error_code ignored;
        const auto size = std::filesystem::file_size(path, ignored);
        if (!ignored) bytes_in_all_ += size;
      }
    }
    for (const auto& path : sources.words) {
      LATCHKEY_TRY(ReadLines(path, [&](std::string_view word) { return AddWord(word); }));
    }
    for (const auto& path : sources.ranges) {
      const std::string stem = path.stem().string();
      const bool named = stem.size() == kRangePrefixDigits && HexNumber(stem).has_value();
      LATCHKEY_TRY(ReadLines(path, [&](std::string_view line) {
        return AddRangeLine(line, named ? std::string_view(stem) : std::string_view());
      }));
    }
    return {};
  }

  Result<BlocklistReport> Finish() {
    LATCHKEY_ASSIGN(report_.entries, sorter_.Finish());
    if (progress_) progress_(bytes_in_all_, bytes_in_all_);
    return report_;
  }

 private:
  template <typename Add>
  Done ReadLines(const std::filesystem::path& path, Add add) {
    std::ifstream file(path, std::ios::binary);
    if (!file)
      return Fail(Reason::kUnavailable,
                  "cannot read " + path.string() + ": " + std::strerror(errno));
    std::string line;
    line_number_ = 0;
    file_name_ = path.filename().string();
    while (std::getline(file, line)) {
      bytes_read_ += line.size() + 1;
      ++report_.lines;
      ++line_number_;
      if (!line.empty() && line.back() == '\r') line.pop_back();
      if (!line.empty()) LATCHKEY_TRY(add(std::string_view(line)));
      if (progress_ && report_.lines % kLinesBetweenReports == 0)
        progress_(std::min(bytes_read_, bytes_in_all_), bytes_in_all_);
    }
    if (file.bad())
      return Fail(Reason::kUnavailable, "cannot read " + path.string() + " to its end");
    return {};
  }

  Done AddWord(std::string_view word) {
    if (word.size() > kLongestWord) return {};
    LATCHKEY_TRY(sorter_.Add(EntryOf(word)));
    return sorter_.Add(EntryOf(InLowerCase(word)));
  }

  Done AddRangeLine(std::string_view line, std::string_view prefix) {
    if (const auto entry = EntryOfRangeLine(line, prefix)) return sorter_.Add(*entry);
    if (report_.rejected++ == 0)
      report_.first_rejected = file_name_ + ":" + std::to_string(line_number_);
    return {};
  }

  EntrySorter sorter_;
  const BuildProgress& progress_;
  BlocklistReport report_;
  uint64_t bytes_in_all_ = 0;
  uint64_t bytes_read_ = 0;
  uint64_t line_number_ = 0;
  std::string file_name_;
};

}  // namespace

Result<BlocklistReport> BuildBlocklist(const std::filesystem::path& out,
                                       const BlocklistSources& sources,
                                       const BuildProgress& progress) {
  Build build(out, progress);
  LATCHKEY_TRY(build.ReadAll(sources));
  return build.Finish();
}

}  // namespace latchkey::proof
