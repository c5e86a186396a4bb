// SPDX-License-Identifier: Apache-2.0
// A customer's case as any authorised member of staff sees it (Law 15), and what may be done on it
// without proof.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "services/base/result.h"
#include "services/cases/repeat.h"
#include "services/ledger/accounts.h"
#include "services/ledger/ledger.h"
#include "services/model/account.h"
#include "services/model/case.h"
#include "services/signin/guess.h"

namespace latchkey::cases {

struct SeenContact {
  uint32_t index = 0;  // from 1, oldest first: how staff name it
  model::ContactKind kind = model::ContactKind::kEmail;
  std::string masked;
  bool settled = false;  // old enough to count as proof
};

struct TimelineEntry {
  TimePoint at;
  model::Event event = model::Event::kNote;
  model::Channel channel = model::Channel::kNone;
  std::string by;    // display name of the member of staff; empty: the customer or the service
  std::string text;  // a note, a reason, a contact's mask, a message's template
};

// Everything that staff may know. Holds no secret and no full address (attack A04).
struct View {
  model::Case facts;
  std::string customer_name;
  std::string customer_number;
  model::AccountState account_state = model::AccountState::kActive;
  TimePoint resting_until;  // of sign-in by password; zero: not resting
  model::PasswordState password_state = model::PasswordState::kNone;
  std::vector<SeenContact> contacts;
  std::vector<TimelineEntry> timeline;  // newest first, at most 100
  bool document_inspected = false;
  bool code_checked = false;
  bool may_issue_token = false;
  bool open_recovery = false;
};

inline constexpr size_t kLongestNote = 2000;  // bytes
inline constexpr int kLongestTimeline = 100;
inline constexpr size_t kLongestWaitingList = 50;

struct WaitingList {
  std::vector<model::Case> cases;
  bool more = false;  // others wait behind these
};

// A note as it is kept: 1 to kLongestNote bytes of UTF-8 without control and bidi characters,
// except line ends. kMalformed names `field`.
Done CheckNote(std::string_view field, std::string_view text);

// Threads: any. Lives as long as the process. Whoever calls has checked the staff session
// (services/assist).
class Cases {
 public:
  Cases(ledger::Ledger& ledger, const ledger::StoreContext& context, signin::GuessGate& gate)
      : ledger_(ledger), context_(context), gate_(gate) {}

  // The whole case, for somebody who was let in already. Writes nothing.
  Result<View> Read(CaseId id);
  // The case by its reference, open or closed. Journaled as a look. kNotFound, kOwnAccount.
  Result<View> Get(const model::Staff& staff, std::string_view reference);
  // Adds a note; a call back that was waited for is thereby taken care of. The same request again
  // is the same note. kMalformed, kNotFound, kOwnAccount; kConflict: the key was used for another.
  Result<View> AddNote(const model::Staff& staff, const Act& act, std::string_view text);
  // Cases that wait for a person, frozen accounts first and then the oldest, without the person's
  // own.
  Result<WaitingList> ListWaiting(const model::Staff& staff);

 private:
  ledger::Ledger& ledger_;
  const ledger::StoreContext context_;
  signin::GuessGate& gate_;
};

}  // namespace latchkey::cases
