// SPDX-License-Identifier: Apache-2.0
#include "services/cases/attend.h"

#include <utility>

#include "crypto/token.h"

namespace latchkey::cases {

Done RefuseOwnAccount(const model::Staff& staff, AccountId account_id) {
  if (staff.own_account_id && staff.own_account_id == account_id) {
    return Fail(Reason::kOwnAccount, "staff " + staff.login + " asked for their own account");
  }
  return {};
}

Result<model::Case> FindForLooking(ledger::Transaction& tx, const model::Staff& staff,
                                   std::string_view reference) {
  auto canonical = crypto::CanonicalReference(reference);
  if (!canonical) return Malformed("case_reference", "not a reference");
  LATCHKEY_ASSIGN(auto found, ledger::FindCaseByReference(tx, *canonical));
  if (!found) return Fail(Reason::kNotFound, "no case " + *canonical);
  LATCHKEY_TRY(RefuseOwnAccount(staff, found->account_id));
  return *std::move(found);
}

Result<Attended> Attend(ledger::Transaction& tx, const ledger::StoreContext& context,
                        const model::Staff& staff, std::string_view reference) {
  Attended attended;
  LATCHKEY_ASSIGN(attended.facts, FindForLooking(tx, staff, reference));
  if (ToUnixMillis(attended.facts.closed_at) != 0)
    return Fail(Reason::kNotFound, "the case is closed");
  LATCHKEY_ASSIGN(auto look, ledger::FindCaseView(tx, context.keys, attended.facts, staff.id,
                                                  context.clock.Now() - kLookLasts));
  if (!look || look->reason == kNoReason)
    return Fail(Reason::kNotFound, "no reason was stated for this case today");
  attended.reason = std::move(look->reason);
  LATCHKEY_ASSIGN(attended.account, ledger::LoadAccount(tx, attended.facts.account_id));
  return attended;
}

}  // namespace latchkey::cases
