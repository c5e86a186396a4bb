// SPDX-License-Identifier: Apache-2.0
// "This was not me" (Law 9): one confirmed click from a notice freezes the account.
#include "clients/portal/base64url.h"
#include "clients/portal/pages/link.h"
#include "clients/portal/pages/pages.h"
#include "clients/portal/pages/proven.h"

namespace latchkey::portal {

void ShowStop(const VisitPtr& visit) { visit->Render("stop"); }

void Stop(const VisitPtr& visit) {
  if (visit->IsUnfit("link")) return visit->RenderUnfit("stop", {}, Task::kStop, "link");
  const auto token = LinkTokenOf(visit->form);
  if (!token) {
    client::Refused cut;
    cut.refusal.set_reason(v1::REFUSAL_REASON_WRONG);
    return visit->RenderRefused("stop", {}, {cut, Task::kStop, ""});
  }
  v1::FreezeRequest request;
  request.set_link_token(*token);
  *request.mutable_source() = visit->MakeSource();
  visit->services.backend.Freeze(
      std::move(request), [visit, token](const Outcome<v1::FreezeResponse>& outcome) {
        if (outcome.ok()) {
          return FinishRecovery(visit, "stop", outcome.value().reference(), Place::kStopped);
        }
        View view;
        if (outcome.refused().reason() == v1::REFUSAL_REASON_BUSY ||
            outcome.refused().reason() == v1::REFUSAL_REASON_RESTING) {
          view.Add("KEPT").Set("TOKEN", ToBase64Url(*token));
        }
        visit->RenderRefused("stop", std::move(view), {outcome.refused(), Task::kStop, ""});
      });
}

void ShowStopped(const VisitPtr& visit) {
  View view;
  if (auto reference = FinishedReference(*visit, "stop")) {
    visit->Entitle(Mark("Your account is frozen"));
    view.Add("STOPPED").Set("REFERENCE", *reference);
  } else {
    view.Show("NOTHING");
  }
  visit->Render("stopped", std::move(view));
}

}  // namespace latchkey::portal
