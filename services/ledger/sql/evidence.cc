// SPDX-License-Identifier: Apache-2.0
// What was proven, for a recovery or in a case. A row carries a MAC over all of it: whoever can
// write the database proves nothing by that (attack D07).
#include "crypto/digest.h"
#include "services/base/log.h"
#include "services/ledger/recoveries.h"
#include "services/ledger/sql/row_mac.h"

namespace latchkey::ledger {
namespace {

using model::Evidence;

// Columns: id, account_id, security_epoch, recovery_id, case_id, kind, contact_id, contact_settled,
// channel, staff_id, at, fresh_until.
Evidence EvidenceOf(const Row& row) {
  return {.id = row.As<EvidenceId>(0),
          .account_id = row.As<AccountId>(1),
          .security_epoch = row.Int(2),
          .recovery_id = row.As<RecoveryId>(3),
          .case_id = row.As<CaseId>(4),
          .kind = row.Enumerated<model::EvidenceKind>(5),
          .contact_id = row.As<ContactId>(6),
          .contact_settled = row.Int(7) != 0,
          .channel = row.Enumerated<model::Channel>(8),
          .staff_id = row.As<StaffId>(9),
          .at = row.Time(10),
          .fresh_until = row.Time(11)};
}

Bytes EvidenceMac(const Secret& key, const Evidence& evidence) {
  using crypto::Part;
  return crypto::KeyedDigest(
      key, {"latchkey evidence row v1"},
      {Part(evidence.id.value), Part(evidence.account_id.value), Part(evidence.security_epoch),
       Part(evidence.recovery_id.value), Part(evidence.case_id.value),
       Part(static_cast<int64_t>(evidence.kind)), Part(evidence.contact_id.value),
       Part(evidence.contact_settled ? 1 : 0), Part(static_cast<int64_t>(evidence.channel)),
       Part(evidence.staff_id.value), Part(ToUnixMillis(evidence.at)),
       Part(ToUnixMillis(evidence.fresh_until))});
}

}  // namespace

Done InsertEvidence(Transaction& tx, const StoreContext& context, const Evidence& evidence) {
  Evidence row = evidence;
  row.id = context.ids.Next<EvidenceId>();
  LATCHKEY_TRY(tx.Run(
      "INSERT INTO evidence (id, account_id, security_epoch, recovery_id, case_id, kind, "
      "contact_id, "
      "contact_settled, channel, staff_id, at, fresh_until, mac) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
      row.id, row.account_id, row.security_epoch, OrNull(row.recovery_id), OrNull(row.case_id),
      row.kind, OrNull(row.contact_id), row.contact_settled, row.channel, OrNull(row.staff_id),
      row.at, row.fresh_until, EvidenceMac(context.keys.Current(crypto::KeyUse::kToken), row)));
  return {};
}

Result<std::vector<Evidence>> LoadEvidence(Transaction& tx, const crypto::KeyRing& keys,
                                           const EvidenceScope& scope, TimePoint now) {
  // A scope that is absent is 0, which no row holds.
  LATCHKEY_ASSIGN(
      auto rows,
      tx.Run("SELECT id, account_id, security_epoch, recovery_id, case_id, kind, contact_id, "
             "contact_settled, channel, staff_id, at, fresh_until, mac FROM evidence "
             "WHERE account_id = $1 AND security_epoch = $2 AND fresh_until > $5 AND "
             "(recovery_id = $3 OR case_id = $4) ORDER BY id",
             scope.account_id, scope.security_epoch, scope.recovery_id, scope.case_id, now));
  std::vector<Evidence> found;
  for (const Row& row : rows.rows) {
    const Evidence evidence = EvidenceOf(row);
    if (IsGenuine(keys, row.Blob(12),
                  [&](const Secret& key) { return EvidenceMac(key, evidence); })) {
      found.push_back(evidence);
    } else {
      log::Error("evidence.altered", {{"evidence", evidence.id}});
    }
  }
  return found;
}

Result<int64_t> SweepEvidence(Transaction& tx, TimePoint stale_before, int limit) {
  LATCHKEY_ASSIGN(auto rows, tx.Run("DELETE FROM evidence WHERE id IN (SELECT id FROM evidence "
                                    "WHERE fresh_until < $1 LIMIT $2)",
                                    stale_before, limit));
  return rows.changed;
}

}  // namespace latchkey::ledger
