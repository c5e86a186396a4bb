// SPDX-License-Identifier: Apache-2.0
// The one policy for new passwords, whichever channel (NIST SP 800-63B-4, 3.1.1.2; attack S10).
#pragma once

#include <string>
#include <vector>

#include "crypto/secret.h"
#include "services/base/result.h"
#include "services/proof/blocklist.h"

namespace latchkey::proof {

struct PasswordRules {
  // Code points. 15 where the password alone signs in, 8 beside another factor; from the rule pack.
  unsigned min_characters = 15;
  // log2 of the guesses that zxcvbn expects; 26.6 is a hundred million, its score 3.
  double min_guess_bits = 26.6;
};

// What the customer and the bank are called: login, names, customer number, e-mail, the bank's
// name.
using ContextWords = std::vector<std::string>;

// Checks a password in its canonical form (model::CanonicalPassword). No composition rules; nothing
// is cut or trimmed. The blocklist is compared with the whole password, in any case; a password
// that is made of context words and of digits and punctuation alone is refused, however they are
// put together. Bounded work whatever the input (attack R01). issue kNone: it is suitable.
PasswordVerdict CheckNewPassword(const Secret& canonical, const ContextWords& context,
                                 const Blocklist& blocklist, const PasswordRules& rules);

// The verdict for a text that has no canonical form: too long, or not text.
PasswordVerdict VerdictOnUnreadable(std::string_view typed, const PasswordRules& rules);

}  // namespace latchkey::proof
