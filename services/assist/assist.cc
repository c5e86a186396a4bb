// SPDX-License-Identifier: Apache-2.0
#include "services/assist/assist.h"

#include "crypto/digest.h"
#include "crypto/totp.h"
#include "services/hotstate/spend.h"
#include "services/ledger/journal.h"

namespace latchkey::assist {

Assist::Assist(ledger::Ledger& ledger, const ledger::StoreContext& context,
               hotstate::HotState& hot_state, signin::GuessGate& gate, signin::HashSlots& slots,
               cases::Cases& cases, const Rules& rules)
    : ledger_(ledger),
      context_(context),
      hot_state_(hot_state),
      gate_(gate),
      slots_(slots),
      cases_(cases),
      rules_(rules),
      nobodys_totp_key_(context.random.Take(crypto::kTotpKeyBytes)) {}

Done Assist::TakeFrom(const Allowance& allowance, std::string_view what, int64_t whose) {
  const Bytes key = crypto::Digest({"latchkey assist allowance v1"}, {what, crypto::Part(whose)});
  return hotstate::Spend(
      hot_state_, {{.key = key, .capacity = allowance.capacity, .refill = allowance.refill}},
      "the allowance of " + std::string(what) + " is used up", context_.clock.Now());
}

Done Assist::JournalOwnAccount(const model::Staff& staff) {
  LATCHKEY_CHECK(staff.own_account_id);
  LATCHKEY_TRY(TakeFrom(rules_.finds, "refused finds", staff.id.value));
  return ledger_.Commit([&](ledger::Transaction& tx) {
    return ledger::Append(tx, context_,
                          {.account_id = staff.own_account_id,
                           .event = model::Event::kStaffViewed,
                           .channel = model::Channel::kBranch,
                           .staff_id = staff.id,
                           .details = "refused: own account"});
  });
}

std::string_view Words(StatedReason reason) {
  switch (reason) {
    case StatedReason::kForgotPassword:
      return "forgot password";
    case StatedReason::kLocked:
      return "locked";
    case StatedReason::kSuspiciousActivity:
      return "suspicious activity";
    case StatedReason::kCallBack:
      return "call back";
    case StatedReason::kOther:
      return "other";
  }
  LATCHKEY_CHECK(false);
}

std::string_view Words(DocumentKind kind) {
  switch (kind) {
    case DocumentKind::kPassport:
      return "passport";
    case DocumentKind::kIdentityCard:
      return "identity card";
    case DocumentKind::kDrivingLicence:
      return "driving licence";
    case DocumentKind::kResidencePermit:
      return "residence permit";
  }
  LATCHKEY_CHECK(false);
}

}  // namespace latchkey::assist
