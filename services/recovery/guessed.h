// SPDX-License-Identifier: Apache-2.0
// Whose code is being guessed, and the comparison itself: the same statements and writes for
// customers and for nobody (Law 6; attacks E03, E05).
#pragma once

#include <optional>
#include <string_view>

#include "services/recovery/recovery.h"

namespace latchkey::recovery {

struct Guessed {
  model::Identifier identifier;
  std::optional<model::Account> account;
  AccountId stand_in = {};  // whose rows are looked at, also when the name is nobody's
  CaseId case_id;           // of the branch token that the handle was given for; 0: none
  Bytes device;  // digest of a lane without strangers: of a device that is known for this account,
                 // or of the branch token's case; empty: none
  bool device_is_older = false;  // nobody has signed in from it with the present password
};

// Whom a typed name stands for. A text that can be no name is a name that nobody has.
Result<Guessed> ResolveName(const Parts& parts, const std::string& typed,
                            const Secret& device_token);
// Whom a handle stands for. kExpired when it is past its time, whomever it was given to.
Result<Guessed> ResolveHandle(const Parts& parts, const Secret& handle, const Secret& device_token);

// A thief with many names must not try one code at each from one place (attack K10). Whoever holds
// a known device or a right branch token stands behind no address (Law 5). kResting.
Done SpendBudget(const Parts& parts, const Guessed& guessed, const model::Source& source);

signin::Guess GuessAt(const Guessed& guessed, signin::SecretKind kind, const model::Source& source);

// The live code that `digits` is, if any. Takes a try of each code first, in a transaction of its
// own.
Result<std::optional<model::Token>> CompareCode(const Parts& parts, const signin::Counted&,
                                                const Guessed& guessed, model::TokenPurpose purpose,
                                                const Secret& digits);
// Journals a wrong code on the account; for nobody, the same work.
Done NoteWrongCode(const Parts& parts, const Guessed& guessed, model::Channel channel,
                   std::string_view what);

}  // namespace latchkey::recovery
