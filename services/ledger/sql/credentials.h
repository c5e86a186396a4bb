// SPDX-License-Identifier: Apache-2.0
// Verifiers as they are stored: sealed under the ring's field key to the row they belong to.
// Whoever writes to the database can neither make one nor move one (attack D07); whoever reads it
// has nothing to guess passwords by, older kinds of hashes included.
#pragma once

#include <optional>
#include <string>

#include "crypto/keyring.h"
#include "services/ledger/accounts.h"
#include "services/ledger/staff.h"

namespace latchkey::ledger {

// Whose verifier it is.
struct VerifierPlace {
  AccountId account_id;
  model::AuthenticatorKind kind = model::AuthenticatorKind::kPassword;
};
Bytes SealVerifier(const StoreContext& context, const VerifierPlace& place,
                   const std::string& verifier);
// nullopt, and logged, when it was not sealed for this place: the row was altered, or the log says
// that the ring has not the key.
std::optional<std::string> OpenVerifier(const crypto::KeyRing& keys, const VerifierPlace& place,
                                        const Bytes& sealed);

struct Credentials {
  std::string verifier;  // of the password
  Secret totp_key;
};
// Bound to who the person is: id, login, name, branch and own account.
Bytes SealCredentials(const StoreContext& context, const model::Staff& staff,
                      const std::string& verifier, const Secret& totp_key);
// nullopt, and logged, when they were not sealed for this person: the row was altered. kInternal
// when the ring has not the key: they may be right.
Result<std::optional<Credentials>> OpenCredentials(const crypto::KeyRing& keys,
                                                   const model::Staff& staff, const Bytes& sealed);

}  // namespace latchkey::ledger
