// SPDX-License-Identifier: Apache-2.0
#include "services/ledger/restored.h"

#include <fcntl.h>
#include <unistd.h>

#include <string>
#include <system_error>

#include "services/ledger/journal.h"
#include "services/ledger/sql/checkpoint_line.h"
#include "services/ledger/tokens.h"
#include "services/model/account.h"
#include "services/model/recovery.h"

namespace latchkey::ledger {
namespace {

Done End(Transaction& tx, const StoreContext& context, AccountId id, bool password_too) {
  // Tokens, sessions and proofs are of an epoch, and that is over; tokens say so themselves too.
  LATCHKEY_TRY(tx.Run("UPDATE accounts SET security_epoch = security_epoch + 1 WHERE id = $1", id));
  LATCHKEY_TRY(KillTokens(tx, id, context.clock.Now()));
  LATCHKEY_TRY(Append(tx, context, {.account_id = id, .event = model::Event::kRestored}));
  if (!password_too) return {};
  LATCHKEY_ASSIGN(const Rows disabled,
                  tx.Run("UPDATE authenticators SET disabled_at = $3"
                         " WHERE account_id = $1 AND kind = $2 AND disabled_at IS NULL",
                         id, model::AuthenticatorKind::kPassword, context.clock.Now()));
  if (disabled.changed == 0) return {};
  return Append(tx, context, {.account_id = id, .event = model::Event::kPasswordDisabled});
}

// The line of this number and where the file goes on behind it.
struct KnownPart {
  std::string line;
  uintmax_t bytes = 0;
};
KnownPart ReadUpTo(const std::filesystem::path& file, uintmax_t size, int64_t number) {
  LineReader reader(file, size);
  KnownPart part;
  for (int64_t i = 0; i < number && reader.Next(part.line); ++i) part.bytes += part.line.size() + 1;
  return part;
}

Failure FileFailure(const std::filesystem::path& file) {
  return Fail(Reason::kUnavailable, file.string() + " could not be written");
}

Done CopyDurably(const std::filesystem::path& from, const std::filesystem::path& to) {
  std::error_code error;
  std::filesystem::copy_file(from, to, std::filesystem::copy_options::overwrite_existing, error);
  if (error) return FileFailure(to);
  for (const std::filesystem::path& path : {to, to.parent_path()}) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    const bool kept = fd >= 0 && ::fsync(fd) == 0;
    if (fd >= 0) ::close(fd);
    if (!kept) return FileFailure(to);
  }
  return {};
}

Done CutDurably(const std::filesystem::path& file, uintmax_t bytes) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_CLOEXEC);
  const bool cut = fd >= 0 && ::ftruncate(fd, static_cast<off_t>(bytes)) == 0 && ::fsync(fd) == 0;
  if (fd >= 0) ::close(fd);
  return cut ? Done() : Done(FileFailure(file));
}

}  // namespace

Result<Ended> EndWhatLives(Transaction& tx, const StoreContext& context, const Ending& ending) {
  // Freeze links stay: what stops things outlives a reset, and this too.
  LATCHKEY_ASSIGN(
      const Rows accounts,
      tx.Run("SELECT a.id FROM accounts a WHERE a.id > $1 AND ("
             "EXISTS (SELECT 1 FROM tokens t WHERE t.account_id = a.id"
             " AND t.security_epoch = a.security_epoch AND t.used_at IS NULL"
             " AND t.expires_at > $2 AND t.purpose <> $3)"
             " OR EXISTS (SELECT 1 FROM sessions s WHERE s.account_id = a.id"
             " AND s.security_epoch = a.security_epoch AND s.idle_expires_at > $2)"
             " OR EXISTS (SELECT 1 FROM evidence e WHERE e.account_id = a.id"
             " AND e.security_epoch = a.security_epoch AND e.fresh_until > $2)"
             " OR ($5 <> 0 AND EXISTS (SELECT 1 FROM authenticators p WHERE p.account_id = a.id"
             " AND p.kind = $4 AND p.disabled_at IS NULL))"
             ") ORDER BY a.id LIMIT $6",
             ending.after, context.clock.Now(), model::TokenPurpose::kFreezeLink,
             model::AuthenticatorKind::kPassword, ending.passwords_too, ending.limit));
  Ended ended;
  for (const Row& row : accounts.rows) {
    ended.last = row.As<AccountId>(0);
    LATCHKEY_TRY(End(tx, context, ended.last, ending.passwords_too));
    ++ended.accounts;
  }
  return ended;
}

Result<std::optional<LostStretches>> SetAsideLostStretches(Ledger& ledger,
                                                           const crypto::KeyRing& keys,
                                                           const std::filesystem::path& file) {
  LATCHKEY_ASSIGN(const std::string last, LastLine(file));
  const std::optional<Checkpoint> newest = ReadLine(last, keys);
  LATCHKEY_ASSIGN(const Rows rows, ledger.Query([](Transaction& tx) {
    return tx.Run("SELECT number, line FROM checkpoints ORDER BY number DESC LIMIT 1");
  }));
  const int64_t known = rows.empty() ? 0 : rows.rows.front().Int(0);
  if (!newest || newest->number <= known) return std::optional<LostStretches>();

  std::error_code error;
  const uintmax_t size = std::filesystem::file_size(file, error);
  if (error) return Fail(Reason::kUnavailable, file.string() + " could not be read");
  // Each line holds the digest of the one before: where this one agrees, all before it do.
  const KnownPart part = ReadUpTo(file, size, known);
  if (known > 0 && part.line != rows.rows.front().Text(1))
    return Fail(Reason::kNotAllowed, "checkpoint " + std::to_string(known) +
                                         " is not the same in " + file.string() +
                                         " as in the ledger: one of them is of "
                                         "another bank, or was altered");
  const auto first = ReadLine(ReadUpTo(file, size, known + 1).line, keys);
  if (!first)
    return Fail(Reason::kNotAllowed, "line " + std::to_string(known + 1) + " of " + file.string() +
                                         " was not signed by this bank's key ring");
  LostStretches lost{.count = newest->number - known,
                     .first = NameOf(*first),
                     .kept = file.string() + ".lost-" + std::to_string(newest->number)};
  LATCHKEY_TRY(CopyDurably(file, lost.kept));
  LATCHKEY_TRY(CutDurably(file, part.bytes));
  return std::optional(std::move(lost));
}

}  // namespace latchkey::ledger
