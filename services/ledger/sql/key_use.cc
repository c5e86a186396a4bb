// SPDX-License-Identifier: Apache-2.0
#include "services/ledger/key_use.h"

#include <string>

namespace latchkey::ledger {
namespace {

// crypto/password.h: the pepper's version stands in front of every verifier of ours.
Result<int64_t> CountVerifiers(Transaction& tx, int version) {
  const std::string front = "$latchkey$p=" + std::to_string(version) + "$";
  LATCHKEY_ASSIGN(Rows rows,
                  tx.Run("SELECT (SELECT COUNT(*) FROM authenticators"
                         " WHERE substr(verifier, 1, CAST($2 AS INTEGER)) = $1)"
                         " + (SELECT COUNT(*) FROM staff"
                         " WHERE substr(verifier, 1, CAST($2 AS INTEGER)) = $1)",
                         front, front.size()));
  return rows.front().Int(0);
}

// crypto/seal.h: SealWithRing puts the version in front, four bytes, big-endian.
Result<int64_t> CountSealed(Transaction& tx, int version) {
  std::string front;
  for (int shift = 24; shift >= 0; shift -= 8)
    front += static_cast<char>((version >> shift) & 0xff);
  LATCHKEY_ASSIGN(
      Rows rows, tx.Run("SELECT (SELECT COUNT(*) FROM accounts WHERE substr(key_sealed, 1, 4) = $1)"
                        " + (SELECT COUNT(*) FROM staff WHERE substr(totp_sealed, 1, 4) = $1)"
                        " + (SELECT COUNT(*) FROM journal WHERE account_id = 0"
                        " AND substr(details_sealed, 1, 4) = $1)",
                        Bytes(front)));
  return rows.front().Int(0);
}

}  // namespace

Result<int64_t> CountUnderKey(Transaction& tx, crypto::KeyUse use, int version) {
  switch (use) {
    case crypto::KeyUse::kPepper:
      return CountVerifiers(tx, version);
    case crypto::KeyUse::kField:
      return CountSealed(tx, version);
    case crypto::KeyUse::kToken:
    case crypto::KeyUse::kIdentifier:
    case crypto::KeyUse::kJournal:
    case crypto::KeyUse::kCheckpoint:
      return 0;
  }
  return 0;
}

}  // namespace latchkey::ledger
