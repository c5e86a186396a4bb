// SPDX-License-Identifier: Apache-2.0
// Which lanes a guess is counted in: the table "Lanes instead of one lock", as one pure function of
// who is guessed at, what kind of secret, and from where. README.md says why the numbers are what
// they are.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "crypto/keyring.h"
#include "services/base/bytes.h"
#include "services/base/result.h"
#include "services/hotstate/hotstate.h"
#include "services/model/account.h"

namespace latchkey::signin {

// Kinds of low-entropy secrets. Each has its own budget on an account, so that guessing one never
// rests another (Law 5). What has 64 bits or more (links, sessions, saved codes) is in no lane and
// needs no gate. Numbers are part of lane keys.
enum class SecretKind {
  kPassword = 1,
  kRecoveryCode = 2,   // 8 digits from a message, entered by the customer
  kBranchCode = 3,     // 8 digits said to a teller: only signed-in staff can guess here
  kAssistedToken = 4,  // 12 digits
  kStaffPassword = 5,
  kStaffTotp = 6,
};

// What the lanes of one kind of secret bear.
struct KindRules {
  hotstate::LaneRule subject;  // all failures of the account (or member of staff), from wherever
  hotstate::LaneRule source;   // those from one source
  hotstate::LaneRule device;   // those of one known device, which is in no other lane
};

struct GuessRules {
  KindRules password;
  KindRules recovery_code;
  KindRules branch_code;
  KindRules assisted_token;
  KindRules staff;  // password and TOTP, each with its own count
  const KindRules& For(SecretKind kind) const;
  static GuessRules Default();
};

// Whose secret is guessed.
struct Subject {
  enum class Kind { kCustomer = 1, kUnknownName = 2, kStaff = 3, kUnknownStaff = 4 };
  Kind kind = Kind::kCustomer;
  int64_t id = 0;          // of the account or member of staff; 0 for an unknown name
  int64_t lane_epoch = 0;  // a reset moves it and so forgets every lane of the account
  std::string name;        // the canonical text of an unknown name

  static Subject Customer(const model::Account& account);
  static Subject Staff(StaffId id);
  // A name that nobody has: the same lanes with the same rules, folded into 2^20 buckets (attacks
  // K04, E05).
  static Subject UnknownName(const model::Identifier& identifier);
  static Subject UnknownStaff(std::string_view login);
};

// One guess, without its value.
struct Guess {
  Subject subject;
  SecretKind kind = SecretKind::kPassword;
  // Where it came from: CanonicalSource of an address, or a terminal's URI. Empty: not known,
  // counted for all such.
  std::string source = {};
  // Digest of the token of a device that is known *for this account* (ledger/sessions.h); empty: no
  // such device.
  Bytes device = {};
  // Nobody has signed in from that device with the present password: whoever holds it may be whom
  // the reset shut out.
  bool device_is_older = false;
  // What the secret belongs to, such as a case: the same digits for another one are another guess.
  std::string context = {};
};

// The lanes of a guess: a known device has one lane of its own and is in no other; those from
// before the last reset share one.
std::vector<hotstate::Lane> LanesOf(const Guess& guess, const GuessRules& rules,
                                    const crypto::KeyRing& keys);
// The lane of all failures on a subject, for looking at and for clearing.
hotstate::Lane SubjectLane(const Subject& subject, SecretKind kind, const GuessRules& rules,
                           const crypto::KeyRing& keys);
// Keyed digest by which the very same guess is recognised; never 0.
uint64_t FingerprintOf(const Guess& guess, const Secret& value, const crypto::KeyRing& keys);

// One form for each source: IPv4 in dotted form (also when mapped into IPv6), IPv6 as its /64
// prefix ("2001:db8:1:2::/64"), a telephone number as "+" and digits; empty stays empty (withheld).
// kMalformed (field "source.address") for all else.
Result<std::string> CanonicalSource(std::string_view address);
// The /48 around an IPv6 /64, as some networks give a customer that many; empty for all else
// (attack K03).
std::string WiderSource(std::string_view canonical_source);

}  // namespace latchkey::signin
