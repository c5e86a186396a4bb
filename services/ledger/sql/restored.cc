// SPDX-License-Identifier: Apache-2.0
#include "services/ledger/restored.h"

#include <limits>
#include <system_error>

#include "crypto/token.h"
#include "services/ledger/journal.h"
#include "services/ledger/sql/checkpoint_line.h"
#include "services/ledger/tokens.h"
#include "services/model/account.h"
#include "services/model/recovery.h"

namespace latchkey::ledger {
namespace {

Done EndOpen(Transaction& tx, const StoreContext& context, AccountId id) {
  // Tokens, sessions and proofs are of an epoch, and that is over; tokens say so themselves too.
  LATCHKEY_TRY(tx.Run("UPDATE accounts SET security_epoch = security_epoch + 1 WHERE id = $1", id));
  LATCHKEY_TRY(KillTokens(tx, id, context.clock.Now()));
  return Append(tx, context, {.account_id = id, .event = model::Event::kRestored});
}

Done EndPassword(Transaction& tx, const StoreContext& context, AccountId id) {
  LATCHKEY_TRY(
      tx.Run("UPDATE authenticators SET disabled_at = $3"
             " WHERE account_id = $1 AND kind = $2 AND disabled_at IS NULL",
             id, model::AuthenticatorKind::kPassword, context.clock.Now()));
  return Append(tx, context, {.account_id = id, .event = model::Event::kPasswordDisabled});
}

Failure Differ(const std::filesystem::path& file, int64_t number) {
  return Fail(Reason::kNotAllowed,
              "checkpoint " + std::to_string(number) + " is not the same in " + file.string() +
                  " as in the ledger. If latchkey restored has run on another node, copy that "
                  "node's file here; else one of the two is of another bank, or was altered: keep "
                  "both as they are, and call whoever answers for security at the bank");
}

// What the ledger has of the file's checkpoints.
struct Known {
  int64_t number = 0;  // of its last one
  std::string line;
  int64_t last_entry = 0;  // of the journal, up to where the file ends
};
// What was written since the copy was put back, by a run of this that was cut short too, has ids
// beyond the file's end.
Result<Known> ReadKnown(Transaction& tx, const Checkpoint& newest) {
  LATCHKEY_ASSIGN(const Rows lines,
                  tx.Run("SELECT number, line FROM checkpoints ORDER BY number DESC LIMIT 1"));
  LATCHKEY_ASSIGN(const Rows entries,
                  tx.Run("SELECT MAX(id) FROM journal WHERE id <= $1", newest.last_id));
  Known known{.number = 0, .line = {}, .last_entry = std::numeric_limits<int64_t>::min()};
  if (!entries.rows.front().IsNull(0)) known.last_entry = entries.rows.front().Int(0);
  if (!lines.empty()) {
    known.number = lines.rows.front().Int(0);
    known.line = lines.rows.front().Text(1);
  }
  return known;
}

// An empty ledger, or another bank's, has none of what was signed first; every copy has.
Done CheckShared(Transaction& tx, const Checkpoint& first, const std::filesystem::path& file) {
  LATCHKEY_ASSIGN(const Rows held, tx.Run("SELECT 1 FROM journal WHERE id = $1", first.first_id));
  if (!held.empty()) return {};
  return Fail(Reason::kNotAllowed,
              "the ledger has nothing of what " + file.string() +
                  " signs, so it is no copy of that ledger: put one back. Only where there is "
                  "none, and the bank is to begin with what this ledger has: move that file away, "
                  "and keep it");
}

// A stretch whose entries the ledger should have: a copy has the journal up to one moment, and
// whoever removes signed checkpoints to hide what they did to it has more, or others.
Done CheckStretch(Transaction& tx, const Checkpoint& before, const Checkpoint& now,
                  const Known& known, const std::filesystem::path& file) {
  if (now.last_id > known.last_entry) return {};
  LATCHKEY_ASSIGN(const RollingDigest held, DigestStretch(tx, before.last_id, now.last_id, {}));
  if (held.Matches(now)) return {};
  return Fail(Reason::kNotAllowed,
              NameOf(now) + " in " + file.string() +
                  " does not match the ledger's entries: the ledger is no older copy, it was "
                  "altered. Keep both as they are, and call whoever answers for security at the "
                  "bank");
}

Result<LostStretches> ReadLost(Transaction& tx, const crypto::KeyRing& keys, const Known& known,
                               const std::filesystem::path& file, uintmax_t size) {
  LostStretches lost;
  LineReader reader(file, size);
  Checkpoint before;
  before.last_id = std::numeric_limits<int64_t>::min();
  std::string line, last;
  for (int64_t number = 1; reader.Next(line); ++number) {
    const auto now = ReadLine(line, keys);
    if (!now || now->number != number || now->previous != DigestOfLine(last))
      return Fail(Reason::kNotAllowed, "line " + std::to_string(number) + " of " + file.string() +
                                           " does not follow the one before; put back the file "
                                           "that was kept with this ledger");
    if (number == 1) LATCHKEY_TRY(CheckShared(tx, *now, file));
    if (number == known.number && line != known.line) return Differ(file, number);
    if (number <= known.number) lost.known_bytes += line.size() + 1;
    if (number > known.number) {
      LATCHKEY_TRY(CheckStretch(tx, before, *now, known, file));
      ++lost.count;
    }
    before = *now;
    last = line;
  }
  lost.newest = before.number;
  lost.fingerprint = crypto::ToBase64Url(DigestOfLine(last).view());
  return lost;
}

}  // namespace

Result<std::optional<LostStretches>> FindLostStretches(Ledger& ledger, const crypto::KeyRing& keys,
                                                       const std::filesystem::path& file) {
  LATCHKEY_ASSIGN(const std::string last, LastLine(file));
  if (last.empty()) return std::optional<LostStretches>();
  const std::optional<Checkpoint> newest = ReadLine(last, keys);
  if (!newest) return NotSigned(file);
  std::error_code error;
  const uintmax_t size = std::filesystem::file_size(file, error);
  if (error) return Fail(Reason::kUnavailable, file.string() + " could not be read");
  return ledger.Query([&](Transaction& tx) -> Result<std::optional<LostStretches>> {
    LATCHKEY_ASSIGN(const Known known, ReadKnown(tx, *newest));
    if (newest->number > known.number) {
      LATCHKEY_ASSIGN(LostStretches lost, ReadLost(tx, keys, known, file, size));
      return std::optional(std::move(lost));
    }
    LATCHKEY_ASSIGN(const Rows same,
                    tx.Run("SELECT line FROM checkpoints WHERE number = $1", newest->number));
    if (same.empty() || same.rows.front().Text(0) != last) return Differ(file, newest->number);
    return std::optional<LostStretches>();
  });
}

Result<std::filesystem::path> SetAside(const LostStretches& lost,
                                       const std::filesystem::path& file) {
  // Named after what is in it: another restore to the same point overwrites no proof of this one.
  const std::filesystem::path kept =
      file.string() + ".lost-" + std::to_string(lost.newest) + "-" + lost.fingerprint.substr(0, 8);
  LATCHKEY_TRY(CutAside(file, lost.known_bytes, kept));
  return kept;
}

// Each subquery is a look into an index; EXISTS would let PostgreSQL hash whole tables for every
// 500 accounts instead.
Result<Ended> EndWhatLived(Transaction& tx, const StoreContext& context, const Ending& ending) {
  LATCHKEY_ASSIGN(
      const Rows accounts,
      tx.Run("SELECT a.id, COALESCE("
             "(SELECT 1 FROM tokens t WHERE t.account_id = a.id"
             " AND t.security_epoch = a.security_epoch AND t.used_at IS NULL"
             " AND t.expires_at > $2 AND t.purpose <> $3 LIMIT 1), "
             "(SELECT 1 FROM sessions s WHERE s.account_id = a.id"
             " AND s.security_epoch = a.security_epoch AND s.idle_expires_at > $2 LIMIT 1), "
             "(SELECT 1 FROM evidence e WHERE e.account_id = a.id"
             " AND e.security_epoch = a.security_epoch AND e.fresh_until > $2 LIMIT 1), 0), "
             "COALESCE((SELECT 1 FROM authenticators p WHERE p.account_id = a.id"
             " AND p.kind = $4 AND p.disabled_at IS NULL), 0) "
             "FROM (SELECT id, security_epoch FROM accounts WHERE id > $1 ORDER BY id LIMIT $5)"
             " AS a ORDER BY a.id",
             ending.after, ending.lived_at, model::TokenPurpose::kFreezeLink,
             model::AuthenticatorKind::kPassword, ending.limit));
  Ended ended;
  for (const Row& row : accounts.rows) {
    ended.last = row.As<AccountId>(0);
    ++ended.looked_at;
    const bool is_open = row.Int(1) != 0;
    const bool takes_password = ending.passwords_too && row.Int(2) != 0;
    if (is_open) LATCHKEY_TRY(EndOpen(tx, context, ended.last));
    if (takes_password) LATCHKEY_TRY(EndPassword(tx, context, ended.last));
    if (is_open || takes_password) ++ended.accounts;
  }
  return ended;
}

}  // namespace latchkey::ledger
