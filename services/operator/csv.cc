// SPDX-License-Identifier: Apache-2.0
#include "services/operator/csv.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace latchkey::operate {
namespace {

constexpr size_t kReadAtOnce = size_t{64} * 1024;

bool IsUtf8(std::string_view text) {
  auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  for (size_t i = 0; i < text.size();) {
    if (byte(i) < 0x80) {
      ++i;
      continue;
    }
    size_t size = byte(i) >= 0xf0 ? 4 : byte(i) >= 0xe0 ? 3 : 2;
    if (byte(i) < 0xc2 || byte(i) > 0xf4 || text.size() - i < size) return false;
    uint32_t value = byte(i) & (0xff >> (size + 1));
    for (size_t k = 1; k < size; ++k) {
      if ((byte(i + k) & 0xc0) != 0x80) return false;
      value = (value << 6) | (byte(i + k) & 0x3f);
    }
    constexpr uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
    if (value < kLeast[size] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
      return false;
    i += size;
  }
  return true;
}

// What a scan over the bytes of one record came to.
struct Scan {
  enum class Outcome { kRecord, kFault, kMore };
  Outcome outcome = Outcome::kMore;
  size_t size = 0;  // kRecord: with its line end
  std::vector<std::string> fields;
  std::string reason;
};

// Splits the record at the start of `text`. `is_last`: no more bytes will come. Looks no further
// than one record.
Scan ScanRecord(std::string_view text, char separator, bool is_last) {
  Scan scan;
  std::string field;
  enum class In { kStart, kPlain, kQuoted, kAfterQuote } in = In::kStart;
  auto fault = [&](std::string reason) {
    scan.outcome = Scan::Outcome::kFault;
    scan.reason = std::move(reason);
    return scan;
  };
  auto end_field = [&] {
    scan.fields.push_back(std::move(field));
    field.clear();
    in = In::kStart;
  };
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '\0') return fault("holds a NUL byte; save the file as UTF-8 (in Excel: CSV UTF-8)");
    if (in == In::kQuoted) {
      if (c != '"') {
        field += c;
      } else if (i + 1 < text.size() && text[i + 1] == '"') {
        field += '"';
        ++i;
      } else if (i + 1 == text.size() && !is_last) {
        return scan;  // the next byte decides whether the quote ends here
      } else {
        in = In::kAfterQuote;
      }
      continue;
    }
    bool is_end = c == '\n';
    if (c == '\r') {
      if (i + 1 == text.size() && !is_last) return scan;
      if (i + 1 == text.size() || text[i + 1] != '\n') {
        return fault("holds a carriage return without a line feed");
      }
      is_end = true;
      ++i;
    }
    if (is_end) {
      end_field();
      scan.outcome = Scan::Outcome::kRecord;
      scan.size = i + 1;
      return scan;
    }
    if (c == separator) {
      end_field();
    } else if (in == In::kAfterQuote) {
      return fault("has text after a closing quote; a quote inside a field is written twice");
    } else if (c == '"') {
      if (in == In::kPlain) return fault("has a quote inside a field that does not begin with one");
      in = In::kQuoted;
    } else {
      in = In::kPlain;
      field += c;
    }
  }
  if (!is_last) return scan;
  if (in == In::kQuoted) return fault("opens a quote that is never closed");
  end_field();
  scan.outcome = Scan::Outcome::kRecord;
  scan.size = text.size();
  return scan;
}

}  // namespace

// False at the end of the source.
bool CsvReader::Fill() {
  if (ended_) return false;
  buffer_.erase(0, at_);
  at_ = 0;
  size_t old_size = buffer_.size();
  buffer_.resize(old_size + kReadAtOnce);
  std::ptrdiff_t got = source_(buffer_.data() + old_size, kReadAtOnce);
  buffer_.resize(old_size + static_cast<size_t>(std::max<std::ptrdiff_t>(got, 0)));
  if (got <= 0) ended_ = true;
  if (got < 0) broken_ = true;
  bytes_read_ = bytes_read_ + static_cast<uint64_t>(std::max<std::ptrdiff_t>(got, 0));
  return !ended_;
}

void CsvReader::Consume(size_t size) {
  line_ += static_cast<uint64_t>(
      std::count(buffer_.begin() + static_cast<std::ptrdiff_t>(at_),
                 buffer_.begin() + static_cast<std::ptrdiff_t>(at_ + size), '\n'));
  at_ += size;
}

void CsvReader::Start() {
  started_ = true;
  while (rest().find('\n') == std::string_view::npos && rest().size() < kLongestRecord && Fill()) {
  }
  if (rest().substr(0, 3) == "\xef\xbb\xbf") at_ += 3;
  std::string_view first = rest().substr(0, rest().find('\n'));
  if (first.find(',') != std::string_view::npos) return;
  if (first.find(';') != std::string_view::npos) separator_ = ';';
  if (separator_ == ',' && first.find('\t') != std::string_view::npos) separator_ = '\t';
}

// Passes over the line at which a broken record began, however long it is.
CsvNext CsvReader::SkipLine(std::string reason) {
  CsvFault fault{line_, std::move(reason)};
  while (true) {
    size_t end = rest().find('\n');
    if (end != std::string_view::npos) {
      Consume(end + 1);
      return fault;
    }
    Consume(rest().size());
    if (!Fill()) return fault;
  }
}

CsvNext CsvReader::Next() {
  if (!started_) Start();
  while (true) {
    while (rest().empty() && Fill()) {
    }
    if (rest().empty()) return CsvEnd{broken_};
    Scan scan = ScanRecord(rest().substr(0, kLongestRecord), separator_,
                           ended_ && rest().size() <= kLongestRecord);
    if (scan.outcome == Scan::Outcome::kMore) {
      if (rest().size() >= kLongestRecord) {
        return SkipLine("is longer than 16 KiB; a quote may be missing before it ends");
      }
      Fill();
      continue;
    }
    if (broken_ && scan.outcome == Scan::Outcome::kRecord && scan.size == rest().size() &&
        rest().back() != '\n') {
      return CsvEnd{true};  // the file broke off inside this record
    }
    if (scan.outcome == Scan::Outcome::kFault) return SkipLine(std::move(scan.reason));
    if (!IsUtf8(rest().substr(0, scan.size)))
      return SkipLine("is no UTF-8; save the file as UTF-8");
    CsvRecord record{line_, std::move(scan.fields)};
    Consume(scan.size);
    if (record.fields.size() == 1 && record.fields[0].empty()) continue;  // an empty line
    return record;
  }
}

}  // namespace latchkey::operate
