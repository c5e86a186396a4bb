// SPDX-License-Identifier: Apache-2.0
#include "clients/portal/base64url.h"
#include "clients/portal/pages/pages.h"
#include "clients/portal/pages/proven.h"

namespace latchkey::portal {
namespace {

constexpr unsigned kUsualMinimum = 15;  // NIST SP 800-63B-4, 3.1.1.2, for a password alone

// Without a minimum from the service the page names the usual one.
View PasswordView(unsigned min_characters) {
  View view;
  view.Set("MINIMUM", std::to_string(min_characters > 0 ? min_characters : kUsualMinimum));
  return view;
}

// Whether unlocking is open too, and whose account it is, ride along in the form, so that a refusal
// need not ask again; the service decides it anyway.
View ViewAgain(const Visit& visit, unsigned min_characters) {
  View view = PasswordView(min_characters);
  if (!visit.form.Get("may_unlock").empty()) view.Show("MAY_UNLOCK");
  ShowWhose(view, std::string(visit.form.Get("whose")));
  return view;
}

// A refusal that leaves the recovery alive is shown above the form; the rest ends it.
bool MayTypeAgain(v1::RefusalReason reason) {
  return reason == v1::REFUSAL_REASON_PASSWORD_UNSUITABLE || reason == v1::REFUSAL_REASON_BUSY ||
         reason == v1::REFUSAL_REASON_RESTING || reason == v1::REFUSAL_REASON_CONFLICT ||
         reason == v1::REFUSAL_REASON_MALFORMED;
}

}  // namespace

void ShowPassword(const VisitPtr& visit) {
  const auto session = visit->Token(CookieKind::kRecovery);
  if (!session) return ShowRanOut(visit, Task::kPassword);
  v1::GetRecoveryRequest request;
  request.set_recovery_session(*session);
  visit->services.backend.GetRecovery(
      std::move(request), [visit](const Outcome<v1::ProofResponse>& outcome) {
        if (!outcome.ok() && outcome.refused().reason() == v1::REFUSAL_REASON_BUSY) {
          return visit->RenderRefused("password", PasswordView(0),
                                      {outcome.refused(), Task::kPassword, ""});
        }
        if (!outcome.ok()) return ShowDeadEnd(visit, outcome.refused(), Task::kPassword);
        const v1::ProofResponse& proof = outcome.value();
        if (!proof.may_set_password()) {
          client::Refused more;
          more.refusal.set_reason(v1::REFUSAL_REASON_MORE_PROOF);
          return ShowDeadEnd(visit, more, Task::kPassword);
        }
        View view = PasswordView(proof.min_password_characters());
        if (proof.may_unlock()) view.Show("MAY_UNLOCK");
        ShowWhose(view, proof.customer_number_tail());
        if (proof.intent() == v1::INTENT_UNLOCK && !proof.may_unlock())
          view.Show("NO_USE_TO_UNLOCK");
        visit->Render("password", std::move(view));
      });
}

void SetPassword(const VisitPtr& visit) {
  const auto session = visit->Token(CookieKind::kRecovery);
  if (!session) return ShowRanOut(visit, Task::kPassword);
  const auto once = FromBase64Url(visit->form.Get("once"), 16);
  if (!once) return visit->RenderError(400);
  v1::SetPasswordRequest request;
  request.set_recovery_session(*session);
  request.set_new_password(std::string(visit->form.Get("new_password")));
  request.set_idempotency_key(*once);
  *request.mutable_source() = visit->MakeSource();
  visit->services.backend.SetPassword(
      std::move(request), [visit](const Outcome<v1::SetPasswordResponse>& outcome) {
        if (outcome.ok()) {
          return FinishRecovery(visit, "reset", outcome.value().reference(), Place::kDone);
        }
        const client::Refused& refused = outcome.refused();
        if (!MayTypeAgain(refused.reason())) {
          return ShowDeadEnd(visit, refused, Task::kPassword);
        }
        visit->RenderRefused("password", ViewAgain(*visit, refused.refusal.min_characters()),
                             {refused, Task::kPassword, "new_password"});
      });
}

}  // namespace latchkey::portal
