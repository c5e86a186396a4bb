// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "crypto/token.h"
#include "services/assist/assist.h"
#include "services/cases/attend.h"
#include "services/courier/templates.h"
#include "services/ledger/journal.h"
#include "services/ledger/outbox.h"
#include "services/ledger/tokens.h"
#include "services/model/canonical.h"
#include "services/proof/rule_pack.h"
#include "services/recovery/notices.h"

namespace latchkey::assist {
namespace {

// The contact that staff named, if it counts as proof.
Result<model::Contact> SettledContact(ledger::Transaction& tx, const ledger::StoreContext& context,
                                      const model::Account& account, uint32_t index) {
  LATCHKEY_ASSIGN(auto contacts, ledger::LoadContacts(tx, context.keys, account.id));
  if (index == 0 || index > contacts.size()) return Fail(Reason::kNotFound, "no such contact");
  model::Contact& contact = contacts[index - 1];
  if (!recovery::TakesMail(contact)) return Fail(Reason::kNotFound, "messages go out by mail only");
  if (!proof::IsSettled(contact, account.made_at, proof::PackNamed(account.pack),
                        context.clock.Now())) {
    return Fail(Reason::kMoreProof, "the contact was added too recently");
  }
  return std::move(contact);
}

}  // namespace

Result<cases::View> Assist::SendCode(const model::Staff& staff, const cases::Act& act,
                                     uint32_t contact_index) {
  const std::string about = std::to_string(contact_index);
  const cases::Named named{.method = "SendCode", .act = act, .about = about};
  const auto act_once = [&]() -> Result<CaseId> {
    // Looked at first, so that only a message that will be sent takes from the address's allowance.
    LATCHKEY_ASSIGN(
        const ContactId asked, ledger_.Query([&](ledger::Transaction& tx) -> Result<ContactId> {
          LATCHKEY_ASSIGN(const auto attended,
                          cases::Attend(tx, context_, staff, act.case_reference));
          LATCHKEY_ASSIGN(const auto contact,
                          SettledContact(tx, context_, attended.account, contact_index));
          return contact.id;
        }));
    LATCHKEY_TRY(TakeFrom(rules_.codes, "codes", asked.value));

    const Secret code = crypto::NewCode(context_.random, crypto::kCodeDigits);
    return ledger_.Transact([&](ledger::Transaction& tx) -> Result<CaseId> {
      LATCHKEY_ASSIGN(const auto attended, cases::Attend(tx, context_, staff, act.case_reference));
      LATCHKEY_ASSIGN(const auto contact,
                      SettledContact(tx, context_, attended.account, contact_index));
      if (contact.id != asked) return Fail(Reason::kNotFound, "the contacts changed meanwhile");
      LATCHKEY_TRY(cases::Keep(tx, context_, staff, attended.facts.id, named));
      const TimePoint expires_at = context_.clock.Now() + rules_.code_lifetime;
      LATCHKEY_TRY(ledger::InsertToken(tx, context_,
                                       {.purpose = model::TokenPurpose::kBranchCode,
                                        .account_id = attended.account.id,
                                        .case_id = attended.facts.id,
                                        .contact_id = contact.id,
                                        .security_epoch = attended.account.security_epoch,
                                        .expires_at = expires_at},
                                       code));
      LATCHKEY_TRY(ledger::Enqueue(
          tx, context_,
          courier::Compose({.account_id = attended.account.id,
                            .contact_id = contact.id,
                            .case_id = attended.facts.id},
                           courier::BranchCode{.code = code, .expires_at = expires_at})));
      LATCHKEY_TRY(ledger::Append(tx, context_,
                                  {.account_id = attended.account.id,
                                   .event = model::Event::kMessageQueued,
                                   .channel = model::Channel::kBranch,
                                   .staff_id = staff.id,
                                   .case_id = attended.facts.id,
                                   .details = std::string(courier::kBranchCode) + " to " +
                                              model::MaskContact(contact.kind, contact.address)}));
      return attended.facts.id;
    });
  };
  LATCHKEY_ASSIGN(const CaseId id, cases::Once(ledger_, context_, staff, named, act_once));
  return cases_.Read(id);
}

}  // namespace latchkey::assist
