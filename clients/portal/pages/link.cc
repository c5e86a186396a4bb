// SPDX-License-Identifier: Apache-2.0
#include "clients/portal/pages/link.h"

#include "clients/portal/base64url.h"
#include "clients/portal/pages/pages.h"
#include "clients/portal/pages/proven.h"

namespace latchkey::portal {

std::optional<std::string> LinkTokenOf(const Form& form) {
  std::string_view text = form.Get("t");
  if (text.empty()) {
    text = form.Get("link");
    const size_t mark = text.rfind("#t=");
    if (mark == std::string_view::npos) return std::nullopt;
    text.remove_prefix(mark + 3);
    while (!text.empty() && (text.back() == ' ' || text.back() == '>')) text.remove_suffix(1);
  }
  return FromBase64Url(text, 32);
}

void ShowLink(const VisitPtr& visit) { visit->Render("link"); }

void OpenLink(const VisitPtr& visit) {
  const auto token = LinkTokenOf(visit->form);
  if (!token) {
    client::Refused cut;
    cut.refusal.set_reason(v1::REFUSAL_REASON_WRONG);
    return visit->RenderRefused("link", {}, {cut, Task::kLink, ""});
  }
  v1::OpenLinkRequest request;
  request.set_link_token(*token);
  *request.mutable_source() = visit->MakeSource();
  visit->services.backend.OpenLink(
      std::move(request), [visit, token](const Outcome<v1::ProofResponse>& outcome) {
        if (outcome.ok()) return GoOnProven(visit, outcome.value());
        if (outcome.refused().reason() == v1::REFUSAL_REASON_BUSY) {
          // The same link again, without another look into the mail.
          View view;
          view.Add("KEPT").Set("TOKEN", ToBase64Url(*token));
          return visit->RenderRefused("link", std::move(view),
                                      {outcome.refused(), Task::kLink, ""});
        }
        ShowDeadEnd(visit, outcome.refused(), Task::kLink);
      });
}

}  // namespace latchkey::portal
