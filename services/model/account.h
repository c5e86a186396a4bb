// SPDX-License-Identifier: Apache-2.0
// A customer's account and what hangs on it, as plain values. Numbers of enums are stored: never
// change or reuse one.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "services/base/bytes.h"
#include "services/base/clock.h"
#include "services/base/ids.h"

namespace latchkey::model {

enum class AccountState { kActive = 1, kFrozen = 2, kClosed = 3 };
enum class IdentifierKind { kLogin = 1, kCustomerNumber = 2, kEmail = 3, kPhone = 4 };
enum class ContactKind { kEmail = 1, kPhone = 2 };
// Of what stands for a password: whether there is one, and whether it still lets anybody in.
enum class PasswordState { kNone, kInUse, kDisabled };
enum class AuthenticatorKind { kPassword = 1, kTotp = 2 };
enum class Channel { kNone = 0, kWeb = 1, kPhone = 2, kBranch = 3 };

// Where a request came from, as the gateway saw it.
struct Source {
  Channel channel = Channel::kNone;  // from the caller's certificate
  std::string address;  // canonical: IPv4, IPv6 /64 prefix, or phone number; empty when unknown
  std::string language;
};

struct Account {
  AccountId id;
  AccountState state = AccountState::kActive;
  // Moves with every security event; tokens and sessions of an earlier epoch are dead (Law 3).
  int64_t security_epoch = 1;
  // Part of every lane's key: moving it forgets all counts and locks of the account at once, in the
  // ledger's own transaction (Law 2), whichever engine holds the lanes.
  int64_t lane_epoch = 1;
  std::string language;
  std::string pack;  // rule pack, services/proof/
  TimePoint made_at;
};

// A canonical identifier: one form each, compared byte for byte. Made by services/model/canonical.h
// only.
struct Identifier {
  IdentifierKind kind = IdentifierKind::kLogin;
  std::string text;
  bool operator==(const Identifier&) const = default;
};

struct Contact {
  ContactId id;
  AccountId account_id;
  ContactKind kind = ContactKind::kEmail;
  std::string address;  // canonical, opened
  TimePoint added_at;
  TimePoint removed_at;  // zero: in force. A removed contact still gets notices for a while (Law 9)
};

struct Authenticator {
  AuthenticatorId id;
  AccountId account_id;
  AuthenticatorKind kind = AuthenticatorKind::kPassword;
  std::string verifier;  // opened
  Bytes sealed;          // as it stood in the row: names this verifier, and not a later one
  int64_t consecutive_failures = 0;
  TimePoint disabled_at;  // zero: in force
  TimePoint changed_at;
};

inline PasswordState StateOf(const std::optional<Authenticator>& password) {
  if (!password) return PasswordState::kNone;
  return password->disabled_at == TimePoint{} ? PasswordState::kInUse : PasswordState::kDisabled;
}

}  // namespace latchkey::model
