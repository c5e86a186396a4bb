// SPDX-License-Identifier: Apache-2.0
#include "clients/portal/pages/pages.h"

namespace latchkey::portal {
namespace {

v1::Intent IntentOf(std::string_view sent) {
  if (sent == "reset") return v1::INTENT_RESET;
  if (sent == "unlock") return v1::INTENT_UNLOCK;
  return v1::INTENT_UNSPECIFIED;
}

View StartView(std::string_view identifier, v1::Intent intent) {
  View view;
  view.Set("IDENTIFIER", identifier);
  view.Show(intent == v1::INTENT_UNLOCK ? "WANTS_UNLOCK" : "WANTS_RESET");
  return view;
}

}  // namespace

void ShowStart(const VisitPtr& visit) { visit->Render("start", StartView("", v1::INTENT_RESET)); }

void ShowStartUnlock(const VisitPtr& visit) {
  visit->Render("start", StartView("", v1::INTENT_UNLOCK));
}

void Start(const VisitPtr& visit) {
  const std::string identifier(visit->form.Get("identifier"));
  const v1::Intent intent = IntentOf(visit->form.Get("intent"));
  if (intent == v1::INTENT_UNSPECIFIED) return visit->RenderError(400);
  v1::BeginRequest request;
  request.set_identifier(identifier);
  request.set_intent(intent);
  *request.mutable_source() = visit->MakeSource();
  request.set_idempotency_key(visit->services.guard.IdempotencyKey(
      visit->form.Get("once"), std::to_string(intent) + identifier));
  visit->services.backend.Begin(
      std::move(request), [visit, identifier, intent](const Outcome<v1::BeginResponse>& outcome) {
        if (!outcome.ok()) {
          return visit->RenderRefused("start", StartView(identifier, intent),
                                      {outcome.refused(), Task::kStart, "identifier"});
        }
        visit->Keep(CookieKind::kHandle, outcome.value().handle(),
                    visit->Until(outcome.value().expires_at_unix_ms()));
        visit->Forget(CookieKind::kRecovery);
        if (intent == v1::INTENT_UNLOCK) {
          visit->KeepText(CookieKind::kOutcome, "unlocking.",
                          visit->Until(outcome.value().expires_at_unix_ms()));
        } else {
          visit->Forget(CookieKind::kOutcome);
        }
        visit->Redirect(Place::kCode);
      });
}

}  // namespace latchkey::portal
