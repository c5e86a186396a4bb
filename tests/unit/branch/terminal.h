// SPDX-License-Identifier: Apache-2.0
// A terminal without a service: what is typed, asked and shown.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "clients/branch/presenter.h"
#include "clients/common/random.h"

namespace latchkey::branch {

inline client::Refused Refused(v1::RefusalReason reason, bool unreachable = false) {
  client::Refused refused;
  refused.refusal.set_reason(reason);
  refused.unreachable = unreachable;
  return refused;
}

inline v1::Case OpenCase() {
  v1::Case one;
  one.set_reference("C-7K2M-9QXA");
  one.set_customer_name("Ada Lovelace");
  one.set_customer_number("10000001");
  one.set_account_state(v1::ACCOUNT_STATE_ACTIVE);
  one.set_password_state(v1::PASSWORD_STATE_IN_USE);
  auto& mail = *one.add_contacts();
  mail.set_index(1);
  mail.set_kind(v1::CONTACT_KIND_EMAIL);
  mail.set_masked("a•••@example.org");
  mail.set_settled(true);
  auto& phone = *one.add_contacts();
  phone.set_index(2);
  phone.set_kind(v1::CONTACT_KIND_PHONE);
  phone.set_masked("••• 4711");
  phone.set_settled(true);
  return one;
}

class PresenterTest : public ::testing::Test {
 protected:
  PresenterTest() { last_ = presenter_.Start(); }

  void Type(const std::string& line) { last_ = presenter_.Line(line); }
  void Answer(const Reply& reply) { last_ = presenter_.Answered(reply); }
  template <typename Message>
  const Message& Asked() const {
    return std::get<Message>(last_.request.value());
  }
  bool Shown(std::string_view start) const {
    return std::any_of(last_.lines.begin(), last_.lines.end(),
                       [&](const std::string& line) { return line.starts_with(start); });
  }
  std::string Next() const { return last_.lines.empty() ? "" : last_.lines.back(); }
  void SignIn() {
    Type("tessa");
    Type("nine quiet harbours");
    Type("123 456");
    v1::SignInStaffResponse opened;
    opened.set_staff_session(std::string(32, 's'));
    opened.set_display_name("Tessa Teller");
    opened.set_idle_expires_at_unix_ms(ToUnixMillis(clock_.Now() + std::chrono::minutes(10)));
    Answer(opened);
  }
  void Find() {
    Type("find 10000001 forgot");
    Answer(OpenCase());
  }

  ManualClock clock_;
  client::SystemRandom random_;
  Presenter presenter_{clock_, random_};
  Turn last_;
};

}  // namespace latchkey::branch
