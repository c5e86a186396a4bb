// SPDX-License-Identifier: Apache-2.0
// Staff and their sessions in the ledger. Each function runs in the caller's transaction.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "crypto/secret.h"
#include "services/base/result.h"
#include "services/ledger/accounts.h"
#include "services/ledger/ledger.h"
#include "services/model/case.h"

namespace latchkey::ledger {

struct NewStaff {
  std::string login;  // canonicalised like a customer's login name
  std::string name;
  std::string branch;             // as in the terminals' certificates: [a-z0-9-]{1,32}
  std::string verifier;           // of the password
  Secret totp_key;                // crypto::kTotpKeyBytes
  AccountId own_account_id = {};  // the person's own account at this bank, if any
};
// Journaled on the service's own chain (kStaffAdded). kConflict: the login is taken; kMalformed:
// login, name or branch.
Result<StaffId> InsertStaff(Transaction& tx, const StoreContext& context, const NewStaff& staff);
// Another password and authenticator for a person who forgot one or lost the other: the old ones
// and every session end. Journaled (kStaffRenewed). False: the person was disabled.
Result<bool> RenewStaff(Transaction& tx, const StoreContext& context, const model::Staff& person,
                        const std::string& verifier, const Secret& totp_key);
// Ends the person's access and sessions at once, for good.
Done DisableStaff(Transaction& tx, const StoreContext& context, StaffId id);

// What a sign-in compares with.
struct StaffCredentials {
  model::Staff staff;
  std::string verifier;  // empty, as is the key, for those who are disabled
  Secret totp_key;
  int64_t totp_last_step = 0;
  Bytes sealed;  // as they stood in the row: names these, and not later ones
};
// `login` as typed; absent for unknown and impossible logins alike, and for a row that was altered
// (attack D07). Includes disabled staff, who have nothing to compare with.
Result<std::optional<StaffCredentials>> FindStaff(Transaction& tx, const crypto::KeyRing& keys,
                                                  const std::string& login);

// Replaces the verifier if the credentials still are `expected`. False: they are not, or the person
// was disabled.
Result<bool> UpgradeStaffVerifier(Transaction& tx, const StoreContext& context,
                                  const StaffCredentials& expected, const std::string& verifier);

// Uses up a TOTP step (RFC 6238, 5.2: once only). False: this or a later one was used already.
Result<bool> UseTotpStep(Transaction& tx, StaffId id, int64_t step);

struct StaffSessionTimes {
  TimePoint idle_expires_at;
  TimePoint expires_at;
};
// `terminal` is the URI of the terminal's certificate; the session is good at that terminal only.
Done InsertStaffSession(Transaction& tx, const StoreContext& context, const Secret& token,
                        StaffId id, const std::string& terminal, const StaffSessionTimes& times);
// The person of a session that is alive at this terminal, whose idle time is moved to `idle_until`
// (never beyond the session's end). Absent: unknown, expired, another terminal's, the person
// disabled, or a row altered (attack D07).
Result<std::optional<model::Staff>> TouchStaffSession(Transaction& tx, const StoreContext& context,
                                                      const Secret& token,
                                                      const std::string& terminal,
                                                      TimePoint idle_until);
// True when there was one to end.
Result<bool> EndStaffSession(Transaction& tx, const StoreContext& context, const Secret& token,
                             const std::string& terminal);
Done EndAllStaffSessions(Transaction& tx);
// Removes at most `limit` that have expired; returns how many.
Result<int64_t> SweepStaffSessions(Transaction& tx, TimePoint now, int limit);

// Everybody, disabled people too, by login.
Result<std::vector<model::Staff>> ListStaff(Transaction& tx);

// Display names, for a timeline.
Result<std::map<StaffId, std::string>> LoadStaffNames(Transaction& tx,
                                                      const std::vector<StaffId>& ids);

}  // namespace latchkey::ledger
