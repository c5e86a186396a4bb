// SPDX-License-Identifier: Apache-2.0
// Cases in the ledger. Each function runs in the caller's transaction.
//
// A case is opened by whoever first needs one (a member of staff, a call back asked for, a freeze)
// and joined by everybody after that, so that the customer has one history and never tells the
// story twice (Law 15).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "services/base/result.h"
#include "services/ledger/accounts.h"
#include "services/ledger/ledger.h"
#include "services/model/case.h"

namespace latchkey::ledger {

// Who opens a case, for its first journal entry. The default is the service itself.
struct CaseOpener {
  model::Channel channel = model::Channel::kNone;
  StaffId staff_id = {};
};

// The account's open case, or a new one (journaled as kCaseOpened). Two callers get the same case.
Result<model::Case> OpenOrJoinCase(Transaction& tx, const StoreContext& context,
                                   AccountId account_id, const CaseOpener& opener = {});

Result<std::optional<model::Case>> FindOpenCase(Transaction& tx, AccountId account_id);
// `reference` as NewReference writes it; open or closed.
Result<std::optional<model::Case>> FindCaseByReference(Transaction& tx,
                                                       const std::string& reference);
Result<model::Case> LoadCase(Transaction& tx, CaseId id);

// The case waits for a person from `now` on; one that waits already keeps its place in the queue. A
// freeze is the stronger reason: it replaces a call back and is not replaced by one.
Done MarkWaiting(Transaction& tx, CaseId id, model::Event why, TimePoint now);
// Somebody has taken care of it. Only if it still waits for `why`; without, whatever it waits for.
Done EndWaiting(Transaction& tx, CaseId id, std::optional<model::Event> why = std::nullopt);
// Freezes first, then oldest first: anybody can ask for a call back in anybody's name, and a flood
// of those must not bury an owner who said "this was not me" (Law 5).
Result<std::vector<model::Case>> ListWaitingCases(Transaction& tx, int limit);

// Closes the case when it is open and waits for nobody (journaled as kCaseClosed). False: it stays
// as it is.
Result<bool> CloseCase(Transaction& tx, const StoreContext& context, CaseId id,
                       const CaseOpener& closer = {});

// The same for whatever case the account has open, after a recovery was completed: the reason for
// it is gone, unless a person is still waited for.
Done CloseCaseOf(Transaction& tx, const StoreContext& context, AccountId account_id,
                 const CaseOpener& closer = {});

// A look at a case by a member of staff, as the journal has it.
struct CaseView {
  TimePoint at;
  std::string reason;  // the entry's details: the reason that was stated, and its note
};
// The newest look of this person at this case later than `since`, if any.
Result<std::optional<CaseView>> FindCaseView(Transaction& tx, const crypto::KeyRing& keys,
                                             const model::Case& seen, StaffId staff_id,
                                             TimePoint since);

// Ends the assisted tokens of the account that are still live, when a newer one takes their place.
Done KillAssistedTokens(Transaction& tx, AccountId account_id, TimePoint now);

}  // namespace latchkey::ledger
