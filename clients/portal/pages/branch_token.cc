// SPDX-License-Identifier: Apache-2.0
#include "clients/common/typed.h"
#include "clients/portal/base64url.h"
#include "clients/portal/pages/pages.h"

namespace latchkey::portal {

void ShowBranchToken(const VisitPtr& visit) { visit->Render("branch_token"); }

void UseBranchToken(const VisitPtr& visit) {
  const auto once = FromBase64Url(visit->form.Get("once"), 16);
  if (!once) return visit->RenderError(400);
  const std::string number(visit->form.Get("customer_number"));
  if (visit->IsUnfit("token")) {
    View view;
    view.Set("CUSTOMER_NUMBER", number);
    return visit->RenderUnfit("branch_token", std::move(view), Task::kBranchToken, "token");
  }
  v1::RedeemAssistedRequest request;
  request.set_idempotency_key(*once);
  request.set_customer_number(number);
  request.set_token(client::StripTypedCode(visit->form.Get("token")));
  *request.mutable_source() = visit->MakeSource();
  visit->services.backend.RedeemAssisted(
      std::move(request), [visit, number](const Outcome<v1::RedeemAssistedResponse>& outcome) {
        if (!outcome.ok()) {
          View view;
          view.Set("CUSTOMER_NUMBER", number);
          return visit->RenderRefused("branch_token", std::move(view),
                                      {outcome.refused(), Task::kBranchToken, "token"});
        }
        visit->Keep(CookieKind::kHandle, outcome.value().handle(),
                    visit->Until(outcome.value().expires_at_unix_ms()));
        // The code that follows comes without a link: the page that waits for it must know.
        visit->KeepText(CookieKind::kOutcome, "branch.",
                        visit->Until(outcome.value().expires_at_unix_ms()));
        visit->Forget(CookieKind::kRecovery);
        visit->RenewForm();
        visit->Redirect(Place::kCode);
      });
}

}  // namespace latchkey::portal
