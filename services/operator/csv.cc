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

// What a scan over the bytes of one record came to; kMore: it needs bytes that have not come yet.
struct Scan {
  enum class Outcome { kRecord, kFault, kMore };
  Outcome outcome = Outcome::kMore;
  size_t size = 0;  // kRecord: with its line end
  std::vector<std::string> fields;
  std::string reason;
};

constexpr const char* kHoldsNul =
    "holds a NUL byte; save the file as UTF-8 (in Excel: CSV UTF-8)";

// Splits the record at the start of `text` and looks no further. `is_last`: no more bytes will
// come.
//
// Each rule of the grammar is a function that begins at at_ and ends behind what it took. False, of
// a field: the scan is over, by a fault or for want of bytes.
class RecordScan {
 public:
  RecordScan(std::string_view text, char separator, bool is_last)
      : text_(text), separator_(separator), is_last_(is_last) {}

  Scan Run() {
    while (Field()) {
      if (!Is(separator_)) {
        RecordEnd();
        break;
      }
      ++at_;
    }
    return std::move(scan_);
  }

 private:
  bool Field() {
    if (!(Is('"') ? QuotedField() : PlainField())) return false;
    scan_.fields.push_back(std::exchange(field_, {}));
    return true;
  }

  bool PlainField() {
    for (; !AtEnd(); ++at_) {
      const char c = text_[at_];
      if (c == separator_ || c == '\r' || c == '\n') break;
      if (c == '\0') return Fault(kHoldsNul);
      if (c == '"') return Fault("has a quote inside a field that does not begin with one");
      field_ += c;
    }
    return true;
  }

  bool QuotedField() {
    for (++at_; !AtEnd(); ++at_) {
      const char c = text_[at_];
      if (c == '\0') return Fault(kHoldsNul);
      if (c == '"') {
        // The next byte decides whether the quote ends here.
        if (at_ + 1 == text_.size() && !is_last_) return false;
        ++at_;
        if (!Is('"')) return true;
      }
      field_ += c;
    }
    return is_last_ ? Fault("opens a quote that is never closed") : false;
  }

  // A line end, or the end of the file.
  void RecordEnd() {
    if (AtEnd()) {
      if (is_last_) EndHere();
    } else if (Is('\n')) {
      ++at_;
      EndHere();
    } else if (!Is('\r')) {
      Fault(Is('\0') ? kHoldsNul
                     : "has text after a closing quote; a quote inside a field is written twice");
    } else if (at_ + 1 < text_.size() || is_last_) {
      ++at_;
      if (!Is('\n')) {
        Fault("holds a carriage return without a line feed");
      } else {
        ++at_;
        EndHere();
      }
    }
  }

  bool AtEnd() const { return at_ == text_.size(); }
  bool Is(char c) const { return !AtEnd() && text_[at_] == c; }
  void EndHere() {
    scan_.outcome = Scan::Outcome::kRecord;
    scan_.size = at_;
  }
  bool Fault(const char* reason) {
    scan_.outcome = Scan::Outcome::kFault;
    scan_.reason = reason;
    return false;
  }

  const std::string_view text_;
  const char separator_;
  const bool is_last_;
  size_t at_ = 0;
  std::string field_;
  Scan scan_;
};

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
    Scan scan = RecordScan(rest().substr(0, kLongestRecord), separator_,
                           ended_ && rest().size() <= kLongestRecord)
                    .Run();
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
