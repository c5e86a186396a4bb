// SPDX-License-Identifier: Apache-2.0
// How a visit ends when something is wrong: its page again, with the faults marked and every way on
// (Law 10), or a page of its own.
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "clients/portal/base64url.h"
#include "clients/portal/view/advice_words.h"
#include "clients/portal/view/field_words.h"
#include "clients/portal/visit.h"

namespace latchkey::portal {
namespace {

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

// Where cookies are blocked the same form would be refused for ever.
constexpr Words kNoCookie = {
    Mark("Your browser sent no cookie"),
    Mark("A form needs one, which shows that it was opened in this browser. Allow cookies for this "
         "site in the settings of your browser, or use another browser; then open the page again "
         "and send it once more. Nothing was changed.")};

Words ErrorWordsFor(unsigned status) {
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
  const Words words = no_cookie ? kNoCookie : ErrorWordsFor(status);
  View view;
  view.Set("ERROR_TITLE", Say(words.title)).Set("ERROR_TEXT", Say(words.text));
  if (status == 403) view.Add("BACK");
  if (status == 421) base_ = services.config.base_url;
  if (status == 405) headers_.push_back({"Allow", "GET, HEAD, POST"});
  Render("error", std::move(view), status);
}

}  // namespace latchkey::portal
