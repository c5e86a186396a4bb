// SPDX-License-Identifier: Apache-2.0
// Writes checkpoints. Each line stands in the ledger first and in the file a moment later: of two
// nodes that sign at once the key decides, and a line that a crash kept out of the file is put
// there by the next call.
#include <limits>

#include "services/ledger/journal.h"
#include "services/ledger/sql/checkpoint_line.h"

namespace latchkey::ledger {
namespace {

constexpr int kEntriesPerBatch = 1000;

Failure FilesDiffer(const std::filesystem::path& file) {
  return Fail(Reason::kUnavailable,
              "the checkpoint file " + file.string() +
                  " and the ledger do not agree: run `latchkey journal verify`, and put back the"
                  " file's last copy if it is lost");
}

// Brings the file up to what the ledger has, and returns the last line; empty when there is none
// yet.
Result<std::string> CatchUp(Ledger& ledger, const crypto::KeyRing& keys,
                            const std::filesystem::path& file) {
  LATCHKEY_ASSIGN(std::string last, LastLine(file));
  int64_t number = 0;
  if (!last.empty()) {
    std::optional<Checkpoint> known = ReadLine(last, keys);
    if (!known) return FilesDiffer(file);
    number = known->number;
  }
  LATCHKEY_ASSIGN(Rows rows, ledger.Query([&](Transaction& tx) {
    return tx.Run("SELECT number, line FROM checkpoints WHERE number >= $1 ORDER BY number",
                  number);
  }));
  // A file that is lost is not made anew from the ledger: that would bless whatever the ledger
  // holds now.
  if (last.empty() && rows.rows.size() > 1) return FilesDiffer(file);
  if (!last.empty() && (rows.empty() || rows.front().Text(1) != last)) return FilesDiffer(file);
  for (const Row& row : rows.rows) {
    if (row.Int(0) == number) continue;
    std::optional<Checkpoint> next = ReadLine(row.Text(1), keys);
    if (!next || next->number != number + 1 || next->previous != DigestOfLine(last)) {
      return FilesDiffer(file);
    }
    LATCHKEY_TRY(AppendLine(file, row.Text(1)));
    last = row.Text(1);
    number = next->number;
  }
  return last;
}

// Every entry after `after_id` that was written up to `settled`: ids begin with their time
// (services/base/ids.h).
Result<RollingDigest> DigestEntries(Ledger& ledger, int64_t after_id, TimePoint settled) {
  int64_t before_id = (ToUnixMillis(settled) + 1) << kIdTimeShift;
  return ledger.Query([&](Transaction& tx) -> Result<RollingDigest> {
    RollingDigest rolling;
    int64_t after = after_id;
    while (true) {
      LATCHKEY_ASSIGN(Rows rows, tx.Run("SELECT id, account_id, seq, digest FROM journal"
                                        " WHERE id > $1 AND id < $2 ORDER BY id LIMIT $3",
                                        after, before_id, kEntriesPerBatch));
      if (rows.empty()) return rolling;
      for (const Row& row : rows.rows) rolling.Add(row);
      after = rolling.last_id();
    }
  });
}

}  // namespace

Result<int64_t> WriteCheckpoint(Ledger& ledger, const crypto::KeyRing& keys,
                                const std::filesystem::path& checkpoint_file, TimePoint settled,
                                TimePoint now) {
  LATCHKEY_ASSIGN(std::string last, CatchUp(ledger, keys, checkpoint_file));
  Checkpoint before;
  before.last_id = std::numeric_limits<int64_t>::min();
  if (!last.empty()) before = *ReadLine(last, keys);  // CatchUp has read it
  LATCHKEY_ASSIGN(RollingDigest rolling, DigestEntries(ledger, before.last_id, settled));
  if (rolling.count() == 0) return int64_t{0};
  std::string line = SignLine({.number = before.number + 1,
                               .at = now,
                               .first_id = rolling.first_id(),
                               .last_id = rolling.last_id(),
                               .count = rolling.count(),
                               .digest = rolling.digest(),
                               .previous = DigestOfLine(last)},
                              keys);
  Done recorded = ledger.Commit([&](Transaction& tx) -> Done {
    LATCHKEY_TRY(
        tx.Run("INSERT INTO checkpoints (number, line) VALUES ($1, $2)", before.number + 1, line));
    return {};
  });
  if (!recorded.ok()) {
    // Another node signed this number: its line comes into our file with the next call.
    if (recorded.reason() == Reason::kConflict) return int64_t{0};
    return recorded.failure();
  }
  LATCHKEY_TRY(AppendLine(checkpoint_file, line));
  return rolling.count();
}

}  // namespace latchkey::ledger
