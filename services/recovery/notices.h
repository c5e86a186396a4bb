// SPDX-License-Identifier: Apache-2.0
// Telling everybody what was done, in the transaction that does it (Laws 2, 9).
#pragma once

#include <string>

#include "services/courier/templates.h"
#include "services/recovery/recovery.h"

namespace latchkey::recovery {

// Messages go out by mail. A telephone number is told nothing here: reading a notice aloud to
// whoever picks up would tell a stranger.
inline bool TakesMail(const model::Contact& contact) {
  return contact.kind == model::ContactKind::kEmail;
}

struct Deed {
  AccountId account_id;
  int64_t security_epoch = 0;  // the one in force once the transaction ends
  RecoveryId recovery_id = {};
  CaseId case_id = {};
  std::string reference;
  model::Channel channel = model::Channel::kNone;
};
// One notice to each address of the account, those that were removed of late too; each with its own
// link that freezes the account. The links outlive the recovery and die by use, by a freeze and by
// time.
Done TellEverybody(ledger::Transaction& tx, const ledger::StoreContext& store,
                   const NoticeRules& rules, courier::Happened what, const Deed& deed);
// One notice to each address that the account is frozen.
Done TellFrozen(ledger::Transaction& tx, const Parts& parts, const Deed& deed);

struct Rest {
  AccountId account_id;
  model::Channel channel = model::Channel::kNone;  // of the last wrong password
  TimePoint since, until;
};
// One notice to each address that wrong passwords made passwords rest. It carries no link that
// freezes: nobody got in, and strangers who guess must not bring owners to shut themselves out
// (Law 5).
Done TellResting(ledger::Transaction& tx, const Parts& parts, const Rest& rest);
// The same when they disabled it; `at` is when.
Done TellPasswordDisabled(ledger::Transaction& tx, const Parts& parts, AccountId account_id,
                          model::Channel channel, TimePoint at);

}  // namespace latchkey::recovery
