// SPDX-License-Identifier: Apache-2.0
#include "services/ledger/beside.h"

#include <optional>
#include <string>

#include "services/ledger/key_use.h"
#include "services/ledger/sql/chained_row.h"
#include "services/ledger/sql/checkpoint_line.h"

namespace latchkey::ledger {
namespace {

// One entry that does not match was altered, which is for `VerifyJournal` to say; not all of them.
constexpr int kFirstEntries = 8;

Done HasLine(Ledger& ledger, const Checkpoint& newest, const std::string& line,
             const std::filesystem::path& file) {
  LATCHKEY_ASSIGN(const Rows known, ledger.Query([&](Transaction& tx) {
    return tx.Run("SELECT line FROM checkpoints WHERE number = $1", newest.number);
  }));
  if (!known.empty() && known.rows.front().Text(0) == line) return {};
  return Fail(Reason::kNotAllowed, "the ledger does not have checkpoint " +
                                       std::to_string(newest.number) + ", the last of " +
                                       file.string() + ": " + std::string(kOlderOrAltered));
}

// Under an older ring right passwords are wrong, and a rotation would make another key of a version
// that there is already.
Done CheckRingNotOlder(Ledger& ledger, const crypto::KeyRing& keys) {
  LATCHKEY_ASSIGN(const auto too_new,
                  ledger.Query([&](Transaction& tx) { return FindTooNew(tx, keys); }));
  if (!too_new) return {};
  return Fail(Reason::kNotAllowed,
              "the key ring is older than this ledger: it lacks version " +
                  std::to_string(too_new->version) + " of the key `" +
                  std::string(crypto::KeyUseName(too_new->use)) +
                  "`, which is in use; put back the copy that was made after that rotation, or "
                  "another node's ring");
}

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
    if (WrongWith(row, {}, keys).empty()) return CheckRingNotOlder(ledger, keys);
  }
  return Fail(Reason::kNotAllowed,
              "the key ring does not belong to this ledger: it made none of the first entries of "
              "the journal; put back the ring that was kept with this ledger");
}

Done CheckNotOlder(Ledger& ledger, const crypto::KeyRing& keys,
                   const std::filesystem::path& checkpoint_file) {
  // The file first: its lines enter the ledger before they enter the file.
  const Result<std::string> last = LastLine(checkpoint_file);
  if (!last.ok()) return {};
  const std::optional<Checkpoint> newest = ReadLine(*last, keys);
  return newest ? HasLine(ledger, *newest, *last, checkpoint_file) : Done();
}

Done CheckNewestCheckpoint(Ledger& ledger, const crypto::KeyRing& keys,
                           const std::filesystem::path& checkpoint_file) {
  LATCHKEY_ASSIGN(const std::string last, LastLine(checkpoint_file));
  const std::optional<Checkpoint> newest = ReadLine(last, keys);
  if (newest) return HasLine(ledger, *newest, last, checkpoint_file);
  if (!last.empty()) return NotSigned(checkpoint_file);
  return ledger.Read([&](Transaction& tx) { return CheckNotLost(tx, checkpoint_file, last); });
}

}  // namespace latchkey::ledger
