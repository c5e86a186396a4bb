// SPDX-License-Identifier: Apache-2.0
#include "clients/portal/pages/pages.h"

namespace latchkey::portal {

void ShowHelp(const VisitPtr& visit) { visit->Render("help"); }

void AskForCallBack(const VisitPtr& visit) {
  const std::string number(visit->form.Get("customer_number"));
  v1::AskForPersonRequest request;
  request.set_customer_number(number);
  *request.mutable_source() = visit->MakeSource();
  request.set_idempotency_key(
      visit->services.guard.IdempotencyKey(visit->form.Get("once"), number));
  visit->services.backend.AskForPerson(
      std::move(request), [visit, number](const Outcome<v1::AskForPersonResponse>& outcome) {
        if (outcome.ok()) {
          visit->KeepText(CookieKind::kCallBack, "asked", std::chrono::minutes(30));
          return visit->Redirect(Place::kCallBackAsked);
        }
        View view;
        view.Set("CUSTOMER_NUMBER", number);
        visit->RenderRefused("help", std::move(view),
                             {outcome.refused(), Task::kCallBack, "customer_number"});
      });
}

void ShowCallBackAsked(const VisitPtr& visit) {
  View view;
  if (visit->services.jar.Read(visit->request, CookieKind::kCallBack)) {
    visit->Entitle(Mark("We will call you"));
    view.Show("ASKED");
  } else {
    view.Show("NOTHING");
  }
  visit->Render("call_back_asked", std::move(view));
}

void ShowPrivacy(const VisitPtr& visit) {
  View view;
  const std::string& contact = visit->services.config.bank.TextsIn(visit->language).privacy_contact;
  if (contact.empty()) {
    view.Show("NO_CONTACT");
  } else {
    view.Add("CONTACT").Set("CONTACT_TEXT", contact);
  }
  visit->Render("privacy", std::move(view));
}

}  // namespace latchkey::portal
