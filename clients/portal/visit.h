// SPDX-License-Identifier: Apache-2.0
// One request on its way through a page: what it carries, and the ways in which it can be answered.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "clients/common/refusal.h"
#include "clients/portal/backend.h"
#include "clients/portal/config.h"
#include "clients/portal/form_guard.h"
#include "clients/portal/http/cookies.h"
#include "clients/portal/http/form.h"
#include "clients/portal/http/message.h"
#include "clients/portal/place.h"
#include "clients/portal/view/advice.h"
#include "clients/portal/view/assets.h"
#include "clients/portal/view/catalog.h"
#include "clients/portal/view/templates.h"
#include "services/base/random.h"

namespace latchkey::portal {

// What all visits share. Everything outlives every visit. Threads: any.
struct Services {
  const PortalConfig& config;
  const Catalog& catalog;
  const Templates& templates;
  const Assets& assets;
  const FormGuard& guard;
  const CookieJar& jar;
  Backend& backend;
  Clock& clock;
  Random& random;
};

// A refusal in its context: what was being done, and the input that it is about ("": none in
// particular).
struct Refusing {
  const client::Refused& refused;
  Task task;
  std::string_view field;
};

// Made by the router for one request, kept alive by the page's continuation. One thread at a time.
// Exactly one of the answering functions is called, once.
class Visit {
 public:
  Visit(const Services& services, Request request, Respond respond);

  // What the request carries.
  const Services& services;
  Request request;
  std::string language;
  std::string address;  // the customer's
  Place place = Place::kSignIn;
  Form form;

  std::string Say(const char* english) const { return services.catalog.Say(language, english); }
  // 32 opaque bytes that the service once gave; absent when the cookie is missing or no such thing.
  std::optional<std::string> Token(CookieKind kind) const;
  v1::Source MakeSource() const;

  // Cookies of the answer.
  void Keep(CookieKind kind, std::string_view bytes,
            std::optional<std::chrono::seconds> max_age = std::nullopt);
  void KeepText(CookieKind kind, std::string_view text,
                std::optional<std::chrono::seconds> max_age = std::nullopt);
  void Forget(CookieKind kind);
  // A new form cookie: at each step of privilege, so that no form from before it works after (S04).
  void RenewForm();
  // How long a cookie lives that ends at a time of the service's clock.
  std::chrono::seconds Until(int64_t unix_ms) const;

  // The browser leaves this page for another at a time of the service's clock, if it is still open.
  void LeaveAt(int64_t unix_ms, Place to);
  // Instead of the title that the template begins with: for a page with several states.
  void Entitle(const char* english) { title_ = Say(english); }

  // The answers.
  void Render(std::string_view page, View view = {}, unsigned status = 200);
  // The page again, with what went wrong, and every way on, on top of it.
  void RenderRefused(std::string_view page, View view, const Refusing& refusing);
  // What can be seen to fit no such field is not sent: the service would count it as a guess.
  bool IsUnfit(std::string_view field) const;
  void RenderUnfit(std::string_view page, View view, Task task, const std::string& field);
  // A page of its own for what went wrong.
  void RenderError(unsigned status);
  void Redirect(Place to);
  void Answer(Response response);

 private:
  void FillFrame(std::string_view page, View& view);
  std::vector<std::pair<std::string, std::string>> FaultsIn(const Refusing& refusing) const;
  void MarkFields(View& view, View& problem, const Refusing& refusing, const Advice& advice);

  Respond respond_;
  std::vector<Header> headers_;
  std::string form_cookie_;
  std::string once_;
  std::string title_;     // instead of the page's own
  std::string base_;      // before every link: where this page came under a name that is not ours
  bool stopped_ = false;  // no way in is open
};

using VisitPtr = std::shared_ptr<Visit>;

}  // namespace latchkey::portal
