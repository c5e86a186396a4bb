// SPDX-License-Identifier: Apache-2.0
#include "services/rpc/case_answer.h"

namespace latchkey::rpc {
namespace {

v1::AccountState ToWire(model::AccountState state) {
  switch (state) {
    case model::AccountState::kActive:
      return v1::ACCOUNT_STATE_ACTIVE;
    case model::AccountState::kFrozen:
      return v1::ACCOUNT_STATE_FROZEN;
    case model::AccountState::kClosed:
      return v1::ACCOUNT_STATE_CLOSED;
  }
  return v1::ACCOUNT_STATE_UNSPECIFIED;
}

v1::PasswordState ToWire(model::PasswordState state) {
  switch (state) {
    case model::PasswordState::kNone:
      return v1::PASSWORD_STATE_NONE;
    case model::PasswordState::kInUse:
      return v1::PASSWORD_STATE_IN_USE;
    case model::PasswordState::kDisabled:
      return v1::PASSWORD_STATE_DISABLED;
  }
  return v1::PASSWORD_STATE_UNSPECIFIED;
}

v1::ContactKind ToWire(model::ContactKind kind) {
  return kind == model::ContactKind::kEmail ? v1::CONTACT_KIND_EMAIL : v1::CONTACT_KIND_PHONE;
}

}  // namespace

void FillCase(const cases::View& view, v1::Case& answer) {
  answer.set_reference(view.facts.reference);
  answer.set_customer_name(view.customer_name);
  answer.set_customer_number(view.customer_number);
  answer.set_account_state(ToWire(view.account_state));
  answer.set_sign_in_resting(ToUnixMillis(view.resting_until) != 0);
  answer.set_resting_until_unix_ms(ToUnixMillis(view.resting_until));
  for (const cases::SeenContact& contact : view.contacts) {
    v1::Contact& out = *answer.add_contacts();
    out.set_index(contact.index);
    out.set_kind(ToWire(contact.kind));
    out.set_masked(contact.masked);
    out.set_settled(contact.settled);
  }
  for (const cases::TimelineEntry& entry : view.timeline) {
    v1::TimelineEntry& out = *answer.add_timeline();
    out.mutable_activity()->set_at_unix_ms(ToUnixMillis(entry.at));
    // The numbers of model::Event and ActivityKind, and of both Channels, are the same by contract.
    out.mutable_activity()->set_kind(static_cast<v1::ActivityKind>(entry.event));
    out.mutable_activity()->set_channel(static_cast<v1::Channel>(entry.channel));
    out.set_by(entry.by);
    out.set_text(entry.text);
  }
  answer.set_document_inspected(view.document_inspected);
  answer.set_code_checked(view.code_checked);
  answer.set_may_issue_token(view.may_issue_token);
  answer.set_waiting_for_person(ToUnixMillis(view.facts.waiting_since) != 0);
  answer.set_closed(ToUnixMillis(view.facts.closed_at) != 0);
  answer.set_open_recovery(view.open_recovery);
  answer.set_password_state(ToWire(view.password_state));
}

}  // namespace latchkey::rpc
