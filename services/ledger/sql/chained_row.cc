// SPDX-License-Identifier: Apache-2.0
#include "services/ledger/sql/chained_row.h"

#include "crypto/chain.h"

namespace latchkey::ledger {

std::string WrongWith(const Row& row, const Bytes& previous, const crypto::KeyRing& keys) {
  const int64_t version = row.Int(11);
  const Secret* key = version < 1 || version > 1'000'000
                          ? nullptr
                          : keys.At(crypto::KeyUse::kJournal, static_cast<int>(version));
  if (key == nullptr) return "its key version is not in the ring";
  const Bytes details = row.Blob(9);
  const crypto::ChainedEntry entry{.account_id = row.Int(1),
                                   .seq = row.Int(2),
                                   .at_unix_ms = row.Int(3),
                                   .kind = row.Int(4),
                                   .channel = row.Int(5),
                                   .staff_id = row.Int(6),
                                   .case_id = row.Int(7),
                                   .recovery_id = row.Int(8),
                                   .sealed_details = details.view(),
                                   .previous = previous.view()};
  return crypto::ChainDigest(*key, entry) == row.Blob(10) ? "" : "the digest does not match";
}

}  // namespace latchkey::ledger
