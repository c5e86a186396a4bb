// SPDX-License-Identifier: Apache-2.0
#include "services/ledger/journal.h"

#include <algorithm>

#include "crypto/chain.h"
#include "crypto/seal.h"
#include "services/ledger/sql/append.h"
#include "services/ledger/sql/sealed_fields.h"

namespace latchkey::ledger {
namespace {

// Where an entry's details belong: this entry of this chain.
std::string DetailsPlace(AccountId account, int64_t seq) {
  return Place("journal.details_sealed", account.value) + crypto::Part(seq);
}

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
             " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
             context.ids.Next<JournalId>(), entry.account_id, link.seq, now, entry.event,
             entry.channel, entry.staff_id, entry.case_id, entry.recovery_id, details, digest,
             context.keys.CurrentVersion(crypto::KeyUse::kJournal)));
  LATCHKEY_TRY(
      tx.Run("UPDATE chains SET head = $2 WHERE account_id = $1", entry.account_id, digest));
  return {};
}

}  // namespace

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
                                                   AccountId id, int limit) {
  std::optional<Secret> key;
  if (id) {
    LATCHKEY_ASSIGN(key, FindAccountKey(tx, keys, id));
  }
  LATCHKEY_ASSIGN(Rows rows, tx.Run("SELECT seq, at, kind, channel, staff_id, case_id, recovery_id,"
                                    " details_sealed FROM journal WHERE account_id = $1"
                                    " ORDER BY seq DESC LIMIT $2",
                                    id, std::max(limit, 0)));
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

Result<std::optional<TimePoint>> LastEntryAt(Ledger& ledger) {
  // By the id, which checkpoints follow, and not by the time beside it: an id that was made in the
  // last moment of a burst may be ahead of it.
  LATCHKEY_ASSIGN(Rows rows, ledger.Query([](Transaction& tx) {
    return tx.Run("SELECT MAX(id) FROM journal");
  }));
  if (rows.empty() || rows.front().IsNull(0)) return std::optional<TimePoint>();
  return std::optional(FromUnixMillis(rows.front().Int(0) >> kIdTimeShift));
}

}  // namespace latchkey::ledger
