// SPDX-License-Identifier: Apache-2.0
#include "services/courier/templates.h"

#include <cstdint>
#include <string>

#include "crypto/token.h"
#include "services/base/check.h"

namespace latchkey::courier {
namespace {

ledger::NewMessage Blank(const Recipient& to, std::string_view name, TimePoint expires_at) {
  ledger::NewMessage message;
  message.account_id = to.account_id;
  message.contact_id = to.contact_id;
  message.recovery_id = to.recovery_id;
  message.case_id = to.case_id;
  message.template_name = name;
  message.expires_at = expires_at;
  return message;
}

void Put(ledger::NewMessage& message, std::string_view name, std::string value) {
  message.values.emplace(name, std::move(value));
}

void PutToken(ledger::NewMessage& message, std::string_view name, const Secret& token) {
  LATCHKEY_CHECK(token.size() == crypto::kTokenBytes);
  Put(message, name, crypto::ToBase64Url(token.Reveal()));
}

void PutCode(ledger::NewMessage& message, const Secret& code) {
  LATCHKEY_CHECK(crypto::IsCode(code.Reveal(), code.size()) && code.size() >= crypto::kCodeDigits);
  Put(message, kCode, std::string(code.Reveal()));
}

void PutTime(ledger::NewMessage& message, std::string_view name, TimePoint time) {
  Put(message, name, std::to_string(ToUnixMillis(time)));
}

void PutReference(ledger::NewMessage& message, std::string_view reference) {
  if (!reference.empty()) Put(message, kReference, std::string(reference));
}

void PutLinkAndCode(ledger::NewMessage& made, const auto& message) {
  PutToken(made, kLinkToken, message.link_token);
  PutCode(made, message.code);
  PutTime(made, kCodeUntil, message.expires_at);
  PutReference(made, message.reference);
}

void PutEvent(ledger::NewMessage& message, TimePoint at, model::Channel channel) {
  PutTime(message, kAt, at);
  Put(message, kChannel, std::to_string(static_cast<int>(channel)));
}

std::string_view NameOf(const RecoveryMessage& message) {
  if (message.intent == model::Intent::kUnlock) return kRecoveryUnlock;
  return message.channel == model::Channel::kPhone ? kRecoveryByPhone : kRecovery;
}

std::string_view NameOf(Happened what) {
  switch (what) {
    case Happened::kPasswordReset:
      return kPasswordResetNotice;
    case Happened::kUnlocked:
      return kUnlockedNotice;
    case Happened::kTokenIssued:
      return kTokenIssuedNotice;
    case Happened::kFreezeLifted:
      return kFreezeLiftedNotice;
  }
  LATCHKEY_CHECK(false);
}

}  // namespace

ledger::NewMessage Compose(const Recipient& to, const RecoveryMessage& message) {
  auto made = Blank(to, NameOf(message), message.expires_at);
  PutLinkAndCode(made, message);
  return made;
}

ledger::NewMessage Compose(const Recipient& to, const LinkAfterCall& message) {
  auto made = Blank(to, kLinkAfterCall, message.expires_at);
  PutLinkAndCode(made, message);
  return made;
}

ledger::NewMessage Compose(const Recipient& to, const AssistedCode& message) {
  auto made = Blank(to, kAssistedCode, message.expires_at);
  PutCode(made, message.code);
  PutTime(made, kCodeUntil, message.expires_at);
  PutReference(made, message.reference);
  return made;
}

ledger::NewMessage Compose(const Recipient& to, const BranchCode& message) {
  auto made = Blank(to, kBranchCode, message.expires_at);
  PutCode(made, message.code);
  PutTime(made, kCodeUntil, message.expires_at);
  return made;
}

ledger::NewMessage Compose(const Recipient& to, const Notice& message) {
  auto made = Blank(to, NameOf(message.what), message.expires_at);
  PutEvent(made, message.at, message.channel);
  PutReference(made, message.reference);
  PutToken(made, kFreezeToken, message.freeze_token);
  return made;
}

ledger::NewMessage Compose(const Recipient& to, const FrozenNotice& message) {
  auto made = Blank(to, kFrozenNotice, message.expires_at);
  PutEvent(made, message.at, message.channel);
  PutReference(made, message.reference);
  return made;
}

ledger::NewMessage Compose(const Recipient& to, const StoppedAccountHint& message) {
  auto made = Blank(to, kStoppedAccountHint, message.expires_at);
  PutEvent(made, message.at, model::Channel::kNone);
  PutReference(made, message.reference);
  return made;
}

ledger::NewMessage Compose(const Recipient& to, const PasswordsResting& message) {
  auto made = Blank(to, kPasswordsResting, message.expires_at);
  PutEvent(made, message.at, message.channel);
  // Mails tell minutes: within the one that the rest ends in, the right password is still refused.
  PutTime(made, kRestsUntil, std::chrono::ceil<std::chrono::minutes>(message.until));
  return made;
}

ledger::NewMessage Compose(const Recipient& to, const PasswordDisabledNotice& message) {
  auto made = Blank(to, kPasswordDisabledNotice, message.expires_at);
  PutEvent(made, message.at, message.channel);
  return made;
}

}  // namespace latchkey::courier
