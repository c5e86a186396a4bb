// SPDX-License-Identifier: Apache-2.0
// Writes checkpoints. Each line stands in the ledger first and in the file a moment later: of two
// nodes that sign at once the key decides, and a line that a crash kept out of the file is put
// there by the next call.
#include <algorithm>
#include <limits>
#include <optional>

#include "services/base/check.h"
#include "services/ledger/journal.h"
#include "services/ledger/sql/checkpoint_line.h"

namespace latchkey::ledger {
namespace {

Failure FilesDiffer(const std::filesystem::path& file) {
  return Fail(Reason::kUnavailable,
              "the checkpoint file " + file.string() +
                  " and the ledger do not agree: run `latchkey journal verify`, which names where");
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
  LATCHKEY_ASSIGN(Rows rows, ledger.Query([&](Transaction& tx) -> Result<Rows> {
    // A file that is lost is not made anew from the ledger: that would bless whatever the ledger
    // holds now.
    LATCHKEY_TRY(CheckNotLost(tx, file, last));
    return tx.Run("SELECT number, line FROM checkpoints WHERE number >= $1 ORDER BY number",
                  number);
  }));
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

// The last entry of the stretch that is signed next, and since when new entries get ids above it
// (journal.cc). Writers that still read the floor before it have ended once it has settled. So the
// order of stretches is the order of writing, and a clock that was set back, or a node whose clock
// is behind, puts no entry among signed ones (attack D06).
struct Floor {
  int64_t last_id = 0;
  TimePoint set_at;
};

Result<Floor> ReadFloor(Ledger& ledger) {
  LATCHKEY_ASSIGN(Rows rows, ledger.Query([](Transaction& tx) {
    return tx.Run("SELECT last_id, set_at FROM journal_floor");
  }));
  if (rows.empty()) return Fail(Reason::kUnavailable, "the journal has lost its floor");
  return Floor{.last_id = rows.front().Int(0), .set_at = rows.front().Time(1)};
}

// Raises the floor to the newest entry. Of two nodes at once the first does.
Result<Floor> RaiseFloor(Ledger& ledger, const Floor& from, TimePoint now) {
  LATCHKEY_TRY(ledger.Commit([&](Transaction& tx) -> Done {
    LATCHKEY_TRY(
        tx.Run("UPDATE journal_floor SET last_id = (SELECT MAX(id) FROM journal),"
               " set_at = $2 WHERE last_id = $1"
               " AND EXISTS (SELECT 1 FROM journal WHERE id > $1)",
               from.last_id, now));
    return {};
  }));
  return ReadFloor(ledger);
}

// A clock that was ahead set it, and what it says of the time is worth nothing: it settles anew.
Done SettleAnew(Ledger& ledger, const Floor& floor, TimePoint now) {
  return ledger.Commit([&](Transaction& tx) -> Done {
    LATCHKEY_TRY(tx.Run("UPDATE journal_floor SET set_at = $3 WHERE last_id = $1 AND set_at = $2",
                        floor.last_id, floor.set_at, now));
    return {};
  });
}

// The floor up to which can be signed now; absent: there is nothing new, or it has not settled.
Result<std::optional<Floor>> SettledFloor(Ledger& ledger, int64_t signed_id, TimePoint settled,
                                          TimePoint now) {
  LATCHKEY_ASSIGN(Floor floor, ReadFloor(ledger));
  if (settled >= now || floor.last_id <= std::max<int64_t>(signed_id, 0)) {
    LATCHKEY_ASSIGN(floor, RaiseFloor(ledger, floor, now));
  }
  if (floor.last_id <= std::max<int64_t>(signed_id, 0)) return std::optional<Floor>();
  if (settled < now && floor.set_at > now) LATCHKEY_TRY(SettleAnew(ledger, floor, now));
  if (settled < now && floor.set_at > settled) return std::optional<Floor>();
  return std::optional(floor);
}

}  // namespace

Result<std::string> CheckpointLines(Ledger& ledger) {
  LATCHKEY_ASSIGN(const Rows rows, ledger.Query([](Transaction& tx) {
    return tx.Run("SELECT line FROM checkpoints ORDER BY number");
  }));
  std::string lines;
  for (const Row& row : rows.rows) lines += row.Text(0) + '\n';
  return lines;
}

Millis SettlesAfter(const Ledger& ledger) {
  return Millis(ledger.engine() == "sqlite" ? 0 : 15'000);  // SQLite's writers queue
}

Result<int64_t> WriteCheckpoint(Ledger& ledger, const crypto::KeyRing& keys,
                                const std::filesystem::path& checkpoint_file, TimePoint settled,
                                TimePoint now) {
  LATCHKEY_ASSIGN(std::string last, CatchUp(ledger, keys, checkpoint_file));
  Checkpoint before;
  before.last_id = std::numeric_limits<int64_t>::min();
  if (!last.empty()) {
    const auto read = ReadLine(last, keys);
    LATCHKEY_CHECK(read.has_value());  // CatchUp has read it
    before = *read;
  }
  LATCHKEY_ASSIGN(const std::optional<Floor> floor,
                  SettledFloor(ledger, before.last_id, settled, now));
  if (!floor) return int64_t{0};
  LATCHKEY_ASSIGN(const RollingDigest rolling, ledger.Query([&](Transaction& tx) {
    return DigestStretch(tx, before.last_id, floor->last_id, {});
  }));
  if (rolling.count() > 0) {
    std::string line = SignLine({.number = before.number + 1,
                                 .at = now,
                                 .first_id = rolling.first_id(),
                                 .last_id = rolling.last_id(),
                                 .count = rolling.count(),
                                 .digest = rolling.digest(),
                                 .previous = DigestOfLine(last)},
                                keys);
    if (last.empty()) LATCHKEY_TRY(BeginFile(checkpoint_file));
    Done recorded = ledger.Commit([&](Transaction& tx) -> Done {
      LATCHKEY_TRY(tx.Run("INSERT INTO checkpoints (number, line) VALUES ($1, $2)",
                          before.number + 1, line));
      return {};
    });
    if (!recorded.ok()) {
      // Another node signed this number: its line comes into our file with the next call.
      if (recorded.reason() == Reason::kConflict) return int64_t{0};
      return recorded.failure();
    }
    LATCHKEY_TRY(AppendLine(checkpoint_file, line));
  }
  // The next stretch ends here, and settles until the next call.
  LATCHKEY_TRY(RaiseFloor(ledger, *floor, now));
  return rolling.count();
}

}  // namespace latchkey::ledger
