// SPDX-License-Identifier: Apache-2.0
// Opening a recovery and making its links and codes, for Begin's worker and for branch tokens.
#pragma once

#include <optional>

#include "services/ledger/recoveries.h"
#include "services/recovery/recovery.h"

namespace latchkey::recovery {

// The one contact that a link or code goes to: the address that was typed if it is a settled
// contact of the account, otherwise the oldest settled one that takes mail. What was typed only
// chooses among the account's own contacts; it is never sent to (attacks L01, L02, C05). A contact
// that is not settled gets nothing (A06).
Result<std::optional<model::Contact>> ChooseContact(ledger::Transaction& tx, const Parts& parts,
                                                    const model::Account& account,
                                                    const model::Identifier* typed);

Result<ledger::OpenedRecovery> OpenFor(ledger::Transaction& tx, const Parts& parts,
                                       const model::Account& account, model::Intent intent,
                                       CaseId case_id);

// Whether the contact may get one more message with a code: so many an hour, and always one when
// nothing that was sent there works any more. Of each contact, so that whoever reads one mailbox
// and keeps asking keeps nothing from the owner's other one (Law 5). Otherwise a stranger who asks
// thrice an hour would keep the owner without any message between the end of those links and the
// end of the hour (Law 5). Exact while the caller holds the recovery's row, as OpenFor leaves it.
// `case_id`: of the branch token that the code follows, which has a budget of its own; 0: none.
Result<bool> MayIssueCode(ledger::Transaction& tx, const Parts& parts,
                          const model::Account& account, const model::Contact& contact,
                          CaseId case_id);

// Enters that MayIssueCode refused, so that whoever waits for a message, and whoever helps them,
// can see why none comes. Once an hour: strangers ask as often as they like, and must not fill the
// history.
struct Withheld {
  AccountId account_id;
  model::Channel channel = model::Channel::kNone;
  CaseId case_id = {};
};
Done NoteWithheld(ledger::Transaction& tx, const Parts& parts, const Withheld& withheld);

struct IssueTo {
  const model::Account& account;
  const model::Recovery& recovery;
  const model::Contact& contact;
  CaseId case_id = {};  // of the branch token that asked for it; 0: none
};
Result<Secret> IssueCode(ledger::Transaction& tx, const Parts& parts, const IssueTo& to);
Result<Secret> IssueLink(ledger::Transaction& tx, const Parts& parts, const IssueTo& to);
// Link and code in one message to somebody whose call is over, queued to the contact.
Done SendLinkAfterCall(ledger::Transaction& tx, const Parts& parts, const IssueTo& to);
// When links and codes that are made now end: early enough for a session to follow within the
// recovery's life.
TimePoint TokenExpiry(const Parts& parts, const model::Recovery& recovery);

}  // namespace latchkey::recovery
