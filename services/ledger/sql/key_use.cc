// SPDX-License-Identifier: Apache-2.0
#include "services/ledger/key_use.h"

#include <charconv>
#include <string>

#include "crypto/seal.h"
#include "services/ledger/sql/append.h"
#include "services/ledger/sql/chained_row.h"
#include "services/ledger/sql/credentials.h"
#include "services/ledger/staff.h"
#include "services/model/journal.h"

namespace latchkey::ledger {
namespace {

class Count {
 public:
  Done Add(std::string_view what, Result<Rows> counted) {
    LATCHKEY_ASSIGN(const Rows rows, std::move(counted));
    Add(what, rows.front().Int(0));
    return {};
  }
  void Add(std::string_view what, int64_t found) {
    if (found > 0) users_.push_back({what, found});
  }
  std::vector<KeyUser> Take() { return std::move(users_); }

 private:
  std::vector<KeyUser> users_;
};

constexpr int kPage = 1'000;

// Verifiers are sealed, so each is opened, a page at a time. One that does not open cannot be lost.
Result<int64_t> CountCustomers(Transaction& tx, const crypto::KeyRing& keys,
                               std::string_view front) {
  int64_t found = 0;
  for (AuthenticatorId last;;) {
    LATCHKEY_ASSIGN(const Rows page,
                    tx.Run("SELECT id, account_id, kind, verifier_sealed FROM authenticators"
                           " WHERE id > $1 ORDER BY id LIMIT $2",
                           last, kPage));
    if (page.empty()) return found;
    for (const Row& row : page.rows) {
      const VerifierPlace place{.account_id = row.As<AccountId>(1),
                                .kind = row.Enumerated<model::AuthenticatorKind>(2)};
      const auto verifier = OpenVerifier(keys, place, row.Blob(3));
      if (verifier && verifier->starts_with(front)) ++found;
    }
    last = page.rows.back().As<AuthenticatorId>(0);
  }
}

Result<int64_t> CountStaff(Transaction& tx, const crypto::KeyRing& keys, std::string_view front) {
  LATCHKEY_ASSIGN(const auto staff, ListStaff(tx));
  int64_t found = 0;
  for (const model::Staff& person : staff) {
    LATCHKEY_ASSIGN(const auto credentials, FindStaff(tx, keys, person.login));
    if (credentials && credentials->verifier.starts_with(front)) ++found;
  }
  return found;
}

// crypto/password.h: the pepper's version stands in front of every verifier of ours.
Done CountVerifiers(Transaction& tx, const crypto::KeyRing& keys, int version, Count& count) {
  const std::string front = "$latchkey$p=" + std::to_string(version) + "$";
  LATCHKEY_ASSIGN(const int64_t customers, CountCustomers(tx, keys, front));
  count.Add("passwords of customers", customers);
  LATCHKEY_ASSIGN(const int64_t staff, CountStaff(tx, keys, front));
  count.Add("passwords of staff", staff);
  return {};
}

// crypto/seal.h: SealWithRing puts the version in front, four bytes, big-endian.
constexpr size_t kVersionBytes = 4;

Bytes FrontOf(int version) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8)
    bytes += static_cast<char>((version >> shift) & 0xff);
  return Bytes(bytes);
}

int VersionInFrontOf(const Bytes& sealed) {
  int version = 0;
  for (const char byte : sealed.view().substr(0, kVersionBytes))
    version = version << 8 | static_cast<unsigned char>(byte);
  return version;
}

constexpr std::string_view kIsNow = " is now version ";

// The version that these details tell of; nullopt where they tell of something else.
std::optional<KeyVersion> ReadRotation(std::string_view details) {
  const size_t at = details.find(kIsNow);
  if (at == std::string_view::npos) return std::nullopt;
  const auto use = crypto::KeyUseFromName(details.substr(0, at));
  const std::string_view number = details.substr(at + kIsNow.size());
  int version = 0;
  const auto read = std::from_chars(number.data(), number.data() + number.size(), version);
  if (!use || read.ec != std::errc()) return std::nullopt;
  return KeyVersion{.use = *use, .version = version};
}

// What belongs to an account is sealed under the account's own key.
Done CountSealed(Transaction& tx, int version, Count& count) {
  const Bytes front = FrontOf(version);
  LATCHKEY_TRY(count.Add(
      "accounts",
      tx.Run("SELECT COUNT(*) FROM accounts WHERE substr(key_sealed, 1, 4) = $1", front)));
  LATCHKEY_TRY(
      count.Add("passwords of customers", tx.Run("SELECT COUNT(*) FROM authenticators"
                                                 " WHERE substr(verifier_sealed, 1, 4) = $1",
                                                 front)));
  LATCHKEY_TRY(count.Add(
      "staff",
      tx.Run("SELECT COUNT(*) FROM staff WHERE substr(credentials_sealed, 1, 4) = $1", front)));
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

std::string RotationDetails(crypto::KeyUse use, int version) {
  return std::string(crypto::KeyUseName(use)) + std::string(kIsNow) + std::to_string(version);
}

Result<std::optional<KeyVersion>> FindTooNew(Transaction& tx, const crypto::KeyRing& keys) {
  LATCHKEY_ASSIGN(
      const Rows entries,
      tx.Run("SELECT e.id, e.account_id, e.seq, e.at, e.kind, e.channel, e.staff_id, e.case_id,"
             " e.recovery_id, e.details_sealed, e.digest, e.key_version, p.digest"
             " FROM journal e LEFT JOIN journal p"
             " ON p.account_id = e.account_id AND p.seq = e.seq - 1"
             " WHERE e.account_id = 0 AND e.kind = $1 ORDER BY e.seq DESC",
             model::Event::kKeyRotated));
  for (const Row& row : entries.rows) {
    if (!WrongWith(row, row.IsNull(12) ? Bytes() : row.Blob(12), keys).empty()) continue;
    const Bytes sealed = row.Blob(9);
    const int field = VersionInFrontOf(sealed);
    if (field > keys.CurrentVersion(crypto::KeyUse::kField))
      return std::optional(KeyVersion{.use = crypto::KeyUse::kField, .version = field});
    const auto details = crypto::OpenWithRing(keys, DetailsPlace({}, row.Int(2)), sealed);
    const auto rotation = details.ok() ? ReadRotation(details->Reveal()) : std::nullopt;
    if (rotation && rotation->version > keys.CurrentVersion(rotation->use)) return rotation;
  }
  return std::optional<KeyVersion>();
}

Result<std::vector<KeyUser>> CountUnderKey(Transaction& tx, const crypto::KeyRing& keys,
                                           crypto::KeyUse use, int version) {
  Count count;
  switch (use) {
    case crypto::KeyUse::kPepper:
      LATCHKEY_TRY(CountVerifiers(tx, keys, version, count));
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
  LATCHKEY_TRY(count.Add("proofs", tx.Run("SELECT COUNT(*) FROM evidence WHERE at <= $1"
                                          " AND fresh_until > $2",
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
