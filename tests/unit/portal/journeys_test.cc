// SPDX-License-Identifier: Apache-2.0
// Each journey through the pages, with the service answering well.
#include <gtest/gtest.h>

#include "tests/unit/portal/browser.h"

namespace latchkey::portal {
namespace {

constexpr char kToken[] = "dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHQ";  // 32 times 't'

TEST(SignIn, KeepsTheSessionAndMakesTheDeviceKnown) {
  World world;
  Browser browser(world);
  Response response = browser.Submit("/", {{"identifier", "ada"}, {"password", " p\u00e4ss "}});
  EXPECT_EQ(LocationOf(response), "/account");
  ASSERT_EQ(world.backend.sign_in.asked.size(), 1u);
  EXPECT_EQ(world.backend.sign_in.asked[0].password(), " p\u00e4ss ") << "taken whole, unchanged";
  EXPECT_EQ(world.backend.sign_in.asked[0].source().address(), "127.0.0.1");
  response = browser.Get("/account");
  EXPECT_EQ(world.backend.get_session.asked[0].session_token(), Bytes32('s'));
  EXPECT_NE(response.body.find("Ada &lt;b&gt;Lovelace&lt;/b&gt;"), std::string::npos) << "I04";
  EXPECT_EQ(response.body.find("<b>Lovelace"), std::string::npos);

  response = browser.Submit("/account", {}, "/sign-out");
  EXPECT_EQ(LocationOf(response), "/");
  EXPECT_EQ(browser.cookies.count("lk_session"), 0u);
  EXPECT_EQ(browser.cookies.count("lk_device"), 1u);
  EXPECT_NE(browser.Get("/").body.find("You are signed out."), std::string::npos);
  browser.Submit("/", {{"identifier", "ada"}, {"password", "x"}});
  EXPECT_EQ(world.backend.sign_in.asked[1].source().device_token(), Bytes32('d'));
}

// Fails without: the redirect in ShowSignIn, and LeaveAt in RenderAccount (seen, both at once).
TEST(SignIn, LeadsToTheAccountWhileItLivesAndTakesItOffTheScreenAfter) {
  World world;
  Browser browser(world);
  browser.Submit("/", {{"identifier", "ada"}, {"password", "x"}});
  EXPECT_EQ(LocationOf(browser.Get("/")), "/account");
  EXPECT_EQ(browser.Get("/account").Find("Refresh"), "600; url=/account/closed");
  const size_t looked = world.backend.get_session.asked.size();
  const std::string closed = browser.Get("/account/closed").body;
  EXPECT_EQ(world.backend.get_session.asked.size(), looked) << "a look keeps the session alive";
  EXPECT_EQ(closed.find("Lovelace"), std::string::npos);
  EXPECT_NE(closed.find("href=\"/account\""), std::string::npos);
  world.backend.get_session.refused = Refuse(v1::REFUSAL_REASON_EXPIRED);
  const Response ended = browser.Get("/account");
  EXPECT_FALSE(ended.Find("Refresh").has_value());
  EXPECT_NE(ended.body.find("Please sign in again;"), std::string::npos);
  EXPECT_EQ(browser.Get("/").status, 200u);
  EXPECT_EQ(LocationOf(browser.Get("/account/closed")), "/");
}

TEST(Recovery, ByCodeLeadsToANewPasswordAndSignsNobodyIn) {
  World world;
  Browser browser(world, "de");
  Response response =
      browser.Submit("/recover/start", {{"identifier", "ada"}, {"intent", "reset"}});
  EXPECT_EQ(LocationOf(response), "/recover/code");
  EXPECT_EQ(world.backend.begin.asked[0].intent(), v1::INTENT_RESET);
  EXPECT_EQ(world.backend.begin.asked[0].source().language(), "de");
  EXPECT_EQ(world.backend.begin.asked[0].idempotency_key().size(), 16u);

  response = browser.Submit("/recover/code", {{"code", " 1234-5678 "}});
  EXPECT_EQ(LocationOf(response), "/recover/password");
  EXPECT_EQ(world.backend.submit_code.asked[0].code(), "12345678");
  EXPECT_EQ(world.backend.submit_code.asked[0].handle(), Bytes32('h'));
  EXPECT_EQ(browser.cookies.count("lk_handle"), 0u) << "S04: the lower step's cookie is gone";

  response = browser.Submit("/recover/password", {{"new_password", "vier Wörter sind genug"}});
  EXPECT_EQ(LocationOf(response), "/recover/done");
  EXPECT_EQ(world.backend.set_password.asked[0].recovery_session(), Bytes32('r'));
  EXPECT_EQ(world.backend.set_password.asked[0].new_password(), "vier Wörter sind genug");
  EXPECT_EQ(browser.cookies.count("lk_recovery"), 0u);
  EXPECT_EQ(browser.cookies.count("lk_session"), 0u) << "S02";
  response = browser.Get("/recover/done");
  EXPECT_NE(response.body.find("R-7K2M-9QXA"), std::string::npos);
}

TEST(Recovery, OnAnotherDeviceAsksWhoItIs) {
  World world;
  Browser browser(world);
  EXPECT_NE(browser.Get("/recover/code").body.find("name=\"identifier\""), std::string::npos);
  browser.Submit("/recover/code", {{"identifier", "ada"}, {"code", "12345678"}});
  EXPECT_EQ(world.backend.submit_code.asked[0].identifier(), "ada");
}

TEST(Recovery, ByLinkOpensOnlyByAPost) {
  World world;
  Browser browser(world);
  EXPECT_EQ(browser.Get("/recover").status, 200u);
  EXPECT_EQ(world.backend.changing_calls(), 0u);
  const Response response = browser.Submit("/recover", {{"t", kToken}}, "/recover/open");
  EXPECT_EQ(LocationOf(response), "/recover/password");
  EXPECT_EQ(world.backend.open_link.asked[0].link_token(), Bytes32('t'));
}

TEST(Recovery, ToUnlockAsksForOneMoreClick) {
  World world;
  world.backend.open_link.response.set_intent(v1::INTENT_UNLOCK);
  Browser browser(world);
  EXPECT_EQ(LocationOf(browser.Submit("/recover", {{"t", kToken}}, "/recover/open")),
            "/recover/unlock");
  EXPECT_TRUE(world.backend.unlock.asked.empty());
  EXPECT_EQ(LocationOf(browser.Submit("/recover/unlock", {})), "/recover/done");
  EXPECT_EQ(world.backend.unlock.asked[0].recovery_session(), Bytes32('r'));
  EXPECT_NE(browser.Get("/recover/done").body.find("Your account is unlocked"), std::string::npos);
}

// Law 10. Fails without: the redirect in Unlock (seen: "one more proof is needed").
TEST(Recovery, GoesOnToANewPasswordWhenTheOldOneWasDisabledBeforeTheClick) {
  World world;
  world.backend.open_link.response.set_intent(v1::INTENT_UNLOCK);
  Browser browser(world);
  browser.Submit("/recover", {{"t", kToken}}, "/recover/open");
  const std::string form = FormTo(browser.Get("/recover/unlock").body, "/recover/unlock");
  client::Refused refused;
  refused.refusal.set_reason(v1::REFUSAL_REASON_MORE_PROOF);
  world.backend.unlock.refused = refused;
  world.backend.get_recovery.response.set_may_unlock(false);
  const std::string typed =
      Encode({{"form", HiddenField(form, "form")}, {"once", HiddenField(form, "once")}});
  EXPECT_EQ(LocationOf(browser.Post("/recover/unlock", typed)), "/recover/unlock");
  EXPECT_EQ(LocationOf(browser.Get("/recover/unlock")), "/recover/password");
}

// The service leaves sessions alive when it unlocks: what this browser holds is ended there too,
// not only forgotten here, and an answer that does not come keeps nobody.
TEST(Recovery, EndsTheBrowsersSession) {
  for (bool answers : {true, false}) {
    World world;
    world.backend.open_link.response.set_intent(v1::INTENT_UNLOCK);
    if (!answers) world.backend.sign_out.refused = Refuse(v1::REFUSAL_REASON_BUSY);
    Browser browser(world);
    browser.Submit("/", {{"identifier", "ada"}, {"password", "x"}});
    ASSERT_TRUE(browser.cookies.contains("lk_session"));
    browser.Submit("/recover", {{"t", kToken}}, "/recover/open");
    EXPECT_EQ(LocationOf(browser.Submit("/recover/unlock", {})), "/recover/done");
    ASSERT_EQ(world.backend.sign_out.asked.size(), 1u);
    EXPECT_EQ(world.backend.sign_out.asked[0].session_token(), Bytes32('s'));
    EXPECT_FALSE(browser.cookies.contains("lk_session"));
  }
}

// P08: a double click is one request for the service.
TEST(Recovery, CountsADoubleClickOnce) {
  World world;
  Browser browser(world);
  browser.Submit("/recover", {{"t", kToken}}, "/recover/open");
  const std::string page = browser.Get("/recover/password").body;
  const std::string body = Encode({{"form", HiddenField(page, "form")},
                                   {"once", HiddenField(page, "once")},
                                   {"new_password", "a b c d e f g h"}});
  const auto kept = browser.cookies;
  browser.Post("/recover/password", body);
  browser.cookies = kept;
  browser.Post("/recover/password", body);
  ASSERT_EQ(world.backend.set_password.asked.size(), 2u);
  EXPECT_EQ(world.backend.set_password.asked[0].idempotency_key(),
            world.backend.set_password.asked[1].idempotency_key());
}

TEST(BranchToken, WaitsForTheCodeThatItCausesToBeSent) {
  World world;
  Browser browser(world);
  const Response response =
      browser.Submit("/branch-token", {{"customer_number", "4711"}, {"token", "1234 5678 9012"}});
  EXPECT_EQ(LocationOf(response), "/recover/code");
  EXPECT_EQ(world.backend.redeem.asked[0].token(), "123456789012");
  browser.Submit("/recover/code", {{"code", "12345678"}});
  EXPECT_EQ(world.backend.submit_code.asked[0].handle(), Bytes32('b'));
}

// Law 9: one confirmed click, with and without scripts.
TEST(ThisWasNotMe, FreezesByOneConfirmedClick) {
  World world;
  Browser browser(world);
  browser.Get("/stop");
  EXPECT_EQ(world.backend.changing_calls(), 0u);
  EXPECT_EQ(LocationOf(browser.Submit("/stop", {{"t", kToken}}, "/stop/confirm")), "/stop/done");
  EXPECT_NE(browser.Get("/stop/done").body.find("C-1234-ABCD"), std::string::npos);
  browser.Submit("/stop", {{"link", std::string("<https://bank/stop#t=") + kToken + ">"}},
                 "/stop/confirm");
  ASSERT_EQ(world.backend.freeze.asked.size(), 2u);
  EXPECT_EQ(world.backend.freeze.asked[1].link_token(), Bytes32('t'));
}

// L11: what is no token never becomes a call.
TEST(Links, WithoutAWholeTokenAskNothingOfTheService) {
  World world;
  Browser browser(world);
  for (const char* token : {"", "0", "'", " ", "%", "null", "[null]", "AAAA", "a b",
                            "dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR",
                            "dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHQ="}) {
    for (const char* page : {"/recover", "/stop"}) {
      const Response response = browser.Submit(
          page, {{"t", token}}, page == std::string("/stop") ? "/stop/confirm" : "/recover/open");
      EXPECT_EQ(response.status, 422u) << page << " " << token;
    }
  }
  EXPECT_EQ(world.backend.changing_calls(), 0u);
}

TEST(CallBack, IsAskedForOnceHoweverOftenItIsSent) {
  World world;
  Browser browser(world);
  const std::string page = browser.Get("/help").body;
  const std::string body = Encode({{"form", HiddenField(page, "form")},
                                   {"once", HiddenField(page, "once")},
                                   {"customer_number", "4711"}});
  EXPECT_EQ(LocationOf(browser.Post("/help/call-back", body)), "/help/call-back/done");
  browser.Post("/help/call-back", body);
  EXPECT_EQ(world.backend.ask.asked[0].idempotency_key(),
            world.backend.ask.asked[1].idempotency_key());
}

TEST(Language, StaysAsChosen) {
  World world;
  Browser browser(world, "en");
  const std::string page = browser.Get("/recover/start").body;
  const std::string token = HiddenField(page, "form");
  const std::string mixed = Encode({{"form", token},
                                    {"once", HiddenField(page, "once")},
                                    {"language", "de"},
                                    {"place", "/recover/start"}});
  EXPECT_EQ(browser.Post("/language", mixed).status, 400u)
      << "the page's own `once` is no field of the language form";
  EXPECT_EQ(
      LocationOf(browser.Post(
          "/language", Encode({{"form", token}, {"place", "/recover/start"}, {"language", "de"}}))),
      "/recover/start");
  EXPECT_NE(browser.Get("/recover/start").body.find("<html lang=\"de\">"), std::string::npos);
}

}  // namespace
}  // namespace latchkey::portal
