// SPDX-License-Identifier: Apache-2.0
// What members of staff may do beside a customer. They start a recovery and never finish it (Law
// 8): nothing here sets, shows or overrides a secret that opens an account.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/identity.h"
#include "crypto/secret.h"
#include "services/base/result.h"
#include "services/cases/cases.h"
#include "services/cases/repeat.h"
#include "services/hotstate/hotstate.h"
#include "services/ledger/accounts.h"
#include "services/ledger/ledger.h"
#include "services/ledger/staff.h"
#include "services/model/case.h"
#include "services/recovery/rules.h"
#include "services/signin/guess.h"
#include "services/signin/hash_slots.h"

namespace latchkey::assist {

using hotstate::Allowance;

struct Rules {
  Millis session_idle = std::chrono::minutes(10);
  Millis session_longest = std::chrono::hours(8);
  Millis code_lifetime = std::chrono::minutes(15);
  Millis token_lifetime = std::chrono::hours(24);
  recovery::NoticeRules notices;
  Allowance finds{60, std::chrono::minutes(1)};    // customers, for each member of staff
  Allowance tokens{12, std::chrono::minutes(10)};  // for each member of staff (attack A07)
  Allowance codes{3, std::chrono::minutes(20)};    // to each address
  // For each account. An inspection is one person's word, and each unlock gives a guesser outside
  // five more tries.
  Allowance unlocks{5, std::chrono::minutes(30)};
};

// Why a member of staff opens a customer's case. Numbers equal Reason of the contract.
enum class StatedReason {
  kForgotPassword = 1,
  kLocked = 2,
  kSuspiciousActivity = 3,
  kCallBack = 4,
  kOther = 5
};
enum class DocumentKind {
  kPassport = 1,
  kIdentityCard = 2,
  kDrivingLicence = 3,
  kResidencePermit = 4
};

struct StaffSignIn {
  std::string_view login;
  const Secret& password;
  const Secret& totp;
};
struct StaffSession {
  Secret token;
  std::string display_name;
  TimePoint idle_expires_at;
};
struct Find {
  std::string_view customer_number;
  StatedReason reason = StatedReason::kOther;
  std::string_view note;  // needed for kOther
};
struct Inspection {
  DocumentKind kind = DocumentKind::kPassport;
  std::string_view number_tail;  // the last four characters; nothing more is kept
};
struct IssuedToken {
  Secret digits;  // 12, for the customer: worth nothing without a code that goes to the customer's
                  // own address
  TimePoint expires_at;
  cases::View updated;
};

// Threads: any. Lives as long as the process. One use case a file. All fail with kUnavailable when
// a store is away.
//
// Every call but SignIn and Enter takes the person whom Enter found, checks on its own that it is
// not their account, and writes its journal entry in the transaction of the act. Of kOwnAccount,
// from here or from Cases, whoever calls tells JournalOwnAccount. Those that take a cases::Act are
// done once for a key; kConflict: the key was used for another act.
class Assist {
 public:
  Assist(ledger::Ledger& ledger, const ledger::StoreContext& context, hotstate::HotState& hot_state,
         signin::GuessGate& gate, signin::HashSlots& slots, cases::Cases& cases,
         const Rules& rules = {});

  // Password and TOTP as one guess with one verdict. kWrong: login, password, TOTP, branch, or a
  // person who has left; which is not said. kResting, kBusy, kMalformed.
  Result<StaffSession> SignIn(const crypto::Identity& terminal, const StaffSignIn& given,
                              TimePoint deadline);
  // Ending a session that is dead is no error.
  Done SignOut(const crypto::Identity& terminal, const Secret& session);
  // Who is at this terminal. kExpired: sign in again.
  Result<model::Staff> Enter(const crypto::Identity& terminal, const Secret& session);

  // That this person was refused their own account, whatever they asked for (Law 13). kResting (too
  // many in a row).
  Done JournalOwnAccount(const model::Staff& staff);

  // kNotFound, kOwnAccount, kMalformed, kResting (too many in a row).
  Result<cases::View> FindCustomer(const model::Staff& staff, const Find& find);
  Result<cases::View> RecordInspection(const model::Staff& staff, const cases::Act& act,
                                       const Inspection& inspection);
  // kNotFound: no such contact. kMoreProof: that contact is too new to prove anything (attack A06).
  // kResting.
  Result<cases::View> SendCode(const model::Staff& staff, const cases::Act& act,
                               uint32_t contact_index);
  // Counted on the account before it is compared. kWrong, kResting.
  Result<cases::View> CheckCode(const model::Staff& staff, const crypto::Identity& terminal,
                                const cases::Act& act, const Secret& code);
  // kMoreProof unless both proofs are fresh; kStopped while frozen; kResting (quota); kUsed when it
  // was issued before, for this very request, and is good no more.
  Result<IssuedToken> IssueToken(const model::Staff& staff, const cases::Act& act);
  // Clears locks and counts and leaves the password. kMoreProof unless one proof is fresh; kStopped
  // while frozen. kResting (too many of this account).
  Result<cases::View> Unlock(const model::Staff& staff, const cases::Act& act);
  // kMoreProof unless both proofs are fresh and younger than the freeze.
  Result<cases::View> LiftFreeze(const model::Staff& staff, const cases::Act& act);

 private:
  struct StaffAttempt;
  Result<signin::Verdict> Compare(const StaffAttempt& attempt, const signin::Counted& counted,
                                  std::optional<StaffSession>& opened);
  Result<std::optional<StaffSession>> OpenSession(const StaffAttempt& attempt,
                                                  const ledger::StaffCredentials& found,
                                                  int64_t step, const std::string& new_verifier);
  // Takes one from the allowance of `whose`; kResting when it is used up.
  Done TakeFrom(const Allowance& allowance, std::string_view what, int64_t whose);

  ledger::Ledger& ledger_;
  const ledger::StoreContext context_;
  hotstate::HotState& hot_state_;
  signin::GuessGate& gate_;
  signin::HashSlots& slots_;
  cases::Cases& cases_;
  const Rules rules_;
  const Secret nobodys_totp_key_;  // so that an unknown login costs the same work
};

// Words for the journal.
std::string_view Words(StatedReason reason);
std::string_view Words(DocumentKind kind);

}  // namespace latchkey::assist
