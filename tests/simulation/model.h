// SPDX-License-Identifier: Apache-2.0
// What the bank must look like from outside: plain values, moved by the answers alone. It knows
// nothing of the production code's rows and states, only what the laws and the READMEs promise.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "services/base/clock.h"
#include "services/base/ids.h"
#include "tests/simulation/lanes.h"

namespace latchkey::simulation {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

// A message as it lies in a customer's mailbox.
struct Mail {
  int64_t id = 0;
  TimePoint made_at;
  std::string subject, link, freeze, code;
};

struct Customer {
  int index = 0;
  bool known = true;  // false: a name that nobody has
  bool strong = false;
  std::string login, number;
  std::vector<std::string> mails;
  AccountId id;

  std::string password;
  std::vector<std::string> older;  // passwords
  bool frozen = false;
  bool disabled = false;        // the password: after a hundred failures, or by a lifted freeze
  int64_t failures = 0;         // in a row, of the password
  TimePoint password_set_at{};  // by a reset; zero: as imported
  TimePoint killed_at{};        // every link, code, handle and session made until then is dead
  TimePoint frozen_at{};        // the last freeze; every freeze link made until then is spent
  TimePoint secured_at{};       // the last reset or freeze: proofs until then count no more
  TimePoint proved_at{};        // the last code or link that was accepted
  TimePoint devices_since{};    // devices made until then are forgotten
  std::deque<TimePoint> from_devices;  // sign-ins within two minutes
  int devices_made = 0;                // at most; the ledger keeps the ten seen last
  std::shared_ptr<LaneSet> lanes = std::make_shared<LaneSet>();
  int64_t resets = 0, unlocks = 0, freezes = 0, lifts = 0, issues = 0;  // as the journal counts
  int64_t disablings = 0, guessed_out = 0;  // of the password; those of them by failures

  // Days on which they must have heard of a long rest, and on which they may have.
  std::set<int64_t> told_of_rest, perhaps_told_of_rest;

  std::deque<TimePoint> unlocked_in_branch, unlocked_by_proof, asked_to_unlock;

  // Each message once, however often it came: by address and subject.
  std::unordered_set<int64_t> seen;
  std::map<std::string, std::map<std::string, int64_t>> got;

  // What they hold.
  std::deque<Mail> mailbox;
  std::vector<std::string> sessions, recovery_sessions, handles;
  std::vector<std::string> keys;  // idempotency keys that they used lately…
  TimePoint keys_since{};         // …the first of them then
  std::string unlocked_with;      // the key of their last unlock
  std::string device, offered;
  std::deque<std::string> branch_tokens;
};

// Things that were given out, found by their secret. Looked up and never walked through.
struct Link {
  int owner = 0;
  TimePoint made_at;
};
struct Code {  // of a message or from a branch
  std::string digits;
  TimePoint made_at;
  TimePoint expires_at;
  int64_t case_id = 0;  // of the branch token that it follows: for that token's handle only
  int64_t of_case = 0;  // in which a branch token was issued
  bool used = false;
  bool doubtful = false;  // it may have been used by a request whose answer was lost
};
// A guess that took a try of every code it could be meant for.
struct Try {
  TimePoint at;
  int64_t case_id = 0;
};
struct Handle {
  int owner = 0;
  TimePoint made_at;
  TimePoint expires_at;
  int64_t case_id = 0;     // of the branch token that it was given for
  std::string identifier;  // as typed; empty for a branch token
  bool doubtful = false;   // an earlier answer to the same request was lost: it may end earlier
};
struct RecoverySession {
  int owner = 0;
  TimePoint made_at;
  TimePoint expires_at;
  int64_t case_id = 0;
  std::string reference;
};
struct BankSession {
  int owner = 0;
  TimePoint made_at;
  TimePoint idle_expires_at;
  TimePoint expires_at;
  bool ended = false;
  bool doubtful = false;  // its end is not known exactly
};
struct Device {
  int owner = 0;
  TimePoint made_at;
  TimePoint seen_at;
  bool doubtful = false;  // it may have been seen later
};
// A request that was acknowledged, as its sender remembers it.
struct Acknowledged {
  std::string session, password, reference;
  TimePoint at;
};
// A code that was accepted, as its sender remembers it. No session: nobody got the answer.
struct ProvedAs {
  std::string session;
  TimePoint at;
};
// One request that is worked on: the intake of this key, unless it is that of an earlier one.
struct Asked {
  std::string key;
  int64_t earlier = 0;
};
struct BegunAs {
  std::string identifier, handle;  // no handle: nobody got the answer
  int intent = 0;
  bool doubtful = false;  // it may lie in a spool
  TimePoint at;
};

struct CaseFile {
  int owner = 0;
  int64_t id = 0;
  std::string reference;
  TimePoint inspected_at{}, said_at{};
  TimePoint perhaps_at{};  // a proof may have been given then: its answer was lost
  struct Look {
    TimePoint at;
    int64_t entries = 0;  // of the customer's journal at that moment
  };
  std::unordered_map<int, Look> looked;  // by member of staff
};

struct Officer {
  int index = 0;
  bool crooked = false;
  std::string login, password, totp_key;
  StaffId id;
  int own = -1;  // the customer that they are themselves
  std::shared_ptr<LaneSet> lanes = std::make_shared<LaneSet>();
  int64_t last_step = 0;  // of their TOTP
  std::string session;
  TimePoint idle_expires_at{}, expires_at{};
  bool doubtful = true;
  std::unordered_map<int, TimePoint> perhaps_looked;  // by customer: an answer was lost
};

struct Model {
  std::vector<std::unique_ptr<Customer>> customers;
  std::vector<Officer> officers;
  std::unordered_map<std::string, Link> links, freeze_links;
  std::unordered_map<std::string, Handle> handles;
  std::unordered_map<std::string, RecoverySession> recovery_sessions;
  std::unordered_map<std::string, BankSession> bank_sessions;
  std::unordered_map<std::string, Device> devices;
  std::unordered_map<std::string, Acknowledged> set_passwords, unlocks;  // by idempotency key
  std::unordered_map<std::string, ProvedAs> proved;                      // by the whole request
  std::unordered_map<std::string, std::string> redeemed;  // handles, by the whole request
  std::unordered_map<std::string, BegunAs> begun;
  std::vector<std::string> acknowledged;  // handles since the last check of everything
  // Idempotency keys of all requests for a recovery, and of these the ones that are not known to
  // have been worked on.
  std::unordered_set<std::string> asked_with;
  std::vector<Asked> asked;
  std::vector<std::string> spooled;  // of these, what may lie in a node's spool besides
  // Of each customer; the newest last.
  std::vector<std::deque<Code>> codes, branch_codes, tokens;
  std::vector<std::deque<Try>> code_tries, branch_tries;
  std::unordered_map<std::string, std::shared_ptr<LaneSet>> strangers;  // by handle
  std::unordered_map<std::string, std::vector<TimePoint>> offers;       // of passwords, by recovery
  std::deque<CaseFile> cases;

  Customer& Of(int owner) { return *customers[static_cast<size_t>(owner)]; }
  // Whether what was made then for this customer is still good for anything.
  bool Stands(int owner, TimePoint made_at, TimePoint expires_at, TimePoint now) {
    const Customer& customer = Of(owner);
    return !customer.frozen && made_at > customer.killed_at && now < expires_at;
  }
};

inline constexpr Millis kToldRest = minutes(15);
inline int64_t DayOf(TimePoint time) {
  return std::chrono::floor<days>(time).time_since_epoch().count();
}

inline constexpr Millis kLinkLives = minutes(30);
inline constexpr Millis kSessionLives = minutes(15);
inline constexpr Millis kFreezeLinkLives = days(30);
inline constexpr Millis kProofIsFresh = minutes(30);
inline constexpr Millis kAnswerIsKept = hours(24);
inline constexpr Millis kTokenIsKept = minutes(5);
inline constexpr Millis kDeadIsKept = days(7);
inline constexpr int kTries = 5;

}  // namespace latchkey::simulation
