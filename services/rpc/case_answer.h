// SPDX-License-Identifier: Apache-2.0
// A case as it goes to a branch, and the way every call of staff begins.
#pragma once

#include <string>
#include <utility>

#include "latchkey/v1/cases.pb.h"
#include "services/assist/assist.h"
#include "services/cases/cases.h"
#include "services/rpc/edge.h"

namespace latchkey::rpc {

void FillCase(const cases::View& view, v1::Case& answer);

// What a request asks to be done on a case; it must outlive what is made of it.
template <typename Request>
cases::Act ActOf(const Request& asked) {
  return {.case_reference = asked.case_reference(), .idempotency_key = asked.idempotency_key()};
}

// Finds the person of a staff session at the terminal that calls, then runs `act(person)`. Session
// and certificate must match in every call; the certificate comes from TLS, never from the request.
// That somebody was refused their own account stands in its journal before they hear it (Law 13).
template <typename Act>
Done AsStaff(assist::Assist& assist, const Call& call, const std::string& session, Act act) {
  LATCHKEY_ASSIGN(const model::Staff person, assist.Enter(call.caller, Secret(session)));
  Done done = act(person);
  if (!done.ok() && done.reason() == Reason::kOwnAccount)
    LATCHKEY_TRY(assist.JournalOwnAccount(person));
  return done;
}

// The same for acts whose answer is the case.
template <typename Act>
Done AnswerWithCase(assist::Assist& assist, const Call& call, const std::string& session,
                    v1::Case& answer, Act act) {
  return AsStaff(assist, call, session, [&](const model::Staff& person) -> Done {
    LATCHKEY_ASSIGN(const cases::View view, act(person));
    FillCase(view, answer);
    return {};
  });
}

}  // namespace latchkey::rpc
