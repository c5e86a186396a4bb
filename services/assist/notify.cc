// SPDX-License-Identifier: Apache-2.0
#include "services/assist/notify.h"

#include <set>
#include <string>

#include "crypto/token.h"
#include "services/ledger/journal.h"
#include "services/ledger/outbox.h"
#include "services/ledger/tokens.h"
#include "services/model/canonical.h"
#include "services/recovery/notices.h"

namespace latchkey::assist {

Done TellEverybody(ledger::Transaction& tx, const ledger::StoreContext& context, const Rules& rules,
                   const cases::Attended& attended, courier::Happened what) {
  const TimePoint now = context.clock.Now();
  const TimePoint expires_at = now + rules.notice_lifetime;
  const AccountId account_id = attended.account.id;
  LATCHKEY_ASSIGN(const auto contacts, ledger::LoadContacts(tx, context.keys, account_id,
                                                            now - rules.replaced_contacts_told));
  std::set<std::string> told;  // an address that was removed and came back is told once
  for (const model::Contact& contact : contacts) {
    if (!recovery::TakesMail(contact) || !told.insert(contact.address).second) continue;
    const Secret freeze_token = crypto::NewToken(context.random);
    LATCHKEY_TRY(ledger::InsertToken(tx, context,
                                     {.purpose = model::TokenPurpose::kFreezeLink,
                                      .account_id = account_id,
                                      .case_id = attended.facts.id,
                                      .contact_id = contact.id,
                                      .security_epoch = attended.account.security_epoch,
                                      .expires_at = expires_at},
                                     freeze_token));
    const auto message = courier::Compose(
        {.account_id = account_id, .contact_id = contact.id, .case_id = attended.facts.id},
        courier::Notice{.what = what,
                        .at = now,
                        .channel = model::Channel::kBranch,
                        .reference = attended.facts.reference,
                        .freeze_token = freeze_token,
                        .expires_at = expires_at});
    LATCHKEY_TRY(ledger::Enqueue(tx, context, message));
    LATCHKEY_TRY(ledger::Append(tx, context,
                                {.account_id = account_id,
                                 .event = model::Event::kMessageQueued,
                                 .case_id = attended.facts.id,
                                 .details = message.template_name + " to " +
                                            model::MaskContact(contact.kind, contact.address)}));
  }
  return {};
}

}  // namespace latchkey::assist
