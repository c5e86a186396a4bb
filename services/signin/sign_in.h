// SPDX-License-Identifier: Apache-2.0
// Sign-in and sessions: one file for each use case.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "crypto/secret.h"
#include "services/base/clock.h"
#include "services/base/result.h"
#include "services/hotstate/hotstate.h"
#include "services/ledger/accounts.h"
#include "services/ledger/ledger.h"
#include "services/ledger/sessions.h"
#include "services/model/account.h"
#include "services/model/journal.h"
#include "services/signin/guess.h"
#include "services/signin/hash_slots.h"
#include "services/signin/source_budgets.h"

namespace latchkey::signin {

// Requests that a source, an account's devices, or everybody together, may make: so many at once,
// one more each `refill`.
struct SignInOptions {
  Millis idle = std::chrono::minutes(5);  // RTS Art. 4(3)(d)
  Millis longest = std::chrono::hours(12);
  Millis device = std::chrono::hours(24 * 365);  // since it was last seen
  SourceRules strangers;
  // From all known devices of one account; those from before the last reset have one of their own.
  hotstate::Allowance devices{.capacity = 10, .refill = std::chrono::seconds(6)};
  // The owner is told of rests that long: those of the account's own lane. Shorter ones are over
  // before a message is read.
  Millis told_rest = std::chrono::minutes(15);
  // Rows of a kind that one commit of Sweep removes; the others wait for the next.
  int sweep_batch = 500;
};

// What a customer typed, as it came.
struct SignInAttempt {
  std::string identifier;
  Secret password;
  model::Source source;  // address: CanonicalSource
  Secret device_token;   // empty: none
  TimePoint deadline;
};

struct SignedIn {
  Secret session_token;
  Secret device_token;  // empty when the device was known already
  TimePoint idle_expires_at;
  TimePoint expires_at;
};

// What the owner of a session sees.
struct SessionView {
  AccountId account_id;
  std::string display_name;
  std::string login_name;
  std::vector<model::JournalLine> recent;  // newest first, at most 20
  TimePoint idle_expires_at;
  TimePoint expires_at;
};

// Threads: any. Lives as long as the process. Blocks on the stores and on hashing.
class SignIn {
 public:
  SignIn(SignInOptions options, ledger::Ledger& ledger, const ledger::StoreContext& context,
         hotstate::HotState& hot_state, GuessGate& gate, HashSlots& slots);

  // Checks a password and makes a session. Unknown names, closed and frozen accounts cost the same
  // and get the same answers (Law 6).
  //   kMalformed    the password cannot be anybody's (empty, too long, not text)
  //   kWrong        name and password do not match; `retry_at` when this guess began a rest
  //   kResting      too many failures, or requests; `retry_at`
  //   kBusy         no hash slot in time: nothing was counted against the account
  //   kUnavailable  a store is away
  Result<SignedIn> SignInByPassword(const SignInAttempt& attempt);

  // kExpired unless the session is alive. Looking keeps it alive, up to its longest time.
  Result<SessionView> GetSession(const Secret& session_token);
  // No error when it was dead already.
  Done SignOut(const Secret& session_token, model::Channel channel);

  // Journals the tries at unknown names, one entry for each hour that is over (Law 13); returns how
  // many. Call it now and then, on any node.
  Result<int64_t> FlushUnknownNames();
  // Removes a batch of what is dead: sessions, devices, lanes. Returns how many; call it now and
  // then, on any node, until that is 0.
  Result<int64_t> Sweep();

 private:
  // Whom a name stands for, before anything is counted.
  struct Named {
    model::Identifier identifier;
    std::optional<model::Account> account;
    AccountId stand_in;  // whose rows are looked at, also when the name is nobody's
    AccountId account_id() const { return account ? account->id : AccountId{}; }
    Bytes device;                  // digest; empty: not known
    bool device_is_older = false;  // last seen before the present password was set
  };
  // What is compared with, read after the guess was counted.
  struct Target {
    std::optional<model::Authenticator> authenticator;
    std::optional<model::Account> account;
    std::string borrowed;  // somebody's verifier, for those who have none
    bool may_sign_in = false;
  };

  Result<Named> Resolve(const SignInAttempt& attempt);
  static Subject SubjectOf(const Named& named);
  std::vector<hotstate::Budget> BudgetsOf(const model::Source& source, const Named& named) const;
  Done SpendBudgets(const model::Source& source, const Named& named);
  Result<Verdict> Compare(const SignInAttempt& attempt, const Secret& password, const Named& named,
                          const Counted& counted, std::optional<SignedIn>& signed_in);
  Result<Target> CountAndLoad(const SignInAttempt& attempt, const Named& named);
  Done NoteDisabled(ledger::Transaction& tx, const SignInAttempt& attempt, const Named& named);
  Result<bool> Matches(const HashSlots::Place& place, const Counted& counted,
                       const Secret& password, const Secret& as_typed, const Target& target);
  // Whether the same characters in other bytes may be right, now or once the verifier is our own: a
  // bank may have hashed what a Mac sends (NFD). Such a wrong guess must not be remembered.
  static bool MayBeSpelledOtherwise(const Secret& password, const Target& target);
  Done NoteFailure(const SignInAttempt& attempt, const Named& named, const Counted& counted);
  Result<bool> OpenSession(const SignInAttempt& attempt, const Named& named, const Target& target,
                           const std::string& new_verifier, SignedIn& made);

  const SignInOptions options_;
  ledger::Ledger& ledger_;
  const ledger::StoreContext context_;
  hotstate::HotState& hot_state_;
  GuessGate& gate_;
  HashSlots& slots_;
};

}  // namespace latchkey::signin
