// SPDX-License-Identifier: Apache-2.0
// Law 10: every refusal of every call names what can be done now, in words, in each language.
#include <gtest/gtest.h>

#include <set>

#include "tests/unit/portal/browser.h"

namespace latchkey::portal {
namespace {

constexpr char kToken[] = "dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHQ";
constexpr char kRecovery[] = "cnJycnJycnJycnJycnJycnJycnJycnJycnJycnJycnI";
constexpr char kSecretTyped[] = "do-not-echo-me-7733";

void RefuseAll(FakeBackend& backend, const client::Refused& refused) {
  backend.sign_in.refused = refused;
  backend.begin.refused = refused;
  backend.open_link.refused = refused;
  backend.submit_code.refused = refused;
  backend.redeem.refused = refused;
  backend.set_password.refused = refused;
  backend.unlock.refused = refused;
  backend.freeze.refused = refused;
  backend.ask.refused = refused;
}

// Where the browser ends up: the page asks anew what is open, and here nothing is.
Response SubmitUnlock(World& world, Browser& browser) {
  const Response response = browser.Submit("/recover/unlock", {});
  if (response.status != 303) return response;
  world.backend.get_recovery.response.set_may_unlock(false);
  world.backend.get_recovery.response.set_may_set_password(false);
  return browser.Get(LocationOf(response));
}

std::vector<Response> EveryPost(World& world, const std::string& language) {
  Browser browser(world, language);
  const auto with_recovery = [&] { browser.cookies["lk_recovery"] = kRecovery; };
  std::vector<Response> responses;
  responses.push_back(browser.Submit("/", {{"identifier", "ada"}, {"password", kSecretTyped}}));
  responses.push_back(
      browser.Submit("/recover/start", {{"identifier", "ada"}, {"intent", "reset"}}));
  responses.push_back(browser.Submit("/recover", {{"t", kToken}}, "/recover/open"));
  responses.push_back(
      browser.Submit("/recover/code", {{"identifier", "ada"}, {"code", "12345678"}}));
  responses.push_back(
      browser.Submit("/branch-token", {{"customer_number", "1"}, {"token", kSecretTyped}}));
  with_recovery();
  responses.push_back(browser.Submit("/recover/password", {{"new_password", kSecretTyped}}));
  with_recovery();
  responses.push_back(SubmitUnlock(world, browser));
  responses.push_back(browser.Submit("/stop", {{"t", kToken}}, "/stop/confirm"));
  responses.push_back(browser.Submit("/help", {{"customer_number", "1"}}, "/help/call-back"));
  return responses;
}

class EveryRefusal : public testing::TestWithParam<int> {};

TEST_P(EveryRefusal, NamesAWayOn) {
  const auto reason = static_cast<v1::RefusalReason>(GetParam());
  for (const bool unreachable : {false, true}) {
    for (const std::string language : {"en", "de"}) {
      World world;
      client::Refused refused = Refuse(reason);
      refused.unreachable = unreachable;
      RefuseAll(world.backend, refused);
      for (const Response& response : EveryPost(world, language)) {
        EXPECT_GE(response.status, 400u);
        EXPECT_NE(response.body.find("role=\"alert\""), std::string::npos);
        if (reason != v1::REFUSAL_REASON_PASSWORD_UNSUITABLE) {
          EXPECT_NE(response.body.find("href=\"tel:+493012345678\""), std::string::npos);
        }
        EXPECT_EQ(response.body.find(kSecretTyped), std::string::npos) << "Law 12";
        EXPECT_EQ(response.body.find("{1}"), std::string::npos);
        // Only where a field is marked there is something to check.
        const std::string check = language == "de" ? "Bitte prüfen" : "Please check";
        EXPECT_EQ(response.body.find("<title>" + check) != std::string::npos,
                  response.body.find("aria-invalid=\"true\"") != std::string::npos);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(AllReasons, EveryRefusal,
                         testing::Range(0, static_cast<int>(v1::RefusalReason_MAX) + 2));

TEST(AWayOn, OfEveryKindIsALinkOrAnInstruction) {
  World world;
  client::Refused refused = Refuse(v1::REFUSAL_REASON_RESTING);
  refused.refusal.set_retry_at_unix_ms(ToUnixMillis(world.clock.Now()) + 12 * 60'000);
  for (int way = v1::WayOn_MIN; way <= v1::WayOn_MAX; ++way) {
    refused.refusal.add_ways_on(static_cast<v1::WayOn>(way));
  }
  RefuseAll(world.backend, refused);
  Browser browser(world);
  const Response response = browser.Submit("/", {{"identifier", "ada"}, {"password", "x"}});
  EXPECT_EQ(response.status, 429u);
  EXPECT_EQ(response.Find("Retry-After"), "720");
  const std::string problem = response.body.substr(response.body.find("id=\"problem\""));
  const std::string box = problem.substr(0, problem.find("</div>"));
  for (const char* part : {"/recover/start", "/recover/code", "/help#branch", "tel:", "href=\"/\"",
                           "resting until", "Open the link"}) {
    EXPECT_NE(box.find(part), std::string::npos) << part;
  }
}

TEST(APasswordRefusal, SaysWhyForEveryIssue) {
  std::set<std::string> texts;
  for (int issue = 1; issue <= v1::PasswordIssue_MAX; ++issue) {
    World world;
    client::Refused refused = Refuse(v1::REFUSAL_REASON_PASSWORD_UNSUITABLE);
    refused.refusal.set_password_issue(static_cast<v1::PasswordIssue>(issue));
    refused.refusal.set_min_characters(23);
    world.backend.set_password.refused = refused;
    Browser browser(world);
    browser.cookies["lk_recovery"] = kRecovery;
    const Response response = browser.Submit("/recover/password", {{"new_password", "x"}});
    EXPECT_EQ(response.status, 422u);
    EXPECT_NE(response.body.find("autocomplete=\"new-password\""), std::string::npos);
    EXPECT_NE(response.body.find("aria-invalid=\"true\""), std::string::npos);
    EXPECT_EQ(browser.cookies.count("lk_recovery"), 1u) << "the recovery lives on";
    const size_t at = response.body.find("problem-title\">");
    texts.insert(response.body.substr(at, 80));
    if (issue == v1::PASSWORD_ISSUE_TOO_SHORT) {
      EXPECT_NE(response.body.find("at least 23"), std::string::npos);
    }
  }
  EXPECT_EQ(texts.size(), static_cast<size_t>(v1::PasswordIssue_MAX));
}

// Law 10. Fails without: the case of kPassword in RestingWords, kResting in MayTypeAgain,
// IsPastMessages (each seen: other words; no form; another message, for which the same limit
// holds).
TEST(TooManyNewPasswords, AreNamedWithTheEndOfThePause) {
  World world;
  client::Refused refused = Refuse(v1::REFUSAL_REASON_RESTING);
  refused.refusal.set_retry_at_unix_ms(ToUnixMillis(world.clock.Now()) + 60'000);
  refused.refusal.add_ways_on(v1::WAY_ON_RECOVER_BY_MESSAGE);
  world.backend.set_password.refused = refused;
  for (const std::string language : {"en", "de"}) {
    Browser browser(world, language);
    browser.cookies["lk_recovery"] = kRecovery;
    const Response response = browser.Submit("/recover/password", {{"new_password", kSecretTyped}});
    EXPECT_EQ(response.status, 429u);
    EXPECT_EQ(response.Find("Retry-After"), "60");
    EXPECT_NE(response.body.find(language == "de" ? "60 Sekunden" : "60 seconds"),
              std::string::npos);
    EXPECT_EQ(response.body.find("{1}"), std::string::npos);
    EXPECT_EQ(response.body.find("/recover/start"), std::string::npos);
    EXPECT_NE(response.body.find("autocomplete=\"new-password\""), std::string::npos)
        << "the recovery lives on";
    if (language == "de") continue;
    EXPECT_NE(response.body.find("Too many new passwords were tried"), std::string::npos);
  }
}

TEST(ACrowd, IsCalledOneHoweverLongItLasts) {
  World world;
  client::Refused refused = Refuse(v1::REFUSAL_REASON_BUSY);
  refused.refusal.set_retry_at_unix_ms(ToUnixMillis(world.clock.Now()) + 60'000);
  world.backend.set_password.refused = refused;
  Browser browser(world);
  browser.cookies["lk_recovery"] = kRecovery;
  const Response response = browser.Submit("/recover/password", {{"new_password", "x"}});
  EXPECT_EQ(response.status, 503u);
  EXPECT_NE(response.body.find("Very many people are here"), std::string::npos);
}

// P08: not knowing whether it was heard, the same form is sent again under the same key.
TEST(AnUnansweredCall, IsRepeatedUnderTheSameKey) {
  World world;
  client::Refused refused = Refuse(v1::REFUSAL_REASON_BUSY);
  refused.unreachable = true;
  world.backend.set_password.refused = refused;
  Browser browser(world);
  browser.cookies["lk_recovery"] = kRecovery;
  const Response response = browser.Submit("/recover/password", {{"new_password", "x"}});
  EXPECT_EQ(response.status, 503u);
  world.backend.set_password.refused.reset();
  browser.Post("/recover/password", Encode({{"form", HiddenField(response.body, "form")},
                                            {"once", HiddenField(response.body, "once")},
                                            {"new_password", "x"}}));
  EXPECT_EQ(world.backend.set_password.asked[0].idempotency_key(),
            world.backend.set_password.asked[1].idempotency_key());
}

// Fails without: FRESH in stop.html and link.html (seen: both beside "we do not know").
TEST(AnUnansweredCall, IsNotBesideWordsThatNothingHasHappened) {
  World world;
  client::Refused refused = Refuse(v1::REFUSAL_REASON_BUSY);
  refused.unreachable = true;
  RefuseAll(world.backend, refused);
  Browser browser(world);
  for (const auto& [page, action] :
       {std::pair{"/stop", "/stop/confirm"}, std::pair{"/recover", "/recover/open"}}) {
    EXPECT_NE(browser.Get(page).body.find("othing has happened"), std::string::npos) << page;
    const std::string body = browser.Submit(page, {{"t", kToken}}, action).body;
    EXPECT_NE(body.find("We do not know whether your request arrived"), std::string::npos);
    EXPECT_EQ(body.find("othing has happened"), std::string::npos) << page;
  }
}

// A right code is used up by its answer; typed again under the same key it gets that answer.
// Fails without: the key in SubmitCode; `once` in a form of code.html or link.html.
TEST(AnUnansweredCall, LetsTheCodeBeTypedAgainUnderTheSameKeyUntilItWasAnswered) {
  for (const char* page : {"/recover/code", "/recover"}) {
    World world;
    client::Refused refused = Refuse(v1::REFUSAL_REASON_BUSY);
    refused.unreachable = true;
    world.backend.submit_code.refused = refused;
    Browser browser(world);
    Response response =
        browser.Submit(page, {{"identifier", "ada"}, {"code", "12345678"}}, "/recover/code");
    EXPECT_EQ(response.status, 503u);
    const auto type_again = [&](std::string_view code) {
      const std::string form = FormTo(response.body, "/recover/code");
      response = browser.Post("/recover/code", Encode({{"form", HiddenField(form, "form")},
                                                       {"once", HiddenField(form, "once")},
                                                       {"identifier", "ada"},
                                                       {"code", std::string(code)}}));
    };
    world.backend.submit_code.refused = Refuse(v1::REFUSAL_REASON_WRONG);
    type_again("12345678");
    world.backend.submit_code.refused.reset();
    type_again("12345679");
    EXPECT_EQ(response.status, 303u);
    const auto& asked = world.backend.submit_code.asked;
    ASSERT_EQ(asked.size(), 3u);
    EXPECT_EQ(asked[0].idempotency_key().size(), 16u);
    EXPECT_EQ(asked[1].idempotency_key(), asked[0].idempotency_key());
    EXPECT_NE(asked[2].idempotency_key(), asked[0].idempotency_key());
  }
}

// Fails without: the key in UseBranchToken; `once` in branch_token.html.
TEST(AnUnansweredCall, LetsTheBranchTokenBeTypedAgainUnderTheSameKey) {
  World world;
  client::Refused refused = Refuse(v1::REFUSAL_REASON_BUSY);
  refused.unreachable = true;
  world.backend.redeem.refused = refused;
  Browser browser(world);
  const Fields typed = {{"customer_number", "471147"}, {"token", "123456789012"}};
  const Response response = browser.Submit("/branch-token", typed);
  EXPECT_EQ(response.status, 503u);
  Fields again = {{"form", HiddenField(response.body, "form")},
                  {"once", HiddenField(response.body, "once")}};
  again.insert(again.end(), typed.begin(), typed.end());
  browser.Post("/branch-token", Encode(again));
  const auto& asked = world.backend.redeem.asked;
  ASSERT_EQ(asked.size(), 2u);
  EXPECT_EQ(asked[0].idempotency_key().size(), 16u);
  EXPECT_EQ(asked[1].idempotency_key(), asked[0].idempotency_key());
}

TEST(ADeadLink, ExplainsItselfAndOffersANewOne) {
  for (auto reason :
       {v1::REFUSAL_REASON_EXPIRED, v1::REFUSAL_REASON_USED, v1::REFUSAL_REASON_STOPPED}) {
    World world;
    world.backend.open_link.refused = Refuse(reason);
    Browser browser(world);
    const Response response = browser.Submit("/recover", {{"t", kToken}}, "/recover/open");
    EXPECT_EQ(response.status, 410u);
    EXPECT_NE(response.body.find("id=\"start-again\""), std::string::npos);
  }
}

// Fails without: the case of Task::kLink in WrongWords (seen: nothing was said of the code).
TEST(ACutLink, IsToldAsWhatItIsWithEveryWayOn) {
  World world;
  Browser browser(world);
  const std::string cut(std::string_view(kToken).substr(0, 30));
  const std::string link = browser.Submit("/recover", {{"t", cut}}, "/recover/open").body;
  for (const char* part :
       {"This link is not complete", "Copy all of it from the message into the address bar",
        "or type the code from the same message", "href=\"/recover/code\"", "/recover/start"})
    EXPECT_NE(link.find(part), std::string::npos) << part;
  const std::string stop = browser.Submit("/stop", {{"t", cut}}, "/stop/confirm").body;
  EXPECT_NE(stop.find("Copy all of it from the message and paste it here"), std::string::npos);
  EXPECT_EQ(stop.find("the code from"), std::string::npos) << "that message has none";
  EXPECT_EQ(world.backend.changing_calls(), 0u);
}

TEST(AnEndedSession, IsForgottenButAnUnreachedOneIsKept) {
  World world;
  Browser browser(world);
  browser.Submit("/", {{"identifier", "ada"}, {"password", "x"}});
  client::Refused away = Refuse(v1::REFUSAL_REASON_BUSY);
  away.unreachable = true;
  world.backend.get_session.refused = away;
  EXPECT_EQ(browser.Get("/account").status, 503u);
  EXPECT_EQ(browser.cookies.count("lk_session"), 1u);
  world.backend.get_session.refused = Refuse(v1::REFUSAL_REASON_EXPIRED);
  EXPECT_EQ(browser.Get("/account").status, 403u);
  EXPECT_EQ(browser.cookies.count("lk_session"), 0u);
}

// Law 6: an expired one and a wrong one get the same answer, so that answer names both. Fails
// without: the sentence on time in WrongWords (seen: "did not match" to who was late by a minute).
TEST(AWrongCode, IsToldUntilWhenCodesWork) {
  World world;
  RefuseAll(world.backend, Refuse(v1::REFUSAL_REASON_WRONG));
  Browser browser(world);
  const std::string code =
      browser.Submit("/recover/code", {{"identifier", "ada"}, {"code", "12345678"}}).body;
  EXPECT_NE(code.find("only until the time that its message names"), std::string::npos);
  const Fields typed = {{"customer_number", "471147"}, {"token", "123456789012"}};
  const std::string token = browser.Submit("/branch-token", typed).body;
  EXPECT_NE(token.find("only until the time on its slip"), std::string::npos);
}

// Everything that ends a session looks the same to the page. Fails without: the freeze in
// sign_in.html (seen: "or because your password changed" to somebody who had frozen the account).
TEST(AnEndedSession, IsExplainedByWhateverMayHaveEndedIt) {
  World world;
  Browser browser(world);
  browser.Submit("/", {{"identifier", "ada"}, {"password", "x"}});
  world.backend.get_session.refused = Refuse(v1::REFUSAL_REASON_EXPIRED);
  const std::string page = browser.Get("/account").body;
  for (const char* cause : {"nothing was done for a while", "your password changed",
                            "your account was frozen", "newest message to you"})
    EXPECT_NE(page.find(cause), std::string::npos) << cause;
}

// Who went back after a success stands here too. Fails without: RAN_OUT in dead_end.html (seen:
// "This has expired", and no sign-in).
TEST(WithoutItsCookie, APageOfARecoveryLeadsToTheSignInAndOffersANewOne) {
  World world;
  for (const char* page : {"/recover/password", "/recover/unlock"}) {
    const Response response = Browser(world).Get(page);
    EXPECT_EQ(response.status, 410u);
    const size_t in_force = response.body.find("it is in force: you can sign in");
    const size_t sign_in = response.body.find("id=\"to-sign-in\"");
    const size_t again = response.body.find("id=\"start-again\"");
    EXPECT_LT(in_force, sign_in);
    EXPECT_LT(sign_in, again);
    EXPECT_NE(again, std::string::npos);
    EXPECT_EQ(response.body.find("This has expired"), std::string::npos);
  }
  EXPECT_TRUE(world.backend.get_recovery.asked.empty());
}

// Law 6: the same bytes for whoever is meant, but for the tokens in them.
TEST(Start, AnswersTheSameWhoeverIsMeant) {
  World world;
  std::set<size_t> sizes;
  for (const char* who : {"ada", "nobody-at-all@example.org"}) {
    Browser browser(world);
    EXPECT_EQ(
        LocationOf(browser.Submit("/recover/start", {{"identifier", who}, {"intent", "unlock"}})),
        "/recover/code");
    const Response page = browser.Get("/recover/code");
    EXPECT_EQ(page.body.find(who), std::string::npos);
    sizes.insert(page.body.size());
  }
  EXPECT_EQ(sizes.size(), 1u);
}

}  // namespace
}  // namespace latchkey::portal
