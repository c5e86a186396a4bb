// SPDX-License-Identifier: Apache-2.0
#include "services/recovery/issue.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "crypto/token.h"
#include "services/ledger/journal.h"
#include "services/ledger/outbox.h"
#include "services/ledger/tokens.h"
#include "services/recovery/notices.h"
#include "services/recovery/standing.h"

namespace latchkey::recovery {
namespace {

using ledger::Transaction;

ledger::NewToken TokenFor(const Parts& parts, const IssueTo& to, model::TokenPurpose purpose) {
  return {.purpose = purpose,
          .account_id = to.account.id,
          .recovery_id = to.recovery.id,
          .case_id = to.case_id,
          .contact_id = to.contact.id,
          .security_epoch = to.account.security_epoch,
          .expires_at = TokenExpiry(parts, to.recovery)};
}

}  // namespace

Result<std::optional<model::Contact>> ChooseContact(Transaction& tx, const Parts& parts,
                                                    const model::Account& account,
                                                    const model::Identifier* typed) {
  const TimePoint now = parts.store.clock.Now();
  LATCHKEY_ASSIGN(auto contacts, ledger::LoadContacts(tx, parts.store.keys, account.id));
  std::erase_if(contacts, [&](const model::Contact& contact) {
    return !TakesMail(contact) || !MayReceive(contact, account, now);
  });
  for (model::Contact& contact : contacts) {
    if (typed != nullptr && typed->kind == model::IdentifierKind::kEmail &&
        typed->text == contact.address) {
      return std::optional(std::move(contact));
    }
  }
  if (contacts.empty()) return std::optional<model::Contact>();
  return std::optional(std::move(contacts.front()));
}

Result<ledger::OpenedRecovery> OpenFor(Transaction& tx, const Parts& parts,
                                       const model::Account& account, model::Intent intent,
                                       CaseId case_id) {
  return ledger::OpenOrJoinRecovery(tx, parts.store,
                                    {.account_id = account.id,
                                     .security_epoch = account.security_epoch,
                                     .intent = intent,
                                     .case_id = case_id,
                                     .now = parts.store.clock.Now(),
                                     .lifetime = parts.rules.lifetime + parts.rules.session});
}

Result<bool> MayIssueCode(Transaction& tx, const Parts& parts, const model::Account& account,
                          const model::Contact& contact, CaseId case_id) {
  const TimePoint now = parts.store.clock.Now();
  ledger::TokenGroup sent{.account_id = account.id,
                          .purpose = model::TokenPurpose::kRecoveryCode,
                          .case_id = case_id,
                          .contact_id = contact.id};
  LATCHKEY_ASSIGN(const int64_t lately, ledger::CountTokens(tx, sent, now - std::chrono::hours(1)));
  if (lately < parts.rules.messages_per_hour) return true;
  // What strangers cannot wear out: the link; a branch token's message has only a code.
  if (!case_id) sent.purpose = model::TokenPurpose::kRecoveryLink;
  LATCHKEY_ASSIGN(const bool live, ledger::HasLiveToken(tx, sent, account.security_epoch, now));
  return !live;
}

Done NoteWithheld(Transaction& tx, const Parts& parts, const Withheld& withheld) {
  constexpr int kAmong = 100;
  LATCHKEY_ASSIGN(auto noted,
                  ledger::FindRecent(tx, parts.store.keys,
                                     {.account_id = withheld.account_id,
                                      .event = model::Event::kMessageWithheld,
                                      .staff_id = {},
                                      .case_id = withheld.case_id,
                                      .since = parts.store.clock.Now() - std::chrono::hours(1),
                                      .among = kAmong}));
  if (noted) return {};
  return ledger::Append(tx, parts.store,
                        {.account_id = withheld.account_id,
                         .event = model::Event::kMessageWithheld,
                         .channel = withheld.channel,
                         .case_id = withheld.case_id,
                         .details = "as many as an hour allows were sent, and one still worked"});
}

Result<Secret> IssueCode(Transaction& tx, const Parts& parts, const IssueTo& to) {
  Secret code = crypto::NewCode(parts.store.random, crypto::kCodeDigits);
  LATCHKEY_TRY(ledger::InsertToken(tx, parts.store,
                                   TokenFor(parts, to, model::TokenPurpose::kRecoveryCode), code));
  return code;
}

Result<Secret> IssueLink(Transaction& tx, const Parts& parts, const IssueTo& to) {
  Secret link = crypto::NewToken(parts.store.random);
  LATCHKEY_TRY(ledger::InsertToken(tx, parts.store,
                                   TokenFor(parts, to, model::TokenPurpose::kRecoveryLink), link));
  return link;
}

Done SendLinkAfterCall(Transaction& tx, const Parts& parts, const IssueTo& to) {
  LATCHKEY_ASSIGN(const Secret code, IssueCode(tx, parts, to));
  LATCHKEY_ASSIGN(const Secret link, IssueLink(tx, parts, to));
  const auto message = courier::Compose(
      {.account_id = to.account.id, .contact_id = to.contact.id, .recovery_id = to.recovery.id},
      courier::LinkAfterCall{.link_token = link,
                             .code = code,
                             .reference = to.recovery.reference,
                             .expires_at = TokenExpiry(parts, to.recovery)});
  LATCHKEY_TRY(ledger::Enqueue(tx, parts.store, message));
  return {};
}

TimePoint TokenExpiry(const Parts& parts, const model::Recovery& recovery) {
  return std::min(parts.store.clock.Now() + parts.rules.lifetime,
                  recovery.expires_at - parts.rules.session);
}

}  // namespace latchkey::recovery
