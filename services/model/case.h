// SPDX-License-Identifier: Apache-2.0
// A customer's case, and the member of staff who works on it, as plain values.
#pragma once

#include <string>

#include "services/base/clock.h"
#include "services/base/ids.h"
#include "services/model/journal.h"

namespace latchkey::model {

// One open case for an account at a time; its timeline is the account's journal (Law 15).
struct Case {
  CaseId id;
  AccountId account_id;
  std::string reference;  // "C-7K2M-9QXA", no secret
  TimePoint opened_at;
  TimePoint closed_at;          // zero: open
  TimePoint waiting_since;      // zero: nobody is waited for
  Event waiting_for = Event{};  // why a person is needed: kCallBackAsked or kFrozen
};

struct Staff {
  StaffId id;
  std::string login;
  std::string name;  // as colleagues and the journal show it
  std::string branch;
  AccountId own_account_id;  // the account that this person must never serve (Law 8); 0: none known
  TimePoint disabled_at;     // zero: in force
};

}  // namespace latchkey::model
