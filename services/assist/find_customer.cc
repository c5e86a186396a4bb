// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <utility>

#include "services/assist/assist.h"
#include "services/cases/attend.h"
#include "services/ledger/cases.h"
#include "services/ledger/journal.h"
#include "services/model/canonical.h"

namespace latchkey::assist {
namespace {

struct Looked {
  CaseId case_id;
  std::optional<Failure> refused;  // journaled all the same, so it travels beside the commit
};

std::string ReasonAndNote(const Find& find) {
  std::string text(Words(find.reason));
  if (!find.note.empty()) text.append(": ").append(find.note);
  return text;
}

}  // namespace

Result<cases::View> Assist::FindCustomer(const model::Staff& staff, const Find& find) {
  if (find.note.empty() && find.reason == StatedReason::kOther)
    return Malformed("note", "needed for this reason");
  if (!find.note.empty()) LATCHKEY_TRY(cases::CheckNote("note", find.note));
  auto number = model::CanonicalOf(model::IdentifierKind::kCustomerNumber, find.customer_number);
  if (!number.ok()) return Malformed("customer_number", number.failure().detail);
  // Exact numbers only, and so many an hour: staff cannot browse customers (attack A07).
  LATCHKEY_TRY(TakeFrom(rules_.finds, "finds", staff.id.value));

  LATCHKEY_ASSIGN(
      const Looked looked, ledger_.Transact([&](ledger::Transaction& tx) -> Result<Looked> {
        Looked result;
        model::Entry entry{.event = model::Event::kStaffViewed,
                           .channel = model::Channel::kBranch,
                           .staff_id = staff.id,
                           .details = ReasonAndNote(find)};
        LATCHKEY_ASSIGN(auto account_id, ledger::FindAccount(tx, context_.keys, *number));
        if (!account_id) {
          result.refused = Fail(Reason::kNotFound, "no customer has this number");
          entry.details = result.refused->detail;
        } else {
          LATCHKEY_TRY(cases::RefuseOwnAccount(staff, *account_id));
          LATCHKEY_ASSIGN(auto joined, ledger::OpenOrJoinCase(tx, context_, *account_id,
                                                              {.channel = model::Channel::kBranch,
                                                               .staff_id = staff.id}));
          entry.account_id = *account_id;
          entry.case_id = result.case_id = joined.id;
        }
        LATCHKEY_TRY(ledger::Append(tx, context_, entry));
        return result;
      }));
  if (looked.refused) return *looked.refused;
  return cases_.Read(looked.case_id);
}

}  // namespace latchkey::assist
