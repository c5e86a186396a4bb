// SPDX-License-Identifier: Apache-2.0
#include "services/ledger/staff.h"

#include <utility>

#include "crypto/digest.h"
#include "services/base/log.h"
#include "services/ledger/journal.h"
#include "services/ledger/sql/credentials.h"
#include "services/model/canonical.h"

namespace latchkey::ledger {
namespace {

constexpr size_t kLongestBranch = 32;

Bytes StaffSessionDigest(const Secret& key, const Secret& token) {
  return crypto::KeyedDigest(key, {"latchkey staff session v1"}, {token.Reveal()});
}

bool IsBranchName(const std::string& text) {
  return !text.empty() && text.size() <= kLongestBranch &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos;
}

// Columns: id, login, name, branch, own_account_id, disabled_at.
model::Staff StaffOf(const Row& row) {
  return {.id = row.As<StaffId>(0),
          .login = row.Text(1),
          .name = row.Text(2),
          .branch = row.Text(3),
          .own_account_id = row.As<AccountId>(4),
          .disabled_at = row.Time(5)};
}

// Over every column but the idle end: whoever can write the database makes no session of theirs
// somebody else's or another terminal's, and none that lasts (attack D07).
Bytes SessionMac(const Secret& key, const Bytes& digest, StaffId id, const std::string& terminal,
                 TimePoint made_at, TimePoint expires_at) {
  using crypto::Part;
  return crypto::KeyedDigest(key, {"latchkey staff session row v1"},
                             {digest.view(), Part(id.value), terminal, Part(ToUnixMillis(made_at)),
                              Part(ToUnixMillis(expires_at))});
}

// The person if in force, and as the service wrote them down.
Result<std::optional<model::Staff>> FindInForce(Transaction& tx, const crypto::KeyRing& keys,
                                                StaffId id) {
  LATCHKEY_ASSIGN(auto rows, tx.Run("SELECT id, login, name, branch, own_account_id, disabled_at,"
                                    " credentials_sealed FROM staff"
                                    " WHERE id = $1 AND disabled_at IS NULL",
                                    id));
  if (rows.empty()) return std::optional<model::Staff>();
  const Row& row = rows.front();
  model::Staff staff = StaffOf(row);
  LATCHKEY_ASSIGN(const auto credentials, OpenCredentials(keys, staff, row.Blob(6)));
  if (!credentials) return std::optional<model::Staff>();
  return std::optional(std::move(staff));
}

}  // namespace

Result<StaffId> InsertStaff(Transaction& tx, const StoreContext& context, const NewStaff& staff) {
  LATCHKEY_ASSIGN(auto login, model::CanonicalOf(model::IdentifierKind::kLogin, staff.login));
  LATCHKEY_ASSIGN(auto name, model::CanonicalName(staff.name));
  if (!IsBranchName(staff.branch))
    return Malformed("branch", "a branch is 1 to 32 of a-z, 0-9 and -");
  const model::Staff person{.id = context.ids.Next<StaffId>(),
                            .login = login.text,
                            .name = name,
                            .branch = staff.branch,
                            .own_account_id = staff.own_account_id,
                            .disabled_at = {}};
  // Two operators at once: the unique login lets one in, the other gets kConflict.
  LATCHKEY_TRY(
      tx.Run("INSERT INTO staff (id, login, name, branch, credentials_sealed, totp_last_step, "
             "own_account_id, made_at) VALUES ($1, $2, $3, $4, $5, 0, $6, $7)",
             person.id, person.login, person.name, person.branch,
             SealCredentials(context, person, staff.verifier, staff.totp_key),
             OrNull(person.own_account_id), context.clock.Now()));
  LATCHKEY_TRY(Append(tx, context,
                      {.event = model::Event::kStaffAdded,
                       .staff_id = person.id,
                       .details = person.login + " at " + person.branch}));
  return person.id;
}

Result<bool> RenewStaff(Transaction& tx, const StoreContext& context, const model::Staff& person,
                        const std::string& verifier, const Secret& totp_key) {
  LATCHKEY_ASSIGN(auto rows,
                  tx.Run("UPDATE staff SET credentials_sealed = $2 WHERE id = $1 AND "
                         "disabled_at IS NULL",
                         person.id, SealCredentials(context, person, verifier, totp_key)));
  if (rows.changed == 0) return false;
  LATCHKEY_TRY(tx.Run("DELETE FROM staff_sessions WHERE staff_id = $1", person.id));
  LATCHKEY_TRY(Append(tx, context,
                      {.event = model::Event::kStaffRenewed,
                       .staff_id = person.id,
                       .details = person.login + " at " + person.branch}));
  return true;
}

Done DisableStaff(Transaction& tx, const StoreContext& context, StaffId id) {
  LATCHKEY_ASSIGN(
      auto rows,
      // Without credentials nobody brings the person back by an edit (attack D07).
      tx.Run("UPDATE staff SET disabled_at = $2, credentials_sealed = NULL WHERE id = $1 AND "
             "disabled_at IS NULL RETURNING login",
             id, context.clock.Now()));
  if (rows.empty()) return {};  // disabled already
  LATCHKEY_TRY(tx.Run("DELETE FROM staff_sessions WHERE staff_id = $1", id));
  return Append(
      tx, context,
      {.event = model::Event::kStaffDisabled, .staff_id = id, .details = rows.front().Text(0)});
}

Result<std::optional<StaffCredentials>> FindStaff(Transaction& tx, const crypto::KeyRing& keys,
                                                  const std::string& login) {
  auto canonical = model::CanonicalOf(model::IdentifierKind::kLogin, login);
  if (!canonical.ok()) return std::optional<StaffCredentials>();
  LATCHKEY_ASSIGN(auto rows,
                  tx.Run("SELECT id, login, name, branch, own_account_id, disabled_at, "
                         "credentials_sealed, totp_last_step FROM staff WHERE login = $1",
                         canonical->text));
  if (rows.empty()) return std::optional<StaffCredentials>();
  const Row& row = rows.front();
  StaffCredentials found{.staff = StaffOf(row),
                         .verifier = {},
                         .totp_key = {},
                         .totp_last_step = row.Int(7),
                         .sealed = row.Blob(6)};
  if (row.IsNull(6)) return std::optional(std::move(found));
  LATCHKEY_ASSIGN(auto credentials, OpenCredentials(keys, found.staff, row.Blob(6)));
  if (!credentials) return std::optional<StaffCredentials>();
  found.verifier = std::move(credentials->verifier);
  found.totp_key = std::move(credentials->totp_key);
  return std::optional(std::move(found));
}

Result<bool> UpgradeStaffVerifier(Transaction& tx, const StoreContext& context,
                                  const StaffCredentials& expected, const std::string& verifier) {
  LATCHKEY_ASSIGN(
      auto rows,
      tx.Run("UPDATE staff SET credentials_sealed = $3 WHERE id = $1 AND credentials_sealed = $2",
             expected.staff.id, expected.sealed,
             SealCredentials(context, expected.staff, verifier, expected.totp_key)));
  return rows.changed > 0;
}

Result<bool> UseTotpStep(Transaction& tx, StaffId id, int64_t step) {
  // Two terminals with the same code at once: the guard lets one of them move the step.
  LATCHKEY_ASSIGN(
      auto rows,
      tx.Run("UPDATE staff SET totp_last_step = $2 WHERE id = $1 AND totp_last_step < $2", id,
             step));
  return rows.changed > 0;
}

Done InsertStaffSession(Transaction& tx, const StoreContext& context, const Secret& token,
                        StaffId id, const std::string& terminal, const StaffSessionTimes& times) {
  const Secret& key = context.keys.Current(crypto::KeyUse::kToken);
  const Bytes digest = StaffSessionDigest(key, token);
  const TimePoint now = context.clock.Now();
  LATCHKEY_TRY(
      tx.Run("INSERT INTO staff_sessions (digest, staff_id, terminal, made_at, idle_expires_at, "
             "expires_at, mac) VALUES ($1, $2, $3, $4, $5, $6, $7)",
             digest, id, terminal, now, times.idle_expires_at, times.expires_at,
             SessionMac(key, digest, id, terminal, now, times.expires_at)));
  return {};
}

Result<std::optional<model::Staff>> TouchStaffSession(Transaction& tx, const StoreContext& context,
                                                      const Secret& token,
                                                      const std::string& terminal,
                                                      TimePoint idle_until) {
  for (int version : context.keys.Versions(crypto::KeyUse::kToken)) {
    const Secret& key = *context.keys.At(crypto::KeyUse::kToken, version);
    const Bytes digest = StaffSessionDigest(key, token);
    // One statement finds and prolongs, so that a session that ends at this moment is not brought
    // back.
    LATCHKEY_ASSIGN(
        auto rows,
        tx.Run(
            "UPDATE staff_sessions SET idle_expires_at = CASE WHEN expires_at < $4 THEN expires_at "
            "WHEN idle_expires_at > $4 THEN idle_expires_at ELSE $4 END "
            "WHERE digest = $1 AND terminal = $2 AND idle_expires_at > $3 AND expires_at > $3 "
            "RETURNING staff_id, made_at, expires_at, mac",
            digest, terminal, context.clock.Now(), idle_until));
    if (rows.empty()) continue;
    const Row& row = rows.front();
    const StaffId id = row.As<StaffId>(0);
    const Bytes mac = SessionMac(key, digest, id, terminal, row.Time(1), row.Time(2));
    if (!SameDigest(mac.view(), row.Blob(3).view())) {
      log::Error("staff_session.altered", {{"staff", id}});
      return std::optional<model::Staff>();
    }
    return FindInForce(tx, context.keys, id);
  }
  return std::optional<model::Staff>();
}

Result<bool> EndStaffSession(Transaction& tx, const StoreContext& context, const Secret& token,
                             const std::string& terminal) {
  for (int version : context.keys.Versions(crypto::KeyUse::kToken)) {
    LATCHKEY_ASSIGN(
        auto gone,
        tx.Run("DELETE FROM staff_sessions WHERE digest = $1 AND terminal = $2",
               StaffSessionDigest(*context.keys.At(crypto::KeyUse::kToken, version), token),
               terminal));
    if (gone.changed > 0) return true;
  }
  return false;
}

Done EndAllStaffSessions(Transaction& tx) {
  LATCHKEY_TRY(tx.Run("DELETE FROM staff_sessions"));
  return {};
}

Result<int64_t> SweepStaffSessions(Transaction& tx, TimePoint now, int limit) {
  // As with customers' sessions, the idle end comes first.
  LATCHKEY_ASSIGN(auto gone,
                  tx.Run("DELETE FROM staff_sessions WHERE digest IN (SELECT digest FROM "
                         "staff_sessions WHERE idle_expires_at <= $1 ORDER BY idle_expires_at "
                         "LIMIT $2)",
                         now, limit));
  return gone.changed;
}

Result<std::vector<model::Staff>> ListStaff(Transaction& tx) {
  LATCHKEY_ASSIGN(auto rows, tx.Run("SELECT id, login, name, branch, own_account_id, disabled_at "
                                    "FROM staff ORDER BY login"));
  std::vector<model::Staff> all;
  all.reserve(rows.rows.size());
  for (const Row& row : rows.rows) all.push_back(StaffOf(row));
  return all;
}

Result<std::map<StaffId, std::string>> LoadStaffNames(Transaction& tx,
                                                      const std::vector<StaffId>& ids) {
  std::map<StaffId, std::string> names;
  for (StaffId id : ids) {
    if (!id || names.contains(id)) continue;
    LATCHKEY_ASSIGN(auto rows, tx.Run("SELECT name FROM staff WHERE id = $1", id));
    if (!rows.empty()) names.emplace(id, rows.front().Text(0));
  }
  return names;
}

}  // namespace latchkey::ledger
