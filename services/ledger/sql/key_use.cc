// SPDX-License-Identifier: Apache-2.0
#include "services/ledger/key_use.h"

#include <string>

namespace latchkey::ledger {
namespace {

class Count {
 public:
  Done Add(std::string_view what, Result<Rows> counted) {
    LATCHKEY_ASSIGN(const Rows rows, std::move(counted));
    if (const int64_t found = rows.front().Int(0); found > 0) users_.push_back({what, found});
    return {};
  }
  std::vector<KeyUser> Take() { return std::move(users_); }

 private:
  std::vector<KeyUser> users_;
};

// crypto/password.h: the pepper's version stands in front of every verifier of ours.
Done CountVerifiers(Transaction& tx, int version, Count& count) {
  const std::string front = "$latchkey$p=" + std::to_string(version) + "$";
  LATCHKEY_TRY(count.Add("passwords of customers",
                         tx.Run("SELECT COUNT(*) FROM authenticators"
                                " WHERE substr(verifier, 1, CAST($2 AS INTEGER)) = $1",
                                front, front.size())));
  return count.Add("passwords of staff",
                   tx.Run("SELECT COUNT(*) FROM staff"
                          " WHERE substr(verifier, 1, CAST($2 AS INTEGER)) = $1",
                          front, front.size()));
}

// crypto/seal.h: SealWithRing puts the version in front, four bytes, big-endian. What belongs to an
// account is sealed under the account's own key.
Done CountSealed(Transaction& tx, int version, Count& count) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8)
    bytes += static_cast<char>((version >> shift) & 0xff);
  const Bytes front(bytes);
  LATCHKEY_TRY(count.Add(
      "accounts",
      tx.Run("SELECT COUNT(*) FROM accounts WHERE substr(key_sealed, 1, 4) = $1", front)));
  LATCHKEY_TRY(count.Add(
      "staff", tx.Run("SELECT COUNT(*) FROM staff WHERE substr(totp_sealed, 1, 4) = $1", front)));
  LATCHKEY_TRY(count.Add("entries of the service's own journal",
                         tx.Run("SELECT COUNT(*) FROM journal WHERE account_id = 0"
                                " AND substr(details_sealed, 1, 4) = $1",
                                front)));
  LATCHKEY_TRY(count.Add(
      "requests of the last day",
      tx.Run("SELECT COUNT(*) FROM intakes WHERE substr(payload_sealed, 1, 4) = $1", front)));
  LATCHKEY_TRY(count.Add(
      "answers of the last day",
      tx.Run("SELECT COUNT(*) FROM answers WHERE substr(answer_sealed, 1, 4) = $1", front)));
  return count.Add("messages of the service's own",
                   tx.Run("SELECT COUNT(*) FROM outbox WHERE account_id = 0"
                          " AND substr(payload_sealed, 1, 4) = $1",
                          front));
}

}  // namespace

Result<std::vector<KeyUser>> CountUnderKey(Transaction& tx, crypto::KeyUse use, int version) {
  Count count;
  switch (use) {
    case crypto::KeyUse::kPepper:
      LATCHKEY_TRY(CountVerifiers(tx, version, count));
      break;
    case crypto::KeyUse::kField:
      LATCHKEY_TRY(CountSealed(tx, version, count));
      break;
    case crypto::KeyUse::kToken:
    case crypto::KeyUse::kIdentifier:
    case crypto::KeyUse::kJournal:
    case crypto::KeyUse::kCheckpoint:
      break;
  }
  return count.Take();
}

Result<std::vector<KeyUser>> CountUnderTokenKey(Transaction& tx, const TokenKeyAge& age) {
  Count count;
  LATCHKEY_TRY(count.Add("links, codes and recovery sessions",
                         tx.Run("SELECT COUNT(*) FROM tokens WHERE made_at <= $1"
                                " AND used_at IS NULL AND expires_at > $2",
                                age.made_until, age.now)));
  LATCHKEY_TRY(count.Add("sessions", tx.Run("SELECT COUNT(*) FROM sessions WHERE made_at <= $1"
                                            " AND idle_expires_at > $2 AND expires_at > $2",
                                            age.made_until, age.now)));
  LATCHKEY_TRY(count.Add("sessions of staff",
                         tx.Run("SELECT COUNT(*) FROM staff_sessions WHERE made_at <= $1"
                                " AND idle_expires_at > $2 AND expires_at > $2",
                                age.made_until, age.now)));
  LATCHKEY_TRY(count.Add("known devices", tx.Run("SELECT COUNT(*) FROM devices WHERE made_at <= $1"
                                                 " AND seen_at > $2",
                                                 age.made_until, age.devices_since)));
  LATCHKEY_TRY(
      count.Add("requests of the last day",
                tx.Run("SELECT COUNT(*) FROM intakes WHERE made_at <= $1", age.made_until)));
  return count.Take();
}

}  // namespace latchkey::ledger
