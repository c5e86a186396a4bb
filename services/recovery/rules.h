// SPDX-License-Identifier: Apache-2.0
// The times and numbers of recovery that a bank may choose, with the reasons for the defaults.
#pragma once

#include <chrono>
#include <cstdint>

#include "services/base/clock.h"
#include "services/hotstate/hotstate.h"
#include "services/signin/source_budgets.h"

namespace latchkey::recovery {

// Of what addresses are told about (Law 9).
struct NoticeRules {
  // "This was not me" must work for whoever reads the mail after a holiday.
  Millis freeze_link = std::chrono::days(30);
  // A replaced address is told for that long.
  Millis removed_contact_told = std::chrono::days(90);
  // How long a notice without a link is worth sending while no mail server takes it.
  Millis useful = std::chrono::days(7);
};

struct RecoveryRules {
  // Of a link and its code. NIST SP 800-63B-4, 4.2.1.2 allows a day by e-mail; half an hour is
  // enough for slow mail.
  Millis lifetime = std::chrono::minutes(30);
  // Of a recovery session, from the proof to the new password.
  Millis session = std::chrono::minutes(15);
  NoticeRules notices;
  // How long after it was last seen a device counts as known to the account.
  Millis device_known = std::chrono::days(365);
  // How long a repeated request gets the same answer.
  Millis answers = std::chrono::hours(24);
  // And one whose answer is a token: for a connection that comes back, or a node that starts again.
  // No longer, because what is kept opens what the token opens.
  Millis token_answers = std::chrono::minutes(5);
  // Attack R03: messages with a code, over all channels, to one address of an account.
  int64_t messages_per_hour = 3;

  // Requests, over which they are kept and worked on later (Law 10).
  signin::SourceRules begins{.source = {.capacity = 30, .refill = std::chrono::seconds(10)},
                             .wider_source = {.capacity = 300, .refill = std::chrono::seconds(1)},
                             .everybody = hotstate::Allowance{5000, Millis(5)}};
  Millis slowed = std::chrono::minutes(2);
  // Codes and branch tokens (attack K10): as many as passwords. Not of everybody: a flood of them
  // would keep those out who hold a message already (Laws 5, 10).
  signin::SourceRules codes{.everybody = std::nullopt};
  // Wrong branch tokens that an account's history shows; more of them would hide the rest.
  hotstate::Allowance noted_tokens{.capacity = 5, .refill = std::chrono::minutes(12)};

  // New passwords offered in one recovery: each is compared with the old one, which must not become
  // an oracle.
  hotstate::Allowance password_offers{.capacity = 10, .refill = std::chrono::minutes(1)};
  // And repetitions of the request that set it, each compared with the password in force.
  hotstate::Allowance password_repeats{.capacity = 20, .refill = std::chrono::minutes(1)};
  // For each account: whoever reads its mail, and may not set a password by that alone, gets five
  // more tries at the old one by each unlock. Apart from the branch's, which stays a way on.
  hotstate::Allowance unlocks{.capacity = 5, .refill = std::chrono::minutes(30)};
  // Least code points of a new password, where the account's rule pack asks for less.
  unsigned min_characters_alone = 15;
  unsigned min_characters_beside = 8;

  // Of a leased intake: a worker that dies gives it back after this.
  Millis lease = std::chrono::seconds(30);
  // How long dead tokens are kept, so that an old link can say why it does not work.
  Millis dead_tokens_kept = std::chrono::days(7);
  // How long recoveries and messages that ended are kept for whoever looks into the database; the
  // journal has what became of them.
  Millis ended_kept = std::chrono::days(30);
  int sweep_batch = 500;
};

}  // namespace latchkey::recovery
