// SPDX-License-Identifier: Apache-2.0
// The one guard before a member of staff sees or does anything on a case (Law 8, attack A03).
#pragma once

#include <string>
#include <string_view>

#include "services/base/result.h"
#include "services/ledger/accounts.h"
#include "services/ledger/cases.h"
#include "services/ledger/ledger.h"
#include "services/model/account.h"
#include "services/model/case.h"

namespace latchkey::cases {

// A look at a case, with its reason, is good for acts of the same person for one working day.
inline constexpr Millis kLookLasts = std::chrono::hours(8);
// A look that is repeated within this time is the same look, and makes no second journal entry.
inline constexpr Millis kSameLook = std::chrono::minutes(10);
// What the journal says of a look for which nobody stated a reason: it permits no act.
inline constexpr std::string_view kNoReason = "opened by its reference";

// Someone who may act: a case that is open, a customer who is not the person themself, and the
// reason that this person stated when they opened it.
struct Attended {
  model::Case facts;
  model::Account account;
  std::string reason;
};

// The case named by a reference as people write it ("c-7k2m 9qxa").
//   kNotFound    there is no such case, it is closed, or this person did not look at it today: acts
//   need a reason kOwnAccount  it is the person's own
Result<Attended> Attend(ledger::Transaction& tx, const ledger::StoreContext& context,
                        const model::Staff& staff, std::string_view reference);

// The case for looking only: it may be closed, and a reason is not needed yet.
Result<model::Case> FindForLooking(ledger::Transaction& tx, const model::Staff& staff,
                                   std::string_view reference);

// Nobody serves their own account. kOwnAccount.
Done RefuseOwnAccount(const model::Staff& staff, AccountId account_id);

}  // namespace latchkey::cases
