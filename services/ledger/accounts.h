// SPDX-License-Identifier: Apache-2.0
// Accounts and what hangs on them, in the ledger. Each function runs in the caller's transaction.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "crypto/keyring.h"
#include "crypto/secret.h"
#include "services/base/ids.h"
#include "services/base/random.h"
#include "services/base/result.h"
#include "services/ledger/ledger.h"
#include "services/model/account.h"

namespace latchkey::ledger {

// What the stores need besides a transaction. Lives as long as the process; threads: any.
struct StoreContext {
  Clock& clock;
  Random& random;
  IdMaker& ids;
  const crypto::KeyRing& keys;
};

// The digest by which a canonical identifier is found, under the ring's identifier key.
Bytes IdentifierDigest(const crypto::KeyRing& keys, const model::Identifier& identifier);

struct NewAccount {
  std::string name;
  std::vector<model::Identifier> identifiers = {};  // at least one
  std::vector<std::pair<model::ContactKind, std::string>> contacts = {};
  TimePoint contacts_since = {};  // since when the contacts are theirs (Law 7); zero: now
  std::string verifier = {};      // of the password; empty: none yet
  std::string language = "en";
  std::string pack = "standard";
};

// Adds the account with its own key, sealed fields, and the first journal entry. kConflict when an
// identifier is taken.
Result<AccountId> InsertAccount(Transaction& tx, const StoreContext& context,
                                const NewAccount& account);

// Whom an identifier names or, if it names nobody, an account to do the same work about (Law 6,
// attack E03): the one whose identifier comes next, which is anybody's.
struct NearestAccount {
  AccountId id;  // 0: none, as in an empty bank
  bool is_named = false;
};
Result<NearestAccount> FindNearestAccount(Transaction& tx, const crypto::KeyRing& keys,
                                          const model::Identifier& identifier);

// Whom an identifier names, if anybody.
Result<std::optional<AccountId>> FindAccount(Transaction& tx, const crypto::KeyRing& keys,
                                             const model::Identifier& identifier);
Result<std::optional<model::Account>> FindAccountById(Transaction& tx, AccountId id);
Result<int64_t> CountAccounts(Transaction& tx);
// The account must be there: kInternal otherwise.
Result<model::Account> LoadAccount(Transaction& tx, AccountId id);

// The key that seals this account's fields. kInternal once the account is erased.
Result<Secret> LoadAccountKey(Transaction& tx, const crypto::KeyRing& keys, AccountId id);
Result<std::string> LoadName(Transaction& tx, const crypto::KeyRing& keys, AccountId id);
// Canonical identifiers, opened.
Result<std::vector<model::Identifier>> LoadIdentifiers(Transaction& tx, const crypto::KeyRing& keys,
                                                       AccountId id);
// Contacts in force, oldest first; with `removed_since`, those removed later than that too (Law 9).
Result<std::vector<model::Contact>> LoadContacts(
    Transaction& tx, const crypto::KeyRing& keys, AccountId id,
    std::optional<TimePoint> removed_since = std::nullopt);

// nullopt, and logged, for a verifier that was altered or moved here from elsewhere too (attack
// D07): nothing matches it, and a reset puts a new one in its place.
Result<std::optional<model::Authenticator>> FindAuthenticator(Transaction& tx,
                                                              const crypto::KeyRing& keys,
                                                              AccountId id,
                                                              model::AuthenticatorKind kind);
// The password verifier of some customer, always the same one for the same name, and as likely of
// any kind as a customer is to have that kind; empty when nobody has a password. For doing
// the same work for nobody (attack E03): what comes of comparing with it must be thrown away.
Result<std::string> BorrowVerifier(Transaction& tx, const crypto::KeyRing& keys,
                                   const model::Identifier& identifier);
// Sets or replaces an authenticator's verifier, clears its consecutive failures and re-enables it.
struct NewVerifier {
  model::AuthenticatorKind kind = model::AuthenticatorKind::kPassword;
  std::string verifier;
  TimePoint set_at;
};
Done PutVerifier(Transaction& tx, const StoreContext& context, AccountId id,
                 const NewVerifier& made);
// Replaces a verifier only if it is still `expected`: an upgrade at sign-in must not undo a reset.
// False: it was not.
Result<bool> UpgradeVerifier(Transaction& tx, const StoreContext& context,
                             const model::Authenticator& expected, const std::string& verifier);
// So many failures in a row disable an authenticator (NIST SP 800-63B-4, 3.2.2).
inline constexpr int64_t kFailuresThatDisable = 100;
// Counts a failure before anything is compared, and disables. Returns the count.
Result<int64_t> CountAuthenticatorFailure(Transaction& tx, AuthenticatorId id, TimePoint now);
Done ClearAuthenticatorFailures(Transaction& tx, AuthenticatorId id);
// Disables the password if it was set after `since` by a reset; a new one enables it again. True:
// it was.
Result<bool> DisablePasswordSetAfter(Transaction& tx, AccountId id, TimePoint since, TimePoint now);

// Moves the security epoch (every token and session made before is dead) if it still is `expected`;
// false otherwise.
Result<bool> AdvanceSecurityEpoch(Transaction& tx, AccountId id, int64_t expected);
// Forgets all lanes of the account (Law 2).
Done AdvanceLaneEpoch(Transaction& tx, AccountId id);
// An unlock: forgets all lanes and the failures of the password. One that a hundred failures have
// disabled stays so: it must be bound anew (NIST SP 800-63B-4, 3.2.2).
Done ForgetFailures(Transaction& tx, AccountId id);
// Changes the state if it still is `from`; false otherwise.
Result<bool> ChangeAccountState(Transaction& tx, AccountId id, model::AccountState from,
                                model::AccountState to);
// Makes a frozen account active if its security epoch still is `expected`; false otherwise.
Result<bool> LiftFreeze(Transaction& tx, AccountId id, int64_t expected);

}  // namespace latchkey::ledger
