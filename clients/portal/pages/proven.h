// SPDX-License-Identifier: Apache-2.0
// What several pages of a recovery share: the step after a proof, and how a recovery ends in the
// browser.
#pragma once

#include "clients/portal/visit.h"

namespace latchkey::portal {

// Keeps the recovery session in place of what led to it, and goes on to what the customer wanted.
void GoOnProven(const VisitPtr& visit, const v1::ProofResponse& proof);
// Whose account the page is about, by the end of its customer number; nothing where that is no
// digits.
void ShowWhose(View& view, const std::string& customer_number_tail);
// The form that begins another recovery for what this browser wanted from the last one.
Place StartAgain(const Visit& visit, Task task);
// A page that says why a recovery cannot go on, and starts another.
void ShowDeadEnd(const VisitPtr& visit, const client::Refused& refused, Task task);
// A page without its cookie: the recovery has run out, or ended well and the customer went back.
void ShowRanOut(const VisitPtr& visit, Task task);

// What ended well: "reset", "unlock" or "stop". The reference rides along in a cookie, so that no
// address holds it. A session of this browser ends with it.
void FinishRecovery(const VisitPtr& visit, std::string_view what, const std::string& reference,
                    Place to);
// The reference of what ended well; absent when it was something else, or nothing.
std::optional<std::string> FinishedReference(const Visit& visit, std::string_view what);

}  // namespace latchkey::portal
