// SPDX-License-Identifier: Apache-2.0
// Sessions of customers and the devices that are known for them. Only keyed digests of their tokens
// are stored. Each function runs in the caller's transaction.
#pragma once

#include <optional>

#include "crypto/keyring.h"
#include "crypto/secret.h"
#include "services/base/result.h"
#include "services/ledger/accounts.h"
#include "services/ledger/ledger.h"

namespace latchkey::ledger {

struct Session {
  AccountId account_id;
  int64_t security_epoch = 0;  // the account's when the password was compared
  TimePoint made_at;
  TimePoint idle_expires_at;
  TimePoint expires_at;
};

// False, and nothing is inserted, when the account is not active any more or its epoch has moved
// since the password was compared: a reset was committed in between (Law 1).
Result<bool> InsertSession(Transaction& tx, const crypto::KeyRing& keys, const Secret& token,
                           const Session& session);

struct FoundSession {
  Bytes digest;  // names it to the functions below
  Session session;
};
// The live session of this token: not expired, of the account's present epoch, of an active
// account. nullopt for all else, a row that was tampered with included.
Result<std::optional<FoundSession>> FindSession(Transaction& tx, const crypto::KeyRing& keys,
                                                const Secret& token, TimePoint now);
// Moves the idle end of a session that is still live at `now`.
Done ExtendSession(Transaction& tx, const Bytes& digest, TimePoint now, TimePoint idle_expires_at);
// Ends it. False when it was not there.
Result<bool> DeleteSession(Transaction& tx, const Bytes& digest);

// A device from which somebody has signed in to the account.
struct Device {
  Bytes digest;           // names it; empty: it is not known
  bool is_older = false;  // nobody has signed in from it with the present password
};
constexpr int kDevicesOfAnAccount = 10;
// The device that this token makes known for this account, unless it was last seen before `since`.
// For account 0: the same work, and none.
Result<Device> FindDevice(Transaction& tx, const crypto::KeyRing& keys, AccountId account_id,
                          const Secret& token, TimePoint since);
// In the place of the one seen longest ago, when the account has as many as it may. Under the
// account's row (InsertSession), or two at once are one too many.
Done InsertDevice(Transaction& tx, const crypto::KeyRing& keys, AccountId account_id,
                  const Secret& token, TimePoint now);
// No device is known for the account any more.
Done ForgetDevices(Transaction& tx, AccountId account_id);
Done TouchDevice(Transaction& tx, const Bytes& digest, TimePoint now);

// Removes at most `limit` dead sessions and as many devices not seen since `devices_since`; returns
// how many rows.
Result<int64_t> SweepSessions(Transaction& tx, TimePoint now, TimePoint devices_since, int limit);

}  // namespace latchkey::ledger
