// SPDX-License-Identifier: Apache-2.0
#include "services/recovery/notices.h"

#include <set>
#include <utility>
#include <vector>

#include "crypto/token.h"
#include "services/ledger/outbox.h"
#include "services/ledger/tokens.h"

namespace latchkey::recovery {
namespace {

using ledger::Transaction;

// Whom to tell: each address once, though it was removed and came back.
Result<std::vector<model::Contact>> Addressees(Transaction& tx, const ledger::StoreContext& store,
                                               const NoticeRules& rules, AccountId account_id) {
  const TimePoint since = store.clock.Now() - rules.removed_contact_told;
  LATCHKEY_ASSIGN(auto contacts, ledger::LoadContacts(tx, store.keys, account_id, since));
  std::set<std::string> seen;
  std::erase_if(contacts, [&](const model::Contact& contact) {
    return !TakesMail(contact) || !seen.insert(contact.address).second;
  });
  return contacts;
}

courier::Recipient RecipientOf(const Deed& deed, const model::Contact& contact) {
  return {.account_id = deed.account_id,
          .contact_id = contact.id,
          .recovery_id = deed.recovery_id,
          .case_id = deed.case_id};
}

// The same words to each address.
template <typename Message>
Done TellEach(Transaction& tx, const Parts& parts, const Deed& deed, const Message& message) {
  LATCHKEY_ASSIGN(auto contacts, Addressees(tx, parts.store, parts.rules.notices, deed.account_id));
  for (const model::Contact& contact : contacts) {
    LATCHKEY_TRY(
        ledger::Enqueue(tx, parts.store, courier::Compose(RecipientOf(deed, contact), message)));
  }
  return {};
}

}  // namespace

Done TellEverybody(Transaction& tx, const ledger::StoreContext& store, const NoticeRules& rules,
                   courier::Happened what, const Deed& deed) {
  const TimePoint now = store.clock.Now();
  const TimePoint expires_at = now + rules.freeze_link;
  LATCHKEY_ASSIGN(auto contacts, Addressees(tx, store, rules, deed.account_id));
  for (const model::Contact& contact : contacts) {
    const Secret token = crypto::NewToken(store.random);
    LATCHKEY_TRY(ledger::InsertToken(tx, store,
                                     {.purpose = model::TokenPurpose::kFreezeLink,
                                      .account_id = deed.account_id,
                                      .recovery_id = deed.recovery_id,
                                      .case_id = deed.case_id,
                                      .contact_id = contact.id,
                                      .security_epoch = deed.security_epoch,
                                      .expires_at = expires_at},
                                     token));
    const auto message =
        courier::Compose(RecipientOf(deed, contact), courier::Notice{.what = what,
                                                                     .at = now,
                                                                     .channel = deed.channel,
                                                                     .reference = deed.reference,
                                                                     .freeze_token = token,
                                                                     .expires_at = expires_at});
    LATCHKEY_TRY(ledger::Enqueue(tx, store, message));
  }
  return {};
}

Done TellFrozen(Transaction& tx, const Parts& parts, const Deed& deed) {
  const TimePoint now = parts.store.clock.Now();
  return TellEach(tx, parts, deed,
                  courier::FrozenNotice{.at = now,
                                        .channel = deed.channel,
                                        .reference = deed.reference,
                                        .expires_at = now + parts.rules.notices.useful});
}

Done TellResting(Transaction& tx, const Parts& parts, const Rest& rest) {
  return TellEach(tx, parts, {.account_id = rest.account_id, .reference = {}},
                  courier::PasswordsResting{.at = rest.since,
                                            .channel = rest.channel,
                                            .until = rest.until,
                                            .expires_at = rest.since + parts.rules.notices.useful});
}

Done TellPasswordDisabled(Transaction& tx, const Parts& parts, AccountId account_id,
                          model::Channel channel, TimePoint at) {
  return TellEach(tx, parts, {.account_id = account_id, .reference = {}},
                  courier::PasswordDisabledNotice{
                      .at = at, .channel = channel, .expires_at = at + parts.rules.notices.useful});
}

}  // namespace latchkey::recovery
