// SPDX-License-Identifier: Apache-2.0
#include "clients/portal/pages/pages.h"
#include "clients/portal/pages/proven.h"

namespace latchkey::portal {
namespace {

constexpr std::chrono::seconds kDeviceIsKnown = std::chrono::hours(24 * 365);

void KeepSession(const VisitPtr& visit, const v1::SignInResponse& session) {
  visit->Keep(CookieKind::kSession, session.session_token(),
              visit->Until(session.expires_at_unix_ms()));
  if (!session.device_token().empty()) {
    visit->Keep(CookieKind::kDevice, session.device_token(), kDeviceIsKnown);
  }
  visit->Forget(CookieKind::kOutcome);
  visit->RenewForm();
  visit->Redirect(Place::kAccount);
}

}  // namespace

void ShowSignIn(const VisitPtr& visit) {
  // A session that has ended is told of, and forgotten, there.
  if (visit->Token(CookieKind::kSession)) return visit->Redirect(Place::kAccount);
  View view;
  if (FinishedReference(*visit, "out")) view.Show("SIGNED_OUT");
  visit->Render("sign_in", std::move(view));
}

void SignIn(const VisitPtr& visit) {
  v1::SignInRequest request;
  request.set_identifier(std::string(visit->form.Get("identifier")));
  request.set_password(std::string(visit->form.Get("password")));
  *request.mutable_source() = visit->MakeSource();
  visit->services.backend.SignIn(
      std::move(request), [visit](const Outcome<v1::SignInResponse>& outcome) {
        if (outcome.ok()) return KeepSession(visit, outcome.value());
        const client::Refused& refused = outcome.refused();
        View view;
        view.Set("IDENTIFIER", visit->form.Get("identifier"));
        // A password that rests gets the whole page for its ways on; anything else is said above
        // the form.
        const bool resting = refused.reason() == v1::REFUSAL_REASON_RESTING;
        view.Show(IsShortPause(refused, visit->services.clock.Now()) ? "SHORT_PAUSE" : "LONG_REST");
        visit->RenderRefused(resting ? "locked" : "sign_in", std::move(view),
                             {refused, Task::kSignIn, resting ? "" : "password"});
      });
}

void ShowLocked(const VisitPtr& visit) {
  View view;
  view.Show("LONG_REST");
  visit->Render("locked", std::move(view));
}

}  // namespace latchkey::portal
