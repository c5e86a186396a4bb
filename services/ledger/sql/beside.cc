// SPDX-License-Identifier: Apache-2.0
#include "services/ledger/beside.h"

#include <optional>
#include <string>

#include "services/ledger/sql/chained_row.h"
#include "services/ledger/sql/checkpoint_line.h"

namespace latchkey::ledger {
namespace {

// One entry that does not match was altered, which is for `VerifyJournal` to say; not all of them.
constexpr int kFirstEntries = 8;

}  // namespace

Done CheckRing(Ledger& ledger, const crypto::KeyRing& keys) {
  LATCHKEY_ASSIGN(const Rows rows, ledger.Query([](Transaction& tx) {
    return tx.Run(
        "SELECT id, journal.account_id, journal.seq, at, kind, channel, staff_id, case_id,"
        " recovery_id, details_sealed, journal.digest, key_version"
        " FROM chains JOIN journal ON journal.account_id = chains.account_id"
        " WHERE journal.seq = 1 ORDER BY chains.account_id LIMIT $1",
        kFirstEntries);
  }));
  if (rows.empty()) return {};
  for (const Row& row : rows.rows) {
    if (WrongWith(row, {}, keys).empty()) return {};
  }
  return Fail(Reason::kNotAllowed,
              "the key ring does not belong to this ledger: it made none of the first entries of "
              "the journal; put back the ring that was kept with this ledger");
}

Done CheckNotOlder(Ledger& ledger, const crypto::KeyRing& keys,
                   const std::filesystem::path& checkpoint_file) {
  // The file first: its lines enter the ledger before they enter the file.
  LATCHKEY_ASSIGN(const std::string last, LastLine(checkpoint_file));
  const std::optional<Checkpoint> newest = ReadLine(last, keys);
  if (!newest) return {};
  LATCHKEY_ASSIGN(const Rows later, ledger.Query([&](Transaction& tx) {
    return tx.Run("SELECT number FROM checkpoints WHERE number >= $1 LIMIT 1", newest->number);
  }));
  if (!later.empty()) return {};
  return Fail(Reason::kNotAllowed,
              "the ledger is older than checkpoint " + std::to_string(newest->number) +
                  ", the last of " + checkpoint_file.string() +
                  ": where it was put back from a copy, latchkey restored says what is lost and "
                  "ends what could be used once more");
}

Done CheckNewestCheckpoint(Ledger& ledger, const crypto::KeyRing& keys,
                           const std::filesystem::path& checkpoint_file) {
  LATCHKEY_TRY(CheckNotOlder(ledger, keys, checkpoint_file));
  LATCHKEY_ASSIGN(const std::string last, LastLine(checkpoint_file));
  const std::optional<Checkpoint> newest = ReadLine(last, keys);
  const std::string file = checkpoint_file.string();
  if (!last.empty() && !newest) {
    return Fail(Reason::kNotAllowed,
                file +
                    " does not end with a line that this bank's key ring signed; put back the "
                    "file that was kept with this ledger");
  }
  const int64_t number = newest ? newest->number : 0;
  LATCHKEY_ASSIGN(const Rows known, ledger.Query([&](Transaction& tx) {
    return tx.Run("SELECT number, line FROM checkpoints WHERE number >= $1 ORDER BY number LIMIT 2",
                  number);
  }));
  // A crash may have kept the ledger's very first line out of the file.
  if (!newest && known.rows.size() <= 1) return {};
  if (!newest)
    return Fail(Reason::kNotAllowed,
                file + " is lost, and the ledger has checkpoints; put back its last copy");
  if (!known.empty() && known.rows.front().Text(1) == last) return {};
  return Fail(Reason::kNotAllowed,
              "the ledger does not know checkpoint " + std::to_string(number) + ", the last of " +
                  file +
                  ": one of them is of another bank, or was altered; latchkey journal verify says "
                  "what is wrong");
}

}  // namespace latchkey::ledger
