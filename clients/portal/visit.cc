// SPDX-License-Identifier: Apache-2.0
#include "clients/portal/visit.h"

#include <algorithm>
#include <utility>

#include "clients/portal/base64url.h"
#include "clients/portal/http/headers.h"

namespace latchkey::portal {
namespace {

constexpr size_t kTokenBytes = 32;  // every token and handle of the contract

// The parts of the frame that lead on, and how each is written in it.
constexpr std::pair<std::string_view, Place> kLinks[] = {
    {"SIGN_IN", Place::kSignIn},
    {"SIGN_OUT", Place::kSignOut},
    {"ACCOUNT", Place::kAccount},
    {"START", Place::kStart},
    {"START_UNLOCK", Place::kStartUnlock},
    {"CODE", Place::kCode},
    {"OPEN_LINK", Place::kOpenLink},
    {"PASSWORD", Place::kPassword},
    {"UNLOCK", Place::kUnlock},
    {"LOCKED", Place::kLocked},
    {"CONFIRM_STOP", Place::kConfirmStop},
    {"BRANCH_TOKEN", Place::kBranchToken},
    {"HELP", Place::kHelp},
    {"CALL_BACK", Place::kCallBack},
    {"PRIVACY", Place::kPrivacy},
    {"LANGUAGE", Place::kLanguage},
};

constexpr std::pair<std::string_view, std::string_view> kFiles[] = {
    {"BOOTSTRAP_CSS", "bootstrap.min.css"},
    {"PORTAL_CSS", "portal.css"},
    {"THEME_CSS", "theme.css"},
    {"PORTAL_JS", "portal.js"},
    {"LOGO", "logo.svg"},
};

// The page on which a form stands; some addresses only take one.
Place PageOf(Place place) {
  switch (place) {
    case Place::kSignOut:
    case Place::kLanguage:
      return Place::kSignIn;
    case Place::kCallBack:
      return Place::kHelp;
    default:
      return place;
  }
}

// Pages of people who are in, or done: other ways in would contradict them.
constexpr std::string_view kPagesWithoutWaysIn[] = {"account", "account_closed", "call_back_asked",
                                                    "done",    "password",       "stop",
                                                    "stopped", "unlock"};

}  // namespace

Visit::Visit(const Services& shared, Request sent, Respond respond)
    : services(shared), request(std::move(sent)), respond_(std::move(respond)) {
  const auto chosen = services.jar.Read(request, CookieKind::kLanguage);
  if (chosen && services.catalog.Speaks(*chosen)) {
    language = *chosen;
  } else {
    language = ChooseLanguage(request.Find("Accept-Language").value_or(""),
                              services.catalog.languages(), services.config.default_language);
  }
  once_ = ToBase64Url(services.random.Take(16));
}

std::optional<std::string> Visit::Token(CookieKind kind) const {
  const auto text = services.jar.Read(request, kind);
  return text ? FromBase64Url(*text, kTokenBytes) : std::nullopt;
}

v1::Source Visit::MakeSource() const {
  v1::Source source;
  source.set_address(address);
  source.set_language(language);
  if (auto device = Token(CookieKind::kDevice)) source.set_device_token(*device);
  return source;
}

void Visit::Keep(CookieKind kind, std::string_view bytes,
                 std::optional<std::chrono::seconds> max_age) {
  KeepText(kind, ToBase64Url(bytes), max_age);
}

void Visit::KeepText(CookieKind kind, std::string_view text,
                     std::optional<std::chrono::seconds> max_age) {
  headers_.push_back({"Set-Cookie", services.jar.Set(kind, text, max_age)});
}

void Visit::Forget(CookieKind kind) {
  if (request.Count("Cookie") == 0) return;
  headers_.push_back({"Set-Cookie", services.jar.Clear(kind)});
}

void Visit::RenewForm() {
  form_cookie_ = ToBase64Url(services.random.Take(kTokenBytes));
  KeepText(CookieKind::kForm, form_cookie_);
}

std::chrono::seconds Visit::Until(int64_t unix_ms) const {
  const Millis left = FromUnixMillis(unix_ms) - services.clock.Now();
  return std::max(std::chrono::seconds(1), std::chrono::duration_cast<std::chrono::seconds>(left));
}

void Visit::LeaveAt(int64_t unix_ms, Place to) {
  headers_.push_back(
      {"Refresh", std::to_string(Until(unix_ms).count()) + "; url=" + std::string(PathOf(to))});
}

void Visit::FillFrame(std::string_view page, View& view) {
  const PortalConfig& config = services.config;
  if (form_cookie_.empty()) {
    const auto cookie = services.jar.Read(request, CookieKind::kForm);
    if (cookie && FromBase64Url(*cookie, kTokenBytes)) {
      form_cookie_ = *cookie;
    } else {
      RenewForm();
    }
  }
  view.Set("FORM", services.guard.TokenFor(form_cookie_)).Set("ONCE", once_);
  view.Set("LANG", language).Set("BANK", config.bank.name).Set("PLACE", PathOf(PageOf(place)));
  view.Set("TITLE", title_.empty() ? services.templates.TitleOf(page, language) : title_);
  const bool within = std::ranges::count(kPagesWithoutWaysIn, page) > 0;
  view.Show(within || stopped_ ? "WAYS_TO_US" : "WAYS_IN");
  for (const auto& [name, file] : kFiles) view.Set(name, services.assets.PathOf(file));
  for (const auto& [name, to] : kLinks)
    view.Set("TO_" + std::string(name), base_ + std::string(PathOf(to)));
  view.Set("PHONE_FORM", PhoneForm(config.bank.phone));
  const BankTexts& texts = config.bank.TextsIn(language);
  if (!config.bank.phone.empty()) {
    View& phone = view.Add("PHONE");
    phone.Set("PHONE_TEXT", config.bank.phone).Set("PHONE_DIALLED", Dialled(config.bank.phone));
    if (!texts.phone_hours.empty()) phone.Add("HOURS").Set("HOURS_TEXT", texts.phone_hours);
  }
  if (!texts.branch.empty()) view.Add("BRANCH").Set("BRANCH_TEXT", texts.branch);
  for (const std::string& offered : services.catalog.languages()) {
    if (offered == language || !base_.empty()) continue;
    view.Add("OTHER_LANGUAGE").Set("CODE", offered).Set("NAME", OwnName(offered));
  }
}

void Visit::Render(std::string_view page, View view, unsigned status) {
  FillFrame(page, view);
  if (status == 200) view.Show("FRESH");
  Response response;
  response.status = status;
  response.body = services.templates.Render(page, language, view);
  Answer(std::move(response));
}

void Visit::Redirect(Place to) {
  Response response;
  response.status = 303;
  response.headers.push_back({"Location", std::string(PathOf(to))});
  Answer(std::move(response));
}

void Visit::Answer(Response response) {
  for (Header& header : headers_) response.headers.push_back(std::move(header));
  AddGuards(response, services.config.secure());
  respond_(std::move(response));
}

}  // namespace latchkey::portal
