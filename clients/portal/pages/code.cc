// SPDX-License-Identifier: Apache-2.0
#include "clients/common/typed.h"
#include "clients/portal/base64url.h"
#include "clients/portal/pages/pages.h"
#include "clients/portal/pages/proven.h"

namespace latchkey::portal {
namespace {

// With a handle the browser knows which recovery is meant; without, the customer says it again.
View CodeView(const Visit& visit, std::string_view identifier) {
  View view;
  view.Set("IDENTIFIER", identifier);
  view.Set("TO_START_AGAIN", PathOf(StartAgain(visit, Task::kCode)));
  const bool handle = visit.Token(CookieKind::kHandle) && identifier.empty();
  const bool token = handle && FinishedReference(visit, "branch");
  view.Show(token ? "HAS_TOKEN" : "NO_TOKEN");
  if (!token) view.Show(handle ? "HAS_HANDLE" : "NO_HANDLE");
  return view;
}

}  // namespace

void ShowCode(const VisitPtr& visit) { visit->Render("code", CodeView(*visit, "")); }

void SubmitCode(const VisitPtr& visit) {
  const auto once = FromBase64Url(visit->form.Get("once"), 16);
  if (!once) return visit->RenderError(400);
  const std::string identifier(visit->form.Get("identifier"));
  v1::SubmitCodeRequest request;
  request.set_idempotency_key(*once);
  if (!identifier.empty()) {
    request.set_identifier(identifier);
  } else if (auto handle = visit->Token(CookieKind::kHandle)) {
    request.set_handle(*handle);
  } else {
    return visit->RenderUnfit("code", CodeView(*visit, ""), Task::kCode, "identifier");
  }
  if (visit->IsUnfit("code"))
    return visit->RenderUnfit("code", CodeView(*visit, identifier), Task::kCode, "code");
  request.set_code(client::StripTypedCode(visit->form.Get("code")));
  *request.mutable_source() = visit->MakeSource();
  visit->services.backend.SubmitCode(
      std::move(request), [visit, identifier](const Outcome<v1::ProofResponse>& outcome) {
        if (outcome.ok()) return GoOnProven(visit, outcome.value());
        const v1::RefusalReason reason = outcome.refused().reason();
        if (reason == v1::REFUSAL_REASON_EXPIRED || reason == v1::REFUSAL_REASON_USED ||
            reason == v1::REFUSAL_REASON_STOPPED) {
          visit->Forget(CookieKind::kHandle);
          return ShowDeadEnd(visit, outcome.refused(), Task::kCode);
        }
        visit->RenderRefused("code", CodeView(*visit, identifier),
                             {outcome.refused(), Task::kCode, "code"});
      });
}

}  // namespace latchkey::portal
