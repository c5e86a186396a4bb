// SPDX-License-Identifier: Apache-2.0
// Addresses that have no page of their own.
#include "clients/portal/pages/pages.h"
#include "clients/portal/routes.h"

namespace latchkey::portal {

void ChooseLanguagePage(const VisitPtr& visit) {
  const std::string language(visit->form.Get("language"));
  if (!visit->services.catalog.Speaks(language)) return visit->RenderError(400);
  visit->KeepText(CookieKind::kLanguage, language, std::chrono::hours(24 * 365));
  // Back to where the customer was, if that is a page that can be opened.
  const Route* back = FindRoute(visit->form.Get("place"));
  visit->Redirect(back != nullptr && back->show != nullptr ? back->place : Place::kSignIn);
}

// A Well-Known URL for Changing Passwords (W3C): where password managers send people.
void ShowChangePassword(const VisitPtr& visit) { visit->Redirect(Place::kStart); }

void ShowRobots(const VisitPtr& visit) {
  Response response;
  response.type = "text/plain; charset=utf-8";
  response.body = "User-agent: *\nDisallow: /\n";
  visit->Answer(std::move(response));
}

void ShowHealth(const VisitPtr& visit) {
  if (!visit->services.config.health_page) return visit->RenderError(404);
  Response response;
  response.type = "text/plain; charset=utf-8";
  response.body = "ok\n";
  visit->Answer(std::move(response));
}

}  // namespace latchkey::portal
