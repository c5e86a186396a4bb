// SPDX-License-Identifier: Apache-2.0
// WCAG 3.3.1 and 3.3.3: what was refused is named, beside its field and in the box above, with the
// way to put it right.
#include <gtest/gtest.h>

#include "tests/unit/portal/browser.h"

namespace latchkey::portal {
namespace {

struct Typed {
  const char* page;
  Fields fields;
  const char* field;  // that is marked
  const char* words;
  v1::RefusalReason reason = v1::REFUSAL_REASON_MALFORMED;
};

std::vector<Typed> Refused() {
  return {
      {"/", {{"identifier", "  "}, {"password", "x"}}, "identifier", "Type who you are"},
      {"/",
       {{"identifier", std::string(300, 'a')}, {"password", "x"}},
       "identifier",
       "at most 254 characters"},
      {"/", {{"identifier", "123"}, {"password", "x"}}, "identifier", "has 6 to 12 digits"},
      {"/", {{"identifier", "ada"}, {"password", ""}}, "password", "Type your password."},
      {"/recover/start",
       {{"identifier", ""}, {"intent", "reset"}},
       "identifier",
       "Type who you are"},
      {"/recover/code",
       {{"identifier", "ada"}, {"code", "1234"}},
       "code",
       "A code has 8 digits; you typed 4."},
      {"/recover/code",
       {{"identifier", "ada"}, {"code", " 12-34 5"}},
       "code",
       "A code has 8 digits; you typed 5.",
       v1::REFUSAL_REASON_WRONG},
      {"/recover/code",
       {{"identifier", "ada"}, {"code", "1234567O"}},
       "code",
       "A code has only digits"},
      {"/recover/code",
       {{"identifier", "ada"}, {"code", ""}},
       "code",
       "Type the code from the message: 8 digits."},
      {"/recover/code",
       {{"identifier", ""}, {"code", "12345678"}},
       "identifier",
       "Type who you are"},
      {"/branch-token",
       {{"customer_number", "47A1"}, {"token", "123456789012"}},
       "customer_number",
       "A customer number has only digits"},
      {"/branch-token",
       {{"customer_number", "471147"}, {"token", "1234"}},
       "token",
       "A token has 12 digits; you typed 4.",
       v1::REFUSAL_REASON_WRONG},
      {"/stop",
       {{"link", "https://bank.example/recover#t=dHR0dHR0dHR0dHR0"}},
       "link",
       "This link opens your account, it does not freeze it."},
      {"/help",
       {{"customer_number", "12"}},
       "customer_number",
       "A customer number has 6 to 12 digits; you typed 2."},
  };
}

size_t CountIn(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(RefusedInput, IsNamedBesideItsFieldAndInTheBox) {
  for (const Typed& typed : Refused()) {
    World world;
    for (client::Refused refused : {Refuse(typed.reason)}) {
      world.backend.sign_in.refused = refused;
      world.backend.begin.refused = refused;
      world.backend.submit_code.refused = refused;
      world.backend.redeem.refused = refused;
      world.backend.ask.refused = refused;
    }
    Browser browser(world);
    const std::string page = typed.page;
    const std::map<std::string, std::string> posts = {{"/help", "/help/call-back"},
                                                      {"/stop", "/stop/confirm"}};
    const Response response =
        browser.Submit(page, typed.fields, posts.contains(page) ? posts.at(page) : page);
    SCOPED_TRACE(page + ": " + typed.words);
    const std::string problem = response.body.substr(response.body.find("id=\"problem\""));
    const std::string box = problem.substr(0, problem.find("</div>"));
    EXPECT_NE(box.find(typed.words), std::string::npos) << box;
    EXPECT_NE(box.find("href=\"#" + std::string(typed.field) + "\""), std::string::npos);
    EXPECT_EQ(CountIn(response.body, "aria-invalid=\"true\""), 1u);
    const size_t input = response.body.find("name=\"" + std::string(typed.field) + "\"");
    const std::string rest = response.body.substr(input, response.body.find('>', input) - input);
    EXPECT_NE(rest.find("aria-invalid=\"true\""), std::string::npos) << rest;
    EXPECT_EQ(CountIn(response.body, "class=\"lk-wrong\""), 1u);
    EXPECT_EQ(CountIn(response.body, typed.words), 2u) << "above, and beside the field";
  }
}

// Fails without: the loop over FaultsIn in MarkFields (seen with the first alone).
TEST(RefusedInput, WithSeveralFaultsIsNamedFieldByField) {
  struct Both {
    const char* page;
    Fields fields;
    const char* words[2];
  };
  const Both refused[] = {
      {"/branch-token",
       {{"customer_number", "mateo"}, {"token", "12"}},
       {"A customer number has only digits", "A token has 12 digits; you typed 2."}},
      {"/branch-token",
       {{"customer_number", ""}, {"token", ""}},
       {"Type your customer number: 6 to 12 digits.", "Type the token from the branch"}},
      {"/", {{"identifier", ""}, {"password", ""}}, {"Type who you are", "Type your password."}}};
  for (const Both& typed : refused) {
    World world;
    world.backend.sign_in.refused = Refuse(v1::REFUSAL_REASON_MALFORMED);
    const std::string body = Browser(world).Submit(typed.page, typed.fields).body;
    const size_t start = body.find("id=\"problem\"");
    const std::string box = body.substr(start, body.find("</div>", start) - start);
    for (size_t i = 0; i < 2; ++i) {
      const std::string& field = typed.fields[i].first;
      EXPECT_NE(box.find("<a href=\"#" + field + "\">" + typed.words[i]), std::string::npos) << box;
      EXPECT_EQ(CountIn(body, typed.words[i]), 2u) << "above, and beside the field";
    }
    EXPECT_EQ(CountIn(body, "aria-invalid=\"true\""), 2u);
  }
}

// With the cookie of a request the page does not ask who it is, and does not say that it is
// missing.
TEST(RefusedInput, NeverBlamesAFieldThatIsNotThere) {
  World world;
  Browser browser(world);
  browser.Submit("/recover/start", {{"identifier", "ada"}, {"intent", "reset"}});
  world.backend.submit_code.refused = Refuse(v1::REFUSAL_REASON_MALFORMED);
  const std::string body = browser.Submit("/recover/code", {{"code", "12"}}).body;
  EXPECT_NE(body.find("A code has 8 digits; you typed 2."), std::string::npos);
  EXPECT_EQ(body.find("Type who you are"), std::string::npos);
}

// What cannot be seen from the text is left to the service, whose `field` then marks the place.
TEST(RefusedInput, OfAnUnseenFaultIsMarkedWhereTheServiceSays) {
  World world;
  client::Refused refused = Refuse(v1::REFUSAL_REASON_MALFORMED);
  refused.refusal.set_field("identifier");
  world.backend.sign_in.refused = refused;
  const std::string body =
      Browser(world).Submit("/", {{"identifier", "a\u202Eb"}, {"password", "x"}}).body;
  EXPECT_NE(body.find("href=\"#identifier\""), std::string::npos);
  EXPECT_NE(body.find("id=\"identifier-wrong\""), std::string::npos);
}

// Fails without: IsUnfit in SubmitCode and UseBranchToken.
TEST(RefusedInput, ThatCanBeNoCodeIsNotSentWhereItWouldBeCounted) {
  World world;
  Browser browser(world);
  for (const char* typed : {"", "1234", "abcdefgh", "1234 5678 9"})
    browser.Submit("/recover/code", {{"identifier", "ada"}, {"code", typed}}, "/recover/code");
  browser.Submit("/branch-token", {{"customer_number", "471147"}, {"token", "1234"}});
  EXPECT_EQ(world.backend.changing_calls(), 0u);
}

}  // namespace
}  // namespace latchkey::portal
