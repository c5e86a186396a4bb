// SPDX-License-Identifier: Apache-2.0
#include "clients/portal/base64url.h"
#include "clients/portal/pages/pages.h"
#include "clients/portal/pages/proven.h"

namespace latchkey::portal {
namespace {

// As far as the service says what is open: it may be out of reach.
View UnlockView(const Outcome<v1::ProofResponse>& proof) {
  View view;
  if (!proof.ok()) return view;
  if (proof.value().may_set_password()) view.Show("MAY_SET_PASSWORD");
  ShowWhose(view, proof.value().customer_number_tail());
  return view;
}

// The recovery lives on, and a new password may be what is left.
void ShowUnlockAgain(const VisitPtr& visit, const client::Refused& refused,
                     const std::string& session) {
  v1::GetRecoveryRequest request;
  request.set_recovery_session(session);
  visit->services.backend.GetRecovery(
      std::move(request), [visit, refused](const Outcome<v1::ProofResponse>& outcome) {
        visit->RenderRefused("unlock", UnlockView(outcome), {refused, Task::kUnlock, ""});
      });
}

}  // namespace

void ShowUnlock(const VisitPtr& visit) {
  const auto session = visit->Token(CookieKind::kRecovery);
  if (!session) return ShowRanOut(visit, Task::kUnlock);
  v1::GetRecoveryRequest request;
  request.set_recovery_session(*session);
  visit->services.backend.GetRecovery(
      std::move(request), [visit](const Outcome<v1::ProofResponse>& outcome) {
        if (!outcome.ok() && outcome.refused().reason() == v1::REFUSAL_REASON_BUSY) {
          return visit->RenderRefused("unlock", UnlockView(outcome),
                                      {outcome.refused(), Task::kUnlock, ""});
        }
        if (!outcome.ok()) return ShowDeadEnd(visit, outcome.refused(), Task::kUnlock);
        if (!outcome.value().may_unlock() && outcome.value().may_set_password()) {
          return visit->Redirect(Place::kPassword);  // which says why
        }
        if (!outcome.value().may_unlock()) {
          client::Refused more;
          more.refusal.set_reason(v1::REFUSAL_REASON_MORE_PROOF);
          return ShowDeadEnd(visit, more, Task::kUnlock);
        }
        visit->Render("unlock", UnlockView(outcome));
      });
}

void Unlock(const VisitPtr& visit) {
  const auto session = visit->Token(CookieKind::kRecovery);
  if (!session) return ShowRanOut(visit, Task::kUnlock);
  const auto once = FromBase64Url(visit->form.Get("once"), 16);
  if (!once) return visit->RenderError(400);
  v1::UnlockRequest request;
  request.set_recovery_session(*session);
  request.set_idempotency_key(*once);
  *request.mutable_source() = visit->MakeSource();
  visit->services.backend.Unlock(
      std::move(request), [visit, session](const Outcome<v1::UnlockResponse>& outcome) {
        if (outcome.ok()) {
          return FinishRecovery(visit, "unlock", outcome.value().reference(), Place::kDone);
        }
        const client::Refused& refused = outcome.refused();
        if (refused.reason() == v1::REFUSAL_REASON_BUSY)  // it is not asked for more now
          return visit->RenderRefused("unlock", View(), {refused, Task::kUnlock, ""});
        if (refused.reason() == v1::REFUSAL_REASON_CONFLICT ||
            refused.reason() == v1::REFUSAL_REASON_RESTING) {
          return ShowUnlockAgain(visit, refused, *session);
        }
        // Since the page was shown the password may have been disabled: that page knows what is
        // open.
        if (refused.reason() == v1::REFUSAL_REASON_MORE_PROOF)
          return visit->Redirect(Place::kUnlock);
        ShowDeadEnd(visit, refused, Task::kUnlock);
      });
}

void ShowDone(const VisitPtr& visit) {
  View view;
  if (auto reference = FinishedReference(*visit, "reset")) {
    visit->Entitle(Mark("Your new password is set"));
    view.Add("RESET").Set("REFERENCE", *reference);
  } else if (auto unlocked = FinishedReference(*visit, "unlock")) {
    visit->Entitle(Mark("Your account is unlocked"));
    view.Add("UNLOCKED").Set("REFERENCE", *unlocked);
  } else {
    view.Show("NOTHING");
  }
  visit->Render("done", std::move(view));
}

}  // namespace latchkey::portal
