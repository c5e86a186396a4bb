// SPDX-License-Identifier: Apache-2.0
#include "services/ledger/strangers.h"

namespace latchkey::ledger {
namespace {

// Many, so that strangers on several nodes seldom wait for each other's row, as customers do not.
constexpr uint32_t kStrangerRows = 64;
// What the sealed details of a sign-in and the entry's digest take in the journal.
constexpr size_t kJournalEntryBytes = 96;

int64_t AnyShard(Random& random) {
  uint32_t dice = 0;
  random.Fill(&dice, sizeof dice);
  return dice % kStrangerRows;
}

}  // namespace

// The four statements of Append: the account's key, the chain's link, the entry, the chain's head.
Done ImitateAppend(Transaction& tx, const StoreContext& context) {
  const int64_t shard = AnyShard(context.random);
  const Bytes noise(context.random.Take(kJournalEntryBytes));
  LATCHKEY_TRY(tx.Run("SELECT noise FROM strangers WHERE shard = $1", shard));
  LATCHKEY_TRY(
      tx.Run("INSERT INTO strangers (shard, noise) VALUES ($1, $2) ON CONFLICT (shard)"
             " DO UPDATE SET shard = excluded.shard RETURNING shard",
             shard, noise));
  LATCHKEY_TRY(tx.Run("UPDATE strangers SET noise = $2 WHERE shard = $1", shard, noise));
  LATCHKEY_TRY(tx.Run("UPDATE strangers SET noise = $2 WHERE shard = $1", shard, noise));
  return {};
}

Done ImitateTry(Transaction& tx, const StoreContext& context, bool taken) {
  const int64_t shard = AnyShard(context.random);
  if (taken) {
    LATCHKEY_TRY(tx.Run("SELECT noise FROM strangers WHERE shard = $1", shard));
    return {};
  }
  LATCHKEY_TRY(
      tx.Run("INSERT INTO strangers (shard, noise) VALUES ($1, $2) ON CONFLICT (shard)"
             " DO UPDATE SET noise = excluded.noise",
             shard, Bytes(context.random.Take(kJournalEntryBytes))));
  return {};
}

}  // namespace latchkey::ledger
