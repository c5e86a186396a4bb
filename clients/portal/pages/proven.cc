// SPDX-License-Identifier: Apache-2.0
#include "clients/portal/pages/proven.h"

#include <algorithm>
#include <utility>

namespace latchkey::portal {
namespace {

// A recovery signs nobody in, and the browser begins anew. Unlocking ends no session in the
// service, and this one may be of another account: it is ended there, not only forgotten here.
// Without an answer it ends by itself after minutes without use.
void EndSession(const VisitPtr& visit, Place to) {
  const auto session = visit->Token(CookieKind::kSession);
  if (!session) return visit->Redirect(to);
  visit->Forget(CookieKind::kSession);
  v1::SignOutRequest request;
  request.set_session_token(*session);
  visit->services.backend.SignOut(
      std::move(request),
      [visit, to](const Outcome<v1::SignOutResponse>&) { visit->Redirect(to); });
}

}  // namespace

void GoOnProven(const VisitPtr& visit, const v1::ProofResponse& proof) {
  visit->Forget(CookieKind::kHandle);
  visit->Keep(CookieKind::kRecovery, proof.recovery_session(),
              visit->Until(proof.expires_at_unix_ms()));
  visit->RenewForm();
  const bool unlock =
      proof.may_unlock() && (proof.intent() == v1::INTENT_UNLOCK || !proof.may_set_password());
  visit->Redirect(unlock ? Place::kUnlock : Place::kPassword);
}

void ShowWhose(View& view, const std::string& customer_number_tail) {
  const bool digits = std::all_of(customer_number_tail.begin(), customer_number_tail.end(),
                                  [](char c) { return c >= '0' && c <= '9'; });
  if (!customer_number_tail.empty() && digits) view.Add("WHOSE").Set("TAIL", customer_number_tail);
}

Place StartAgain(const Visit& visit, Task task) {
  const bool unlocking =
      task == Task::kUnlock || (task != Task::kPassword && FinishedReference(visit, "unlocking"));
  return unlocking ? Place::kStartUnlock : Place::kStart;
}

void ShowDeadEnd(const VisitPtr& visit, const client::Refused& refused, Task task) {
  visit->Forget(CookieKind::kRecovery);
  View view;
  view.Show("START_AGAIN");
  view.Set("TO_START_AGAIN", PathOf(StartAgain(*visit, task)));
  visit->RenderRefused("dead_end", std::move(view), {refused, task, ""});
}

void ShowRanOut(const VisitPtr& visit, Task task) {
  View view;
  view.Show("RAN_OUT").Set("TO_START_AGAIN", PathOf(StartAgain(*visit, task)));
  visit->Render("dead_end", std::move(view), 410);
}

void FinishRecovery(const VisitPtr& visit, std::string_view what, const std::string& reference,
                    Place to) {
  visit->Forget(CookieKind::kHandle);
  visit->Forget(CookieKind::kRecovery);
  visit->RenewForm();
  std::string kept;
  for (char c : reference) {
    if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-')
      kept += c;
  }
  visit->KeepText(CookieKind::kOutcome, std::string(what) + "." + kept, std::chrono::minutes(30));
  EndSession(visit, to);
}

std::optional<std::string> FinishedReference(const Visit& visit, std::string_view what) {
  const auto outcome = visit.services.jar.Read(visit.request, CookieKind::kOutcome);
  if (!outcome || !outcome->starts_with(std::string(what) + ".") || outcome->size() > 40) {
    return std::nullopt;
  }
  return outcome->substr(what.size() + 1);
}

}  // namespace latchkey::portal
