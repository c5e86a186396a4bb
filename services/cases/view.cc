// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "services/cases/attend.h"
#include "services/cases/cases.h"
#include "services/cases/presence.h"
#include "services/ledger/cases.h"
#include "services/ledger/journal.h"
#include "services/ledger/recoveries.h"
#include "services/ledger/staff.h"
#include "services/model/canonical.h"
#include "services/proof/rule_pack.h"

namespace latchkey::cases {
namespace {

std::vector<SeenContact> Masked(const std::vector<model::Contact>& contacts,
                                const model::Account& account, TimePoint now) {
  const proof::RulePack& pack = proof::PackNamed(account.pack);
  std::vector<SeenContact> seen;
  seen.reserve(contacts.size());
  for (const model::Contact& contact : contacts) {
    seen.push_back({.index = static_cast<uint32_t>(seen.size() + 1),
                    .kind = contact.kind,
                    .masked = model::MaskContact(contact.kind, contact.address),
                    .settled = proof::IsSettled(contact, account.made_at, pack, now)});
  }
  return seen;
}

Result<std::vector<TimelineEntry>> Timeline(ledger::Transaction& tx,
                                            const ledger::StoreContext& context,
                                            AccountId account_id) {
  LATCHKEY_ASSIGN(auto lines, ledger::LoadRecent(tx, context.keys, account_id, kLongestTimeline));
  std::vector<StaffId> ids;
  ids.reserve(lines.size());
  for (const model::JournalLine& line : lines) ids.push_back(line.entry.staff_id);
  LATCHKEY_ASSIGN(auto names, ledger::LoadStaffNames(tx, ids));
  std::vector<TimelineEntry> timeline;
  for (model::JournalLine& line : lines) {
    auto name = names.find(line.entry.staff_id);
    timeline.push_back({.at = line.at,
                        .event = line.entry.event,
                        .channel = line.entry.channel,
                        .by = name == names.end() ? std::string() : name->second,
                        .text = std::move(line.entry.details)});
  }
  return timeline;
}

struct Sheet {
  View view;
  model::Account account;
};

// All that the ledger knows, in one consistent state.
Result<Sheet> LoadSheet(ledger::Transaction& tx, const ledger::StoreContext& context, CaseId id) {
  const TimePoint now = context.clock.Now();
  Sheet sheet;
  View& view = sheet.view;
  LATCHKEY_ASSIGN(view.facts, ledger::LoadCase(tx, id));
  const AccountId account_id = view.facts.account_id;
  LATCHKEY_ASSIGN(sheet.account, ledger::LoadAccount(tx, account_id));
  view.account_state = sheet.account.state;
  LATCHKEY_ASSIGN(view.customer_name, ledger::LoadName(tx, context.keys, account_id));
  LATCHKEY_ASSIGN(auto identifiers, ledger::LoadIdentifiers(tx, context.keys, account_id));
  for (const model::Identifier& identifier : identifiers) {
    if (identifier.kind == model::IdentifierKind::kCustomerNumber)
      view.customer_number = identifier.text;
  }
  LATCHKEY_ASSIGN(auto contacts, ledger::LoadContacts(tx, context.keys, account_id));
  view.contacts = Masked(contacts, sheet.account, now);
  LATCHKEY_ASSIGN(view.timeline, Timeline(tx, context, account_id));
  LATCHKEY_ASSIGN(const Presence presence,
                  LoadPresence(tx, context.keys, sheet.account, view.facts, now));
  view.document_inspected = presence.document_inspected;
  view.code_checked = presence.code_checked;
  view.may_issue_token = presence.both() && view.account_state == model::AccountState::kActive &&
                         ToUnixMillis(view.facts.closed_at) == 0;
  LATCHKEY_ASSIGN(auto password, ledger::FindAuthenticator(tx, context.keys, account_id,
                                                           model::AuthenticatorKind::kPassword));
  view.password_state = model::StateOf(password);
  LATCHKEY_ASSIGN(auto live, ledger::FindLiveRecovery(tx, account_id, now));
  view.open_recovery = live.has_value();
  return sheet;
}

}  // namespace

Result<View> Cases::Read(CaseId id) {
  LATCHKEY_ASSIGN(auto sheet, ledger_.Query([&](ledger::Transaction& tx) {
    return LoadSheet(tx, context_, id);
  }));
  // Outside the transaction: the hot state may be the same database. Whether sign-in rests is good
  // to know and no reason to withhold the case, so an engine that is away costs this one line only.
  auto lane = gate_.Peek(signin::Subject::Customer(sheet.account), signin::SecretKind::kPassword);
  if (lane.ok() && lane->rests_until > context_.clock.Now())
    sheet.view.resting_until = lane->rests_until;
  return std::move(sheet.view);
}

Result<View> Cases::Get(const model::Staff& staff, std::string_view reference) {
  LATCHKEY_ASSIGN(const CaseId id, ledger_.Transact([&](ledger::Transaction& tx) -> Result<CaseId> {
    LATCHKEY_ASSIGN(const model::Case facts, FindForLooking(tx, staff, reference));
    const TimePoint now = context_.clock.Now();
    LATCHKEY_ASSIGN(auto same,
                    ledger::FindCaseView(tx, context_.keys, facts, staff.id, now - kSameLook));
    if (same) return facts.id;
    // The reason: what this person said today, or that the case itself asks for somebody.
    LATCHKEY_ASSIGN(auto today,
                    ledger::FindCaseView(tx, context_.keys, facts, staff.id, now - kLookLasts));
    const bool waits = ToUnixMillis(facts.waiting_since) != 0;
    LATCHKEY_TRY(ledger::Append(
        tx, context_,
        {.account_id = facts.account_id,
         .event = model::Event::kStaffViewed,
         .channel = model::Channel::kBranch,
         .staff_id = staff.id,
         .case_id = facts.id,
         .details = today ? today->reason
                          : std::string(waits ? "picked up from the waiting list" : kNoReason)}));
    return facts.id;
  }));
  return Read(id);
}

}  // namespace latchkey::cases
