// SPDX-License-Identifier: Apache-2.0
#include "services/ledger/sessions.h"

#include <string>

#include "crypto/digest.h"

namespace latchkey::ledger {
namespace {

constexpr crypto::Purpose kSessionPurpose{"latchkey session v1"};
constexpr crypto::Purpose kSessionRowPurpose{"latchkey session row v1"};
constexpr crypto::Purpose kDevicePurpose{"latchkey device v1"};

const Secret& TokenKey(const crypto::KeyRing& keys) { return keys.Current(crypto::KeyUse::kToken); }

Bytes SessionDigest(const Secret& key, const Secret& token) {
  return crypto::KeyedDigest(key, kSessionPurpose, {token.Reveal()});
}

// The account is part of it: a token makes its device known for one account and no other.
Bytes DeviceDigest(const Secret& key, AccountId account_id, const Secret& token) {
  return crypto::KeyedDigest(key, kDevicePurpose, {crypto::Part(account_id.value), token.Reveal()});
}

// Over every column but the idle end: whoever can write the database cannot turn a session of their
// own into one of somebody else, revive it in a later epoch or make it last (attack D07).
Bytes SessionRowMac(const Secret& key, const Bytes& digest, const Session& session) {
  using crypto::Part;
  return crypto::KeyedDigest(
      key, kSessionRowPurpose,
      {digest.view(), Part(session.account_id.value), Part(session.security_epoch),
       Part(ToUnixMillis(session.made_at)), Part(ToUnixMillis(session.expires_at))});
}

Result<std::optional<FoundSession>> FindUnderKey(Transaction& tx, const Secret& key,
                                                 const Secret& token, TimePoint now) {
  const Bytes digest = SessionDigest(key, token);
  LATCHKEY_ASSIGN(
      Rows rows,
      tx.Run("SELECT s.account_id, s.security_epoch, s.made_at, s.idle_expires_at, s.expires_at,"
             " s.mac FROM sessions s JOIN accounts a ON a.id = s.account_id"
             " WHERE s.digest = $1 AND s.idle_expires_at > $2 AND s.expires_at > $2"
             " AND a.security_epoch = s.security_epoch AND a.state = $3",
             digest, now, model::AccountState::kActive));
  if (rows.empty()) return std::optional<FoundSession>();
  const Row& row = rows.front();
  FoundSession found{.digest = digest,
                     .session = {.account_id = row.As<AccountId>(0),
                                 .security_epoch = row.Int(1),
                                 .made_at = row.Time(2),
                                 .idle_expires_at = row.Time(3),
                                 .expires_at = row.Time(4)}};
  if (!SameDigest(row.Blob(5).view(), SessionRowMac(key, digest, found.session).view())) {
    return std::optional<FoundSession>();
  }
  return std::optional<FoundSession>(std::move(found));
}

}  // namespace

Result<bool> InsertSession(Transaction& tx, const crypto::KeyRing& keys, const Secret& token,
                           const Session& session) {
  const Secret& key = TokenKey(keys);
  const Bytes digest = SessionDigest(key, token);
  // Touching the account's row, if it still is as it was, makes a reset of the same moment wait for
  // this transaction or this one see the reset (Law 1).
  LATCHKEY_ASSIGN(Rows held,
                  tx.Run("UPDATE accounts SET security_epoch = security_epoch"
                         " WHERE id = $1 AND security_epoch = $2 AND state = $3",
                         session.account_id, session.security_epoch, model::AccountState::kActive));
  if (held.changed == 0) return false;
  LATCHKEY_TRY(
      tx.Run("INSERT INTO sessions (digest, account_id, security_epoch, made_at,"
             " idle_expires_at, expires_at, mac) VALUES ($1, $2, $3, $4, $5, $6, $7)",
             digest, session.account_id, session.security_epoch, session.made_at,
             session.idle_expires_at, session.expires_at, SessionRowMac(key, digest, session)));
  return true;
}

Result<std::optional<FoundSession>> FindSession(Transaction& tx, const crypto::KeyRing& keys,
                                                const Secret& token, TimePoint now) {
  for (int version : keys.Versions(crypto::KeyUse::kToken)) {
    const Secret& key = *keys.At(crypto::KeyUse::kToken, version);
    LATCHKEY_ASSIGN(auto found, FindUnderKey(tx, key, token, now));
    if (found) return found;
  }
  return std::optional<FoundSession>();
}

Done ExtendSession(Transaction& tx, const Bytes& digest, TimePoint now, TimePoint idle_expires_at) {
  // Only while it lives: a session that ended meanwhile stays ended.
  LATCHKEY_TRY(
      tx.Run("UPDATE sessions SET idle_expires_at = $3 WHERE digest = $1"
             " AND idle_expires_at > $2 AND idle_expires_at < $3",
             digest, now, idle_expires_at));
  return {};
}

Result<bool> DeleteSession(Transaction& tx, const Bytes& digest) {
  LATCHKEY_ASSIGN(Rows rows, tx.Run("DELETE FROM sessions WHERE digest = $1", digest));
  return rows.changed > 0;
}

Result<Device> FindDevice(Transaction& tx, const crypto::KeyRing& keys, AccountId account_id,
                          const Secret& token, TimePoint since) {
  if (token.empty()) return Device();
  for (int version : keys.Versions(crypto::KeyUse::kToken)) {
    const Bytes digest = DeviceDigest(*keys.At(crypto::KeyUse::kToken, version), account_id, token);
    LATCHKEY_ASSIGN(Rows rows,
                    tx.Run("SELECT CASE WHEN d.seen_at < a.changed_at THEN 1 ELSE 0 END"
                           " FROM devices d LEFT JOIN authenticators a"
                           " ON a.account_id = d.account_id AND a.kind = $4"
                           " WHERE d.digest = $1 AND d.account_id = $2"
                           " AND d.seen_at > $3",
                           digest, account_id, since, model::AuthenticatorKind::kPassword));
    if (!rows.empty()) return Device{.digest = digest, .is_older = rows.front().Int(0) != 0};
  }
  return Device();
}

Done InsertDevice(Transaction& tx, const crypto::KeyRing& keys, AccountId account_id,
                  const Secret& token, TimePoint now) {
  LATCHKEY_TRY(
      tx.Run("DELETE FROM devices WHERE account_id = $1 AND digest NOT IN"
             " (SELECT digest FROM devices WHERE account_id = $1"
             " ORDER BY seen_at DESC, made_at DESC, digest LIMIT $2)",
             account_id, kDevicesOfAnAccount - 1));
  LATCHKEY_TRY(
      tx.Run("INSERT INTO devices (digest, account_id, made_at, seen_at) VALUES ($1, $2, $3, $3)",
             DeviceDigest(TokenKey(keys), account_id, token), account_id, now));
  return {};
}

Done ForgetDevices(Transaction& tx, AccountId account_id) {
  LATCHKEY_TRY(tx.Run("DELETE FROM devices WHERE account_id = $1", account_id));
  return {};
}

Done TouchDevice(Transaction& tx, const Bytes& digest, TimePoint now) {
  LATCHKEY_TRY(
      tx.Run("UPDATE devices SET seen_at = $2 WHERE digest = $1 AND seen_at < $2", digest, now));
  return {};
}

Result<int64_t> SweepSessions(Transaction& tx, TimePoint now, TimePoint devices_since, int limit) {
  // The idle end is never behind the other one, so that one index finds all that are dead.
  LATCHKEY_ASSIGN(Rows sessions,
                  tx.Run("DELETE FROM sessions WHERE digest IN (SELECT digest FROM sessions WHERE "
                         "idle_expires_at <= $1 ORDER BY idle_expires_at LIMIT $2)",
                         now, limit));
  // A sign-in from a device at this moment keeps it: the guard stands outside too.
  LATCHKEY_ASSIGN(Rows devices,
                  tx.Run("DELETE FROM devices WHERE digest IN (SELECT digest FROM devices WHERE "
                         "seen_at <= $1 ORDER BY seen_at LIMIT $2) AND seen_at <= $1",
                         devices_since, limit));
  return sessions.changed + devices.changed;
}

}  // namespace latchkey::ledger
