// SPDX-License-Identifier: Apache-2.0
// A desk in a branch, for the tests of staff: the small bank, the use cases, and the post.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/token.h"
#include "crypto/totp.h"
#include "services/assist/assist.h"
#include "services/courier/templates.h"
#include "services/ledger/outbox.h"
#include "tests/unit/cases/bank.h"

namespace latchkey::assist {

using ledger::Transaction;

inline crypto::Identity Terminal(const std::string& branch, const std::string& terminal = "one") {
  return {.bank = "bank.example",
          .role = crypto::Role::kBranch,
          .branch = branch,
          .terminal = terminal};
}

class AssistTest : public latchkey::testing::Bank {
 protected:
  Result<StaffSession> SignIn(const std::string& login = "tessa",
                              std::string_view password = latchkey::testing::kStaffPassword,
                              std::optional<std::string> totp = {},
                              const crypto::Identity& at = Terminal("west")) {
    if (!totp) totp = std::string(crypto::TotpAt(Secret(kTotpKey), clock_.Now()).Reveal());
    return assist_.SignIn(at, {.login = login, .password = Secret(password), .totp = Secret(*totp)},
                          clock_.Now() + std::chrono::seconds(10));
  }
  // An act that was not asked for before.
  cases::Act Once(std::string_view reference) {
    keys_given_.push_back(random_.Take(16));
    return {.case_reference = reference, .idempotency_key = keys_given_.back()};
  }
  Result<cases::View> Find(const model::Staff& staff, const std::string& number = "10000001") {
    return assist_.FindCustomer(
        staff, {.customer_number = number, .reason = StatedReason::kForgotPassword, .note = ""});
  }
  // All that waits in the outbox; each message is given out once.
  std::vector<ledger::LeasedMessage> Post() {
    auto messages = Write([&](Transaction& tx) {
      return ledger::LeaseMessages(tx, context_, 100, std::chrono::hours(24));
    });
    std::erase_if(messages, [&](const auto& each) { return each.expires_at <= clock_.Now(); });
    return messages;
  }
  Secret CodeFromPost() {
    for (const auto& message : Post()) {
      if (message.template_name == courier::kBranchCode)
        return Secret(message.values.at(std::string(courier::kCode)));
    }
    ADD_FAILURE() << "no code was sent";
    return Secret("00000000");
  }
  // Tessa finds Ada, inspects a document and checks a code.
  std::string Prove() {
    const std::string reference = Find(tessa_)->facts.reference;
    EXPECT_TRUE(assist_.RecordInspection(tessa_, Once(reference), {.number_tail = "47Ab"}).ok());
    EXPECT_TRUE(assist_.SendCode(tessa_, Once(reference), 1).ok());
    EXPECT_TRUE(assist_.CheckCode(tessa_, Terminal("west"), Once(reference), CodeFromPost()).ok());
    return reference;
  }
  model::Account Account(AccountId id) {
    return Write([&](Transaction& tx) { return ledger::LoadAccount(tx, id); });
  }

  std::deque<std::string> keys_given_;  // Once's, which refer to them
  signin::HashSlots slots_{
      {.slots = 2, .longest_queue = 100, .longest_wait = Millis(60'000), .cost = kCost},
      keys_,
      random_,
      clock_};
  Assist assist_{*ledger_, context_, *hot_state_, gate_, slots_, cases_};
};

}  // namespace latchkey::assist
