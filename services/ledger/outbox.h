// SPDX-License-Identifier: Apache-2.0
// Messages that wait to be sent, written in the transaction that decides them (Laws 2, 9, 11).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/base/result.h"
#include "services/ledger/accounts.h"
#include "services/ledger/ledger.h"
#include "services/model/account.h"

namespace latchkey::ledger {

// Numbers are stored.
enum class MessageState { kQueued = 1, kAccepted = 2, kSetAside = 3, kOvertaken = 4 };

// What the courier's templates know; the names are those of services/courier/templates.h.
struct NewMessage {
  AccountId account_id;
  ContactId contact_id = {};
  RecoveryId recovery_id = {};
  CaseId case_id = {};
  std::string template_name;
  // Values for the template, sealed in the outbox as one payload: codes and link tokens among them.
  std::map<std::string, std::string> values = {};
  TimePoint expires_at;  // after this it is of no use and is not sent
};
Result<MessageId> Enqueue(Transaction& tx, const StoreContext& context, const NewMessage& message);

// Whether a message of this template was queued for the account after `since`, whatever became of
// it. Those that ended are known for as long as SweepMessages leaves them.
Result<bool> WasEnqueued(Transaction& tx, AccountId account_id, std::string_view template_name,
                         TimePoint since);

struct LeasedMessage {
  MessageId id;
  AccountId account_id;
  ContactId contact_id;
  RecoveryId recovery_id;
  CaseId case_id;
  std::string template_name;
  std::map<std::string, std::string> values;
  std::string unreadable = {};  // why the payload cannot be opened; empty: it was
  int64_t attempts = 0;         // this one included
  int64_t unanswered = 0;       // of those before: a relay had it and gave no answer
  TimePoint made_at;
  TimePoint expires_at;
};
// Takes up to `limit` due messages for `lease`: no other worker gets them before it ends. Attempts
// are counted here. Expired ones too: who takes them ends them and says so in the journal.
Result<std::vector<LeasedMessage>> LeaseMessages(Transaction& tx, const StoreContext& context,
                                                 int limit, Millis lease);
// Ends a message and shreds its payload; false when it had ended: whoever did that said so already.
Result<bool> EndMessage(Transaction& tx, MessageId id, MessageState state, TimePoint now,
                        const std::string& last_error);
enum class LastTry { kNotTaken, kUnanswered };
Done PostponeMessage(Transaction& tx, MessageId id, TimePoint next_at, LastTry last_try,
                     const std::string& last_error);
// Undoes the lease of a message that nobody began to send: it is due now and no attempt counts.
Done GiveBackMessage(Transaction& tx, const LeasedMessage& message, TimePoint now);

// Removes at most `limit` messages that ended before `ended_before`; returns how many.
Result<int64_t> SweepMessages(Transaction& tx, TimePoint ended_before, int limit);

struct OutboxCounts {
  int64_t waiting = 0;
  int64_t set_aside = 0;
};
Result<OutboxCounts> CountOutbox(Transaction& tx);

}  // namespace latchkey::ledger
