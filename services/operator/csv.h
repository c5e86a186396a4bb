// SPDX-License-Identifier: Apache-2.0
// Records of a CSV file (RFC 4180), one at a time, from files of any size and any quality.
//
// A record that cannot be read is a fault with its line and the reason; reading goes on with the
// line after the one where that record began, so that one stray quote never swallows its
// neighbours.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace latchkey::operate {

struct CsvRecord {
  uint64_t line = 0;  // where it begins, from 1
  std::vector<std::string> fields;
};
struct CsvFault {
  uint64_t line = 0;
  std::string reason;
};
struct CsvEnd {
  bool broken = false;  // the source failed: what came so far is good, the rest is missing
};
using CsvNext = std::variant<CsvRecord, CsvFault, CsvEnd>;

// Reads at most `size` bytes; returns how many, 0 at the end, -1 when the source fails.
using ByteSource = std::function<std::ptrdiff_t(char* out, size_t size)>;

// One thread. Takes LF and CRLF, a byte-order mark, empty lines (skipped) and, if the first line
// has no comma, ";" or tab between fields. Refuses NUL, what is no UTF-8, lone carriage returns,
// broken quotes and records over 16 KiB.
class CsvReader {
 public:
  static constexpr size_t kLongestRecord = size_t{16} * 1024;

  explicit CsvReader(ByteSource source) : source_(std::move(source)) {}
  CsvNext Next();
  uint64_t bytes_read() const { return bytes_read_; }

 private:
  void Start();
  bool Fill();
  std::string_view rest() const { return std::string_view(buffer_).substr(at_); }
  CsvNext SkipLine(std::string reason);
  void Consume(size_t size);

  ByteSource source_;
  std::string buffer_;
  size_t at_ = 0;
  uint64_t line_ = 1;
  uint64_t bytes_read_ = 0;
  char separator_ = ',';
  bool started_ = false;
  bool ended_ = false;
  bool broken_ = false;
};

}  // namespace latchkey::operate
