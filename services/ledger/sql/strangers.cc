// SPDX-License-Identifier: Apache-2.0
#include "services/ledger/strangers.h"

#include "crypto/chain.h"
#include "crypto/seal.h"
#include "services/ledger/sql/sealed_fields.h"

namespace latchkey::ledger {
namespace {

// Many, so that strangers on several nodes seldom wait for each other's row, as customers do not.
constexpr int64_t kStrangerRows = 64;
// What the sealed details of a sign-in and the entry's digest take in the journal.
constexpr size_t kJournalEntryBytes = 96;
constexpr char kNowhere[] = "strangers";

int64_t AnyShard(Random& random) {
  uint32_t dice = 0;
  random.Fill(&dice, sizeof dice);
  return dice % static_cast<uint32_t>(kStrangerRows);
}

}  // namespace

// The four statements of Append, each with the work and the pages of its own: the account's key is
// opened, the chain's row is taken, the details are sealed and the entry digested and written in
// table and index, and the chain's row is written again.
Done ImitateAppend(Transaction& tx, const StoreContext& context, AccountId stand_in) {
  // The same for each entry of a transaction, as a customer has one chain: two that took two chains
  // in another order would wait for each other.
  const int64_t chain = stand_in.value % kStrangerRows;
  const Bytes noise(context.random.Take(kJournalEntryBytes));
  // Whatever is wrong with somebody's account is nothing to a stranger.
  const auto key = FindAccountKey(tx, context.keys, stand_in);
  LATCHKEY_TRY(
      tx.Run("INSERT INTO strangers (shard, noise) VALUES ($1, $2) ON CONFLICT (shard)"
             " DO UPDATE SET shard = excluded.shard"
             " RETURNING shard, (SELECT head FROM chains WHERE account_id = $3)",
             chain, noise, stand_in));
  const Bytes details =
      key.ok() && *key ? crypto::Seal(**key, kNowhere, "", context.random) : Bytes();
  const Bytes digest =
      crypto::ChainDigest(context.keys.Current(crypto::KeyUse::kJournal),
                          {.sealed_details = details.view(), .previous = noise.view()});
  LATCHKEY_TRY(
      tx.Run("INSERT INTO strangers (shard, noise) VALUES ($1, $3), ($2, $3) ON CONFLICT (shard)"
             " DO UPDATE SET noise = excluded.noise",
             chain + kStrangerRows, chain + 2 * kStrangerRows, noise));
  LATCHKEY_TRY(tx.Run("UPDATE strangers SET noise = $2 WHERE shard = $1", chain, noise));
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
