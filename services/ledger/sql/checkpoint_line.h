// SPDX-License-Identifier: Apache-2.0
// A checkpoint: one signed line about a stretch of the journal, and the file of such lines.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/keyring.h"
#include "services/base/clock.h"
#include "services/base/result.h"
#include "services/ledger/ledger.h"
#include "services/ledger/value.h"

namespace latchkey::ledger {

// Written as "latchkey-checkpoint-1" and then, with one blank between: number, at, first, last,
// count, digest, previous, key version, signature. Digests and signature in base64url.
struct Checkpoint {
  int64_t number = 0;  // 1 for the first, then without a gap
  TimePoint at;
  int64_t first_id = 0;  // of the journal, both included
  int64_t last_id = 0;
  int64_t count = 0;
  Bytes digest;    // of the entries, RollingDigest
  Bytes previous;  // DigestOfLine of the line before; of "" for the first
};

std::string SignLine(const Checkpoint& checkpoint, const crypto::KeyRing& keys);
// nullopt when the line was not signed by this ring, in this form, byte for byte.
std::optional<Checkpoint> ReadLine(std::string_view line, const crypto::KeyRing& keys);
Bytes DigestOfLine(std::string_view line);
// For people: "the signed checkpoint 17 of 2026-11-24 08:15:00Z".
std::string NameOf(const Checkpoint& checkpoint);

// Over the entries of a stretch, in the order of their ids.
class RollingDigest {
 public:
  // Columns of `SELECT id, account_id, seq, digest FROM journal`.
  void Add(const Row& entry);
  int64_t count() const { return count_; }
  int64_t first_id() const { return first_id_; }
  int64_t last_id() const { return last_id_; }
  const Bytes& digest() const { return digest_; }
  // Whether these are the entries that were signed.
  bool Matches(const Checkpoint& checkpoint) const {
    return count_ == checkpoint.count && first_id_ == checkpoint.first_id &&
           last_id_ == checkpoint.last_id && digest_ == checkpoint.digest;
  }

 private:
  int64_t count_ = 0;
  int64_t first_id_ = 0;
  int64_t last_id_ = 0;
  Bytes digest_;
};

// Of every entry after `after_id`, up to `last_id`. `read` hears how many came in each batch.
Result<RollingDigest> DigestStretch(Transaction& tx, int64_t after_id, int64_t last_id,
                                    const std::function<void(size_t)>& read);

// What to do where the file has a signed checkpoint and the ledger has not.
inline constexpr std::string_view kOlderOrAltered =
    "if the ledger was put back from an older copy, or has lost what it had committed, latchkey "
    "restored makes it fit to serve; if not, it was altered: keep it as it is, and call whoever "
    "answers for security at the bank";
// Where the file's last line was not signed by this ring.
Failure NotSigned(const std::filesystem::path& file);
// kUnavailable when the file is absent or empty though the ledger has checkpoints; `last` is the
// file's last line. A crash may have kept the ledger's very first line out of a file that was begun
// for it.
Done CheckNotLost(Transaction& tx, const std::filesystem::path& file, const std::string& last);
// The last whole line of the file; empty when the file is absent or empty. A line that a crash cut
// short does not count. kUnavailable when the file cannot be read.
Result<std::string> LastLine(const std::filesystem::path& file);
// Makes a file that holds no whole line yet, durably, and before the ledger has the first: one that
// is lost then is known from one that a crash left so. Leaves a file that holds anything alone.
Done BeginFile(const std::filesystem::path& file);
// Appends one line and returns when the disk has it, in place of what a crash cut short.
Done AppendLine(const std::filesystem::path& file, const std::string& line);

// Copies the file to `kept` and cuts it after its first `bytes`, both durably and in this order.
Done CutAside(const std::filesystem::path& file, uintmax_t bytes,
              const std::filesystem::path& kept);

// Reads whole lines, one at a time, from the file's first `bytes`.
class LineReader {
 public:
  LineReader(const std::filesystem::path& file, uintmax_t bytes);
  bool Next(std::string& line);

 private:
  std::ifstream in_;
  uintmax_t left_;
};

}  // namespace latchkey::ledger
