// SPDX-License-Identifier: Apache-2.0
#include "clients/portal/visit.h"

#include <algorithm>
#include <utility>

#include "clients/portal/base64url.h"
#include "clients/portal/http/headers.h"
#include "clients/portal/view/field_words.h"
#include "services/base/check.h"

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

// Whether something was typed that can be typed better; only then a field is marked.
bool IsAboutInput(v1::RefusalReason reason) {
  return reason == v1::REFUSAL_REASON_WRONG || reason == v1::REFUSAL_REASON_MALFORMED ||
         reason == v1::REFUSAL_REASON_PASSWORD_UNSUITABLE;
}

void ListWays(View& list, const std::vector<Way>& ways) {
  for (const Way& way : ways) {
    View& line = list.Add("WAY");
    if (way.href.empty()) {
      line.Add("PLAIN").Set("TEXT", way.text);
    } else if (way.href.starts_with("tel:")) {
      line.Add("CALL").Set("TEXT", way.text).Set("DIGITS", way.href.substr(4));
    } else {
      line.Add("GO").Set("TEXT", way.text).Set("HREF", way.href);
    }
  }
}

bool IsNumber(std::string_view field) {
  return field == "code" || field == "token" || field == "customer_number";
}

struct ErrorWords {
  const char* title;
  const char* text;
};

// Where cookies are blocked the same form would be refused for ever.
constexpr ErrorWords kNoCookie = {
    Mark("Your browser sent no cookie"),
    Mark("A form needs one, which shows that it was opened in this browser. Allow cookies for this "
         "site in the settings of your browser, or use another browser; then open the page again "
         "and send it once more. Nothing was changed.")};

ErrorWords ErrorWordsFor(unsigned status) {
  switch (status) {
    case 403:
      return {
          Mark("This form was not accepted"),
          Mark("It was open for too long, or you opened your link again in another tab: then go on "
               "there. For your safety a form works only in the browser that opened it, and only "
               "for a while. Nothing was changed: open the page again and send it once more.")};
    case 404:
      return {Mark("There is no such page"),
              Mark("The address may be old, or a letter of it is missing.")};
    case 405:
      return {Mark("This page cannot be used that way"), Mark("Please open it from here:")};
    case 408:
      return {Mark("That took too long to arrive"),
              Mark("Your connection may be slow. Nothing was changed; please send it again.")};
    case 413:
    case 431:
      return {Mark("That was too much at once"),
              Mark("More was sent than any of our pages needs. Nothing was changed.")};
    case 421:
      return {Mark("This is not the address of our service"),
              Mark("Please type the address that is printed on your bank card or in our letters.")};
    case 503:
      return {Mark("Very many people are here at this moment"),
              Mark("Nothing was counted and nothing was changed. You can send the same again.")};
    default:
      return {Mark("We could not read that"),
              Mark("What arrived is not what our page sends. Nothing was changed; please open the "
                   "page again.")};
  }
}

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

// Every field with a fault that can be seen, and its words. A number that the service calls wrong
// may simply be of the wrong length.
std::vector<std::pair<std::string, std::string>> Visit::FaultsIn(const Refusing& refusing) const {
  std::vector<std::pair<std::string, std::string>> faults;
  const bool malformed = refusing.refused.reason() == v1::REFUSAL_REASON_MALFORMED;
  for (std::string_view field : FieldsOf(refusing.task)) {
    if (!malformed && !IsNumber(field)) continue;
    // With a handle the page of the code does not ask who it is.
    if (refusing.task == Task::kCode && field == "identifier" && refusing.field != field &&
        form.Get(field).empty()) {
      continue;
    }
    std::string words = FieldWords(services.catalog, language, field, form.Get(field));
    if (!words.empty()) faults.emplace_back(field, std::move(words));
  }
  return faults;
}

// What can be seen to be wrong is named beside its field, and in the box, which leads to it (WCAG
// 3.3.1). What only the service saw is told in the box, for the field that it is about.
void Visit::MarkFields(View& view, View& problem, const Refusing& refusing, const Advice& advice) {
  const auto faults = FaultsIn(refusing);
  View* list = faults.empty() ? nullptr : &problem.Add("FAULTS");
  for (const auto& [field, words] : faults) {
    list->Add("FAULT").Set("FIELD_ID", field).Set("WHY", words);
    view.Add("WRONG_" + field).Set("WHY", words);
  }
  if (!faults.empty()) {
    view.Show("CHECK");
    return;
  }
  View& words = problem.Add("WORDS");
  words.Set("PROBLEM_TEXT", advice.text);
  std::string field(refusing.field);
  if (const std::string& named = refusing.refused.refusal.field();
      std::ranges::count(FieldsOf(refusing.task), named) > 0) {
    field = named;
  }
  if (field.empty()) {
    title_ = advice.title;
    return;
  }
  words.Add("FIELD").Set("FIELD_ID", field);
  const bool malformed = refusing.refused.reason() == v1::REFUSAL_REASON_MALFORMED;
  view.Add("WRONG_" + field).Set("WHY", malformed ? advice.text : advice.title);
  view.Show("CHECK");
}

bool Visit::IsUnfit(std::string_view field) const {
  return !FieldWords(services.catalog, language, field, form.Get(field)).empty();
}

void Visit::RenderUnfit(std::string_view page, View view, Task task, const std::string& field) {
  client::Refused unfit;
  unfit.refusal.set_reason(v1::REFUSAL_REASON_MALFORMED);
  unfit.refusal.set_field(field);
  RenderRefused(page, std::move(view), {unfit, task, field});
}

void Visit::RenderRefused(std::string_view page, View view, const Refusing& refusing) {
  const Advice advice =
      AdviceFor(refusing.refused, refusing.task,
                {services.catalog, language, services.config.bank.phone, services.clock.Now()});
  const v1::RefusalReason reason = refusing.refused.reason();
  stopped_ = reason == v1::REFUSAL_REASON_STOPPED;
  view.Show(reason == v1::REFUSAL_REASON_USED ? "USED" : "UNUSED");
  View& problem = view.Add("PROBLEM");
  problem.Set("PROBLEM_TITLE", advice.title);
  if (IsAboutInput(reason)) {
    MarkFields(view, problem, refusing, advice);
  } else {
    problem.Add("WORDS").Set("PROBLEM_TEXT", advice.text);
    title_ = advice.title;
  }
  if (!advice.ways.empty()) ListWays(problem.Add("WAYS"), advice.ways);
  // What may have been heard is sent again under the same key, so that it counts once (attack P08);
  // also when something that was not sent, or not looked at, came in between.
  const bool heard = reason != v1::REFUSAL_REASON_BUSY && reason != v1::REFUSAL_REASON_MALFORMED &&
                     reason != v1::REFUSAL_REASON_RESTING;
  if (!heard && FromBase64Url(form.Get("once"), 16)) {
    once_ = form.Get("once");
  }
  if (advice.retry_after_seconds > 0) {
    headers_.push_back({"Retry-After", std::to_string(advice.retry_after_seconds)});
  }
  Render(page, std::move(view), advice.status);
}

void Visit::RenderError(unsigned status) {
  const bool no_cookie = status == 403 && !services.jar.Read(request, CookieKind::kForm);
  const ErrorWords words = no_cookie ? kNoCookie : ErrorWordsFor(status);
  View view;
  view.Set("ERROR_TITLE", Say(words.title)).Set("ERROR_TEXT", Say(words.text));
  if (status == 403) view.Add("BACK");
  if (status == 421) base_ = services.config.base_url;
  if (status == 405) headers_.push_back({"Allow", "GET, HEAD, POST"});
  Render("error", std::move(view), status);
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
