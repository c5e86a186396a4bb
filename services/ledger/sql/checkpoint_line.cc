// SPDX-License-Identifier: Apache-2.0
#include "services/ledger/sql/checkpoint_line.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <system_error>
#include <vector>

#include "crypto/chain.h"
#include "crypto/digest.h"
#include "crypto/token.h"
#include "services/base/utc_text.h"

namespace latchkey::ledger {
namespace {

constexpr std::string_view kForm = "latchkey-checkpoint-1";
constexpr size_t kFields = 10;
constexpr size_t kLongestLine = 1024;
constexpr int kEntriesPerBatch = 1000;

std::vector<std::string_view> SplitAtBlanks(std::string_view line) {
  std::vector<std::string_view> fields;
  while (true) {
    size_t end = line.find(' ');
    fields.push_back(line.substr(0, end));
    if (end == std::string_view::npos) return fields;
    line.remove_prefix(end + 1);
  }
}

std::optional<int64_t> ReadNumber(std::string_view text) {
  int64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Failure FileFailure(const std::filesystem::path& file, const char* verb) {
  return Fail(Reason::kUnavailable, "the checkpoint file " + file.string() + " cannot be " + verb +
                                        ": " + std::strerror(errno));
}

// A file descriptor that closes itself.
struct OpenFile {
  explicit OpenFile(int descriptor) : fd(descriptor) {}
  ~OpenFile() {
    if (fd >= 0) ::close(fd);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  const int fd;
};

// The file's end, at most two lines of it, and where that begins.
struct Tail {
  std::string bytes;
  off_t begin = 0;
};

Result<Tail> ReadTail(int fd, const std::filesystem::path& file) {
  off_t size = ::lseek(fd, 0, SEEK_END);
  if (size < 0) return FileFailure(file, "read");
  Tail tail;
  tail.begin = std::max<off_t>(0, size - static_cast<off_t>(2 * kLongestLine));
  tail.bytes.resize(static_cast<size_t>(size - tail.begin));
  ssize_t got = ::pread(fd, tail.bytes.data(), tail.bytes.size(), tail.begin);
  if (got != static_cast<ssize_t>(tail.bytes.size())) return FileFailure(file, "read");
  return tail;
}

Done SyncFolder(const std::filesystem::path& file) {
  std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
  OpenFile opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.fd < 0 || ::fsync(opened.fd) != 0) return FileFailure(file, "made durable");
  return {};
}

}  // namespace

std::string SignLine(const Checkpoint& checkpoint, const crypto::KeyRing& keys) {
  std::string line(kForm);
  for (int64_t number : {checkpoint.number, ToUnixMillis(checkpoint.at), checkpoint.first_id,
                         checkpoint.last_id, checkpoint.count}) {
    line += ' ' + std::to_string(number);
  }
  line += ' ' + crypto::ToBase64Url(checkpoint.digest.view());
  line += ' ' + crypto::ToBase64Url(checkpoint.previous.view());
  line += ' ' + std::to_string(keys.CurrentVersion(crypto::KeyUse::kCheckpoint));
  Bytes signature = crypto::SignCheckpoint(keys.Current(crypto::KeyUse::kCheckpoint), line);
  return line + ' ' + crypto::ToBase64Url(signature.view());
}

std::optional<Checkpoint> ReadLine(std::string_view line, const crypto::KeyRing& keys) {
  std::vector<std::string_view> fields = SplitAtBlanks(line);
  if (fields.size() != kFields || fields[0] != kForm) return std::nullopt;
  int64_t numbers[5];
  for (size_t i = 0; i < 5; ++i) {
    const std::optional<int64_t> number = ReadNumber(fields[i + 1]);
    if (!number) return std::nullopt;
    numbers[i] = *number;
  }
  std::optional<int64_t> version = ReadNumber(fields[8]);
  std::optional<std::string> digest = crypto::FromBase64Url(fields[6]);
  std::optional<std::string> previous = crypto::FromBase64Url(fields[7]);
  std::optional<std::string> signature = crypto::FromBase64Url(fields[9]);
  if (!version || *version < 1 || *version > 1'000'000 || !digest || !previous || !signature) {
    return std::nullopt;
  }
  const Secret* seed = keys.At(crypto::KeyUse::kCheckpoint, static_cast<int>(*version));
  std::string_view signed_part = line.substr(0, line.rfind(' '));
  if (seed == nullptr || !crypto::VerifyCheckpoint(crypto::CheckpointPublicKey(*seed), signed_part,
                                                   Bytes(*signature))) {
    return std::nullopt;
  }
  return Checkpoint{.number = numbers[0],
                    .at = FromUnixMillis(numbers[1]),
                    .first_id = numbers[2],
                    .last_id = numbers[3],
                    .count = numbers[4],
                    .digest = Bytes(*std::move(digest)),
                    .previous = Bytes(*std::move(previous))};
}

std::string NameOf(const Checkpoint& checkpoint) {
  return "the signed checkpoint " + std::to_string(checkpoint.number) + " of " +
         UtcText(checkpoint.at);
}

Bytes DigestOfLine(std::string_view line) {
  return crypto::Digest({"latchkey/checkpoint-line/1"}, {line});
}

void RollingDigest::Add(const Row& entry) {
  last_id_ = entry.Int(0);
  if (count_ == 0) first_id_ = last_id_;
  ++count_;
  Bytes of_entry = entry.Blob(3);
  digest_ = crypto::Digest({"latchkey/checkpoint-entries/1"},
                           {digest_.view(), crypto::Part(last_id_), crypto::Part(entry.Int(1)),
                            crypto::Part(entry.Int(2)), of_entry.view()});
}

Result<RollingDigest> DigestStretch(Transaction& tx, int64_t after_id, int64_t last_id,
                                    const std::function<void(size_t)>& read) {
  RollingDigest rolling;
  for (int64_t after = after_id;; after = rolling.last_id()) {
    LATCHKEY_ASSIGN(Rows rows, tx.Run("SELECT id, account_id, seq, digest FROM journal"
                                      " WHERE id > $1 AND id <= $2 ORDER BY id LIMIT $3",
                                      after, last_id, kEntriesPerBatch));
    if (rows.empty()) return rolling;
    for (const Row& row : rows.rows) rolling.Add(row);
    if (read) read(rows.rows.size());
  }
}

Failure NotSigned(const std::filesystem::path& file) {
  return Fail(Reason::kNotAllowed,
              file.string() +
                  " does not end with a line that this bank's key ring signed; put back the file "
                  "that was kept with this ledger");
}

Done CheckNotLost(Transaction& tx, const std::filesystem::path& file, const std::string& last) {
  if (!last.empty()) return {};
  LATCHKEY_ASSIGN(const Rows known, tx.Run("SELECT number FROM checkpoints LIMIT 2"));
  if (known.empty()) return {};
  std::error_code error;
  const bool begun = std::filesystem::file_size(file, error) > 0 && !error;
  if (known.rows.size() == 1 && begun) return {};
  return Fail(Reason::kUnavailable,
              "the checkpoint file " + file.string() +
                  " is not there or empty, though the ledger has checkpoints: nothing shows "
                  "whether the ledger is an older copy, and nothing is signed until the file is "
                  "back. Put its last copy back, or where there is none: latchkey journal "
                  "checkpoint --file-is-lost");
}

Result<std::string> LastLine(const std::filesystem::path& file) {
  OpenFile opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (opened.fd < 0 && errno == ENOENT) return std::string();
  if (opened.fd < 0) return FileFailure(file, "read");
  LATCHKEY_ASSIGN(Tail tail, ReadTail(opened.fd, file));
  size_t end = tail.bytes.rfind('\n');
  if (end == std::string::npos) return std::string();
  size_t begin = end == 0 ? std::string::npos : tail.bytes.rfind('\n', end - 1);
  begin = begin == std::string::npos ? 0 : begin + 1;
  return tail.bytes.substr(begin, end - begin);
}

Done BeginFile(const std::filesystem::path& file) {
  OpenFile opened(::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (opened.fd < 0) return FileFailure(file, "written");
  if (::lseek(opened.fd, 0, SEEK_END) > 0) return {};
  if (::write(opened.fd, kForm.data(), kForm.size()) != static_cast<ssize_t>(kForm.size()) ||
      ::fsync(opened.fd) != 0) {
    return FileFailure(file, "written");
  }
  return SyncFolder(file);
}

Done AppendLine(const std::filesystem::path& file, const std::string& line) {
  OpenFile opened(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (opened.fd < 0) return FileFailure(file, "written");
  LATCHKEY_ASSIGN(Tail tail, ReadTail(opened.fd, file));
  off_t size = tail.begin + static_cast<off_t>(tail.bytes.size());
  size_t newline = tail.bytes.rfind('\n');
  off_t whole = tail.begin + (newline == std::string::npos ? 0 : static_cast<off_t>(newline) + 1);
  std::string bytes = line + '\n';
  const off_t end = whole + static_cast<off_t>(bytes.size());
  // Cut last: a file that was begun is never empty again.
  if (::pwrite(opened.fd, bytes.data(), bytes.size(), whole) !=
          static_cast<ssize_t>(bytes.size()) ||
      (end < size && ::ftruncate(opened.fd, end) != 0) || ::fsync(opened.fd) != 0) {
    return FileFailure(file, "written");
  }
  if (whole == 0) LATCHKEY_TRY(SyncFolder(file));
  return {};
}

Done CutAside(const std::filesystem::path& file, uintmax_t bytes,
              const std::filesystem::path& kept) {
  std::error_code error;
  std::filesystem::copy_file(file, kept, std::filesystem::copy_options::overwrite_existing, error);
  if (error) errno = error.value();
  OpenFile copy(error ? -1 : ::open(kept.c_str(), O_RDONLY | O_CLOEXEC));
  if (copy.fd < 0 || ::fsync(copy.fd) != 0) return FileFailure(kept, "written");
  LATCHKEY_TRY(SyncFolder(kept));
  OpenFile cut(::open(file.c_str(), O_WRONLY | O_CLOEXEC));
  if (cut.fd < 0 || ::ftruncate(cut.fd, static_cast<off_t>(bytes)) != 0 || ::fsync(cut.fd) != 0)
    return FileFailure(file, "written");
  return {};
}

LineReader::LineReader(const std::filesystem::path& file, uintmax_t bytes)
    : in_(file, std::ios::binary), left_(bytes) {}

bool LineReader::Next(std::string& line) {
  if (left_ == 0 || !std::getline(in_, line)) return false;
  if (in_.eof() || line.size() + 1 > left_) return false;  // no newline yet: not a whole line
  left_ -= line.size() + 1;
  return true;
}

}  // namespace latchkey::ledger
