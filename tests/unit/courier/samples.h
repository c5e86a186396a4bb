// SPDX-License-Identifier: Apache-2.0
// A bank, and one message of each template as the outbox would give it.
#pragma once

#include <string>
#include <string_view>

#include "services/base/check.h"
#include "services/courier/bank.h"
#include "services/courier/templates.h"

namespace latchkey::courier {

inline BankOptions Harbour() {
  return {.name = "Harbour Bank",
          .portal_url = "https://access.harbour.example",
          .phone = "+49 30 1234567",
          .from_address = "access@mail.harbour.example",
          .time_zone = "Europe/Berlin"};
}

inline constexpr TimePoint kSampleTime{Millis(1'800'000'000'000)};  // 09:00 in Berlin
inline constexpr std::string_view kSampleCode = "40718263";
inline constexpr std::string_view kSampleCodeShown = "4071 8263";
inline constexpr std::string_view kSampleReference = "R-7K2M-9QXA";
// 32 bytes, and how they stand in a link.
inline constexpr std::string_view kSampleToken = "0123456789abcdefghijklmnopqrstuv";
inline constexpr std::string_view kSampleTokenShown = "MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXY";

inline ledger::NewMessage ComposeSample(std::string_view name, const Recipient& to) {
  const Secret token(kSampleToken);
  const Secret code(kSampleCode);
  const TimePoint until = kSampleTime + std::chrono::minutes(20);
  auto notice = [&](Happened what) {
    return Compose(to, Notice{.what = what,
                              .at = kSampleTime,
                              .channel = model::Channel::kBranch,
                              .reference = kSampleReference,
                              .freeze_token = token,
                              .expires_at = until});
  };
  if (name == kRecovery || name == kRecoveryUnlock || name == kRecoveryByPhone) {
    const bool unlock = name == kRecoveryUnlock;
    const bool phone = name == kRecoveryByPhone;
    return Compose(
        to, RecoveryMessage{.intent = unlock ? model::Intent::kUnlock : model::Intent::kReset,
                            .channel = phone ? model::Channel::kPhone : model::Channel::kWeb,
                            .link_token = token,
                            .code = code,
                            .reference = kSampleReference,
                            .expires_at = until});
  }
  if (name == kLinkAfterCall) {
    return Compose(
        to,
        LinkAfterCall{
            .link_token = token, .code = code, .reference = kSampleReference, .expires_at = until});
  }
  if (name == kAssistedCode) {
    return Compose(to,
                   AssistedCode{.code = code, .reference = kSampleReference, .expires_at = until});
  }
  if (name == kBranchCode) return Compose(to, BranchCode{.code = code, .expires_at = until});
  if (name == kPasswordResetNotice) return notice(Happened::kPasswordReset);
  if (name == kUnlockedNotice) return notice(Happened::kUnlocked);
  if (name == kTokenIssuedNotice) return notice(Happened::kTokenIssued);
  if (name == kFreezeLiftedNotice) return notice(Happened::kFreezeLifted);
  if (name == kFrozenNotice) {
    return Compose(to, FrozenNotice{.at = kSampleTime,
                                    .channel = model::Channel::kPhone,
                                    .reference = kSampleReference,
                                    .expires_at = until});
  }
  if (name == kPasswordsResting) {
    return Compose(to, PasswordsResting{.at = kSampleTime,
                                        .channel = model::Channel::kWeb,
                                        .until = kSampleTime + std::chrono::minutes(15),
                                        .expires_at = until});
  }
  if (name == kPasswordDisabledNotice) {
    return Compose(to,
                   PasswordDisabledNotice{
                       .at = kSampleTime, .channel = model::Channel::kWeb, .expires_at = until});
  }
  LATCHKEY_CHECK(name == kStoppedAccountHint);
  return Compose(to, StoppedAccountHint{
                         .at = kSampleTime, .reference = kSampleReference, .expires_at = until});
}

inline ledger::LeasedMessage Sample(std::string_view name) {
  const ledger::NewMessage made =
      ComposeSample(name, {.account_id = AccountId{11}, .contact_id = ContactId{12}});
  ledger::LeasedMessage message;
  message.id = MessageId{4711};
  message.account_id = made.account_id;
  message.contact_id = made.contact_id;
  message.template_name = made.template_name;
  message.values = made.values;
  message.attempts = 1;
  message.made_at = kSampleTime;
  message.expires_at = made.expires_at;
  return message;
}

}  // namespace latchkey::courier
