// SPDX-License-Identifier: Apache-2.0
#include "services/ledger/journal.h"

#include <algorithm>

#include "crypto/chain.h"
#include "crypto/seal.h"
#include "services/ledger/sql/append.h"
#include "services/ledger/sql/sealed_fields.h"

namespace latchkey::ledger {
namespace {

struct ChainLink {
  int64_t seq = 0;
  Bytes previous;  // the digest before; empty for the first
};

// Takes the chain's row, and with it the right to write the next entry until the transaction ends.
// One statement for the first entry and for later ones: two first entries at once queue here
// instead of failing.
Result<ChainLink> TakeLink(Transaction& tx, AccountId account) {
  LATCHKEY_ASSIGN(Rows rows, tx.Run("INSERT INTO chains (account_id, seq, head) VALUES ($1, 1, $2)"
                                    " ON CONFLICT (account_id) DO UPDATE SET seq = chains.seq + 1"
                                    " RETURNING seq, head",
                                    account, Bytes()));
  return ChainLink{.seq = rows.front().Int(0), .previous = rows.front().Blob(1)};
}

// How far above the floor an entry stands whose own id is not above it, because the clock of its
// node is behind. Random, so that nodes do not meet there, and wide: of a hundred such entries a
// second for five minutes two are alike once in two hundred times, and the second is then refused.
int64_t StepAbove(Random& random) {
  constexpr int kBits = 36;  // half a minute of ids
  uint64_t noise = 0;
  random.Fill(&noise, sizeof noise);
  return 1 + static_cast<int64_t>(noise & ((uint64_t{1} << kBits) - 1));
}

Done WriteEntry(Transaction& tx, const StoreContext& context, const model::Entry& entry,
                const ChainLink& link, const Bytes& details) {
  TimePoint now = context.clock.Now();
  crypto::ChainedEntry chained{.account_id = entry.account_id.value,
                               .seq = link.seq,
                               .at_unix_ms = ToUnixMillis(now),
                               .kind = static_cast<int64_t>(entry.event),
                               .channel = static_cast<int64_t>(entry.channel),
                               .staff_id = entry.staff_id.value,
                               .case_id = entry.case_id.value,
                               .recovery_id = entry.recovery_id.value,
                               .sealed_details = details.view(),
                               .previous = link.previous.view()};
  Bytes digest = crypto::ChainDigest(context.keys.Current(crypto::KeyUse::kJournal), chained);
  LATCHKEY_TRY(
      tx.Run("INSERT INTO journal (id, account_id, seq, at, kind, channel, staff_id, case_id,"
             " recovery_id, details_sealed, digest, key_version)"
             " VALUES ((SELECT CASE WHEN COALESCE(MAX(last_id), 0) < $1 THEN $1"
             " ELSE MAX(last_id) + $13 END FROM journal_floor),"
             " $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
             context.ids.Next<JournalId>(), entry.account_id, link.seq, now, entry.event,
             entry.channel, entry.staff_id, entry.case_id, entry.recovery_id, details, digest,
             context.keys.CurrentVersion(crypto::KeyUse::kJournal), StepAbove(context.random)));
  LATCHKEY_TRY(
      tx.Run("UPDATE chains SET head = $2 WHERE account_id = $1", entry.account_id, digest));
  return {};
}

// Columns: seq, at, kind, channel, staff_id, case_id, recovery_id, details_sealed.
Result<std::vector<model::JournalLine>> OpenLines(Transaction& tx, const crypto::KeyRing& keys,
                                                  AccountId id, const Rows& rows) {
  std::optional<Secret> key;
  if (id && !rows.empty()) {
    LATCHKEY_ASSIGN(key, FindAccountKey(tx, keys, id));
  }
  std::vector<model::JournalLine> lines;
  for (const Row& row : rows.rows) {
    model::JournalLine line{.entry = {.account_id = id,
                                      .event = row.Enumerated<model::Event>(2),
                                      .channel = row.Enumerated<model::Channel>(3),
                                      .staff_id = row.As<StaffId>(4),
                                      .case_id = row.As<CaseId>(5),
                                      .recovery_id = row.As<RecoveryId>(6)},
                            .seq = row.Int(0),
                            .at = row.Time(1)};
    Bytes sealed = row.Blob(7);
    std::string place = DetailsPlace(id, line.seq);
    if (!id) {
      LATCHKEY_ASSIGN(Secret details, crypto::OpenWithRing(keys, place, sealed));
      line.entry.details = details.Reveal();
    } else if (key && !sealed.empty()) {
      LATCHKEY_ASSIGN(Secret details, crypto::Open(*key, place, sealed));
      line.entry.details = details.Reveal();
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace

std::string DetailsPlace(AccountId account, int64_t seq) {
  return Place("journal.details_sealed", account.value) + crypto::Part(seq);
}

Done AppendWithKey(Transaction& tx, const StoreContext& context, const model::Entry& entry,
                   const Secret& account_key) {
  LATCHKEY_ASSIGN(ChainLink link, TakeLink(tx, entry.account_id));
  Bytes details = crypto::Seal(account_key, DetailsPlace(entry.account_id, link.seq), entry.details,
                               context.random);
  return WriteEntry(tx, context, entry, link, details);
}

Done Append(Transaction& tx, const StoreContext& context, const model::Entry& entry) {
  if (!entry.account_id) {  // the service's own chain
    LATCHKEY_ASSIGN(ChainLink link, TakeLink(tx, entry.account_id));
    Bytes details = crypto::SealWithRing(context.keys, DetailsPlace(entry.account_id, link.seq),
                                         entry.details, context.random);
    return WriteEntry(tx, context, entry, link, details);
  }
  LATCHKEY_ASSIGN(std::optional<Secret> key, FindAccountKey(tx, context.keys, entry.account_id));
  if (key) return AppendWithKey(tx, context, entry, *key);
  // Erased: the decision is still on record (Law 13), but no words about a person who is forgotten
  // (Law 14).
  LATCHKEY_ASSIGN(ChainLink link, TakeLink(tx, entry.account_id));
  return WriteEntry(tx, context, entry, link, Bytes());
}

Result<std::vector<model::JournalLine>> LoadRecent(Transaction& tx, const crypto::KeyRing& keys,
                                                   AccountId id, int limit,
                                                   std::optional<model::Event> only) {
  LATCHKEY_ASSIGN(Rows rows, tx.Run("SELECT seq, at, kind, channel, staff_id, case_id, recovery_id,"
                                    " details_sealed FROM journal WHERE account_id = $1"
                                    " AND ($3 = 0 OR kind = $3) ORDER BY seq DESC LIMIT $2",
                                    id, std::max(limit, 0), only.value_or(model::Event{0})));
  return OpenLines(tx, keys, id, rows);
}

Result<std::optional<model::JournalLine>> FindRecent(Transaction& tx, const crypto::KeyRing& keys,
                                                     const EntrySought& sought) {
  LATCHKEY_ASSIGN(Rows rows, tx.Run("SELECT seq, at, kind, channel, staff_id, case_id, recovery_id,"
                                    " details_sealed FROM journal WHERE account_id = $1"
                                    " AND seq > (SELECT seq FROM chains WHERE account_id = $1) - $2"
                                    " AND kind = $3 AND staff_id = $4 AND case_id = $5 AND at > $6"
                                    " ORDER BY seq DESC LIMIT 1",
                                    sought.account_id, sought.among, sought.event, sought.staff_id,
                                    sought.case_id, sought.since));
  LATCHKEY_ASSIGN(auto lines, OpenLines(tx, keys, sought.account_id, rows));
  if (lines.empty()) return std::optional<model::JournalLine>();
  return std::optional(std::move(lines.front()));
}

Result<bool> SaysEnded(Transaction& tx, AccountId account_id, RecoveryId recovery_id) {
  // More than a link's half hour brings, so that a long history costs no more than a short one.
  constexpr int kAmong = 1'000;
  LATCHKEY_ASSIGN(Rows rows,
                  tx.Run("SELECT COUNT(*) FROM journal WHERE account_id = $1 AND seq >="
                         " (SELECT MIN(seq) FROM journal WHERE account_id = $1 AND recovery_id = $2"
                         " AND seq > (SELECT seq FROM chains WHERE account_id = $1) - $3)"
                         " AND (kind IN ($4, $5) OR (kind = $6 AND recovery_id = $2))",
                         account_id, recovery_id, kAmong, model::Event::kPasswordReset,
                         model::Event::kFrozen, model::Event::kUnlocked));
  return rows.front().Int(0) > 0;
}

Result<std::optional<TimePoint>> LastEntryAt(Ledger& ledger) {
  // Of several, because the very newest may be of a node whose clock is behind; of few, because
  // what a clock wrote that was ahead is over when it was corrected and the work has gone on.
  constexpr int kNewest = 100;
  LATCHKEY_ASSIGN(Rows rows, ledger.Query([&](Transaction& tx) {
    return tx.Run(
        "SELECT MAX(at) FROM (SELECT at FROM journal ORDER BY id DESC LIMIT $1) AS newest",
        kNewest);
  }));
  if (rows.empty() || rows.front().IsNull(0)) return std::optional<TimePoint>();
  return std::optional(rows.front().Time(0));
}

}  // namespace latchkey::ledger
