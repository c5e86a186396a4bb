// SPDX-License-Identifier: Apache-2.0
// What a page says and offers while something rests (Law 10).
#include <gtest/gtest.h>

#include <regex>
#include <string>

#include "tests/unit/portal/browser.h"

namespace latchkey::portal {
namespace {

TEST(AShortPause, IsToldByTheSecondAndIsNoLock) {
  World world;
  Browser browser(world);
  world.backend.sign_in.refused = RestsFor(world, std::chrono::seconds(30));
  const std::string body = browser.Submit("/", {{"identifier", "ada"}, {"password", "x"}}).body;
  EXPECT_NE(body.find("Too many tries in a short time"), std::string::npos);
  EXPECT_TRUE(
      std::regex_search(body, std::regex(R"(Wait until \d\d:\d\d:\d\d \([^)]+, 30 seconds\))")));
  EXPECT_NE(body.find("<h1>A short pause</h1>"), std::string::npos);
  EXPECT_NE(body.find("id=\"locked-start\""), std::string::npos) << "the same ways on";
  world.backend.sign_in.refused = RestsFor(world, std::chrono::minutes(15));
  const std::string lock = browser.Submit("/", {{"identifier", "ada"}, {"password", "x"}}).body;
  EXPECT_NE(lock.find("<h1>Locked out? Every way on</h1>"), std::string::npos);
  EXPECT_NE(lock.find("resting until "), std::string::npos);
  EXPECT_EQ(lock.find("seconds)"), std::string::npos);
}

// Fails without: TO_START_UNLOCK in locked.html, IsToUnlock in advice_ways.cc, TO_START_AGAIN (each
// seen).
TEST(WhoIsToldToUnlock, FindsUnlockingChosen) {
  constexpr char kUnlock[] = "href=\"/recover/start/unlock\"";
  World world;
  Browser browser(world);
  EXPECT_NE(browser.Get("/locked").body.find(kUnlock), std::string::npos);
  world.backend.sign_in.refused = RestsFor(world, std::chrono::minutes(15));
  const std::string lock = browser.Submit("/", {{"identifier", "ada"}, {"password", "x"}}).body;
  const size_t way = lock.find(kUnlock);
  ASSERT_NE(way, std::string::npos);
  EXPECT_NE(lock.find(kUnlock, way + 1), std::string::npos) << "in the box and below it";
  EXPECT_NE(browser.Get("/recover/unlock").body.find(std::string(kUnlock) + " id=\"start-again\""),
            std::string::npos)
      << "what ran out was to unlock";
  EXPECT_NE(browser.Get("/recover/start/unlock").body.find("value=\"unlock\" checked"),
            std::string::npos);
  // A short pause locks nothing: whoever comes from there has more likely forgotten.
  world.backend.sign_in.refused = RestsFor(world, std::chrono::seconds(30));
  const std::string pause = browser.Submit("/", {{"identifier", "ada"}, {"password", "x"}}).body;
  EXPECT_EQ(pause.find(kUnlock), std::string::npos);
  EXPECT_NE(browser.Get("/recover/start").body.find("value=\"reset\" checked"), std::string::npos);
}

// Law 10. Fails without: the case of retry_at in WordsFor (seen: only that it did not match).
TEST(TheTryThatBeginsARest, SaysSo) {
  World world;
  for (const Millis rest : {Millis(std::chrono::seconds(30)), Millis(std::chrono::minutes(15))}) {
    client::Refused wrong = RestsFor(world, rest);
    wrong.refusal.set_reason(v1::REFUSAL_REASON_WRONG);
    world.backend.sign_in.refused = world.backend.submit_code.refused = wrong;
    Browser browser(world);
    for (const std::string& body :
         {browser.Submit("/", {{"identifier", "ada"}, {"password", "x"}}).body,
          browser.Submit("/recover/code", {{"identifier", "ada"}, {"code", "12345678"}}).body})
      EXPECT_TRUE(std::regex_search(
          body, std::regex(R"(the next one is looked at from \d\d:\d\d(:\d\d)? \()")));
  }
}

// Fails without: the case of a rest in Unlock (seen: no form); IsPastMessages (seen: the first way
// was another message to unlock by); GetRecovery in ShowUnlockAgain and FRESH in unlock.html (each
// seen: a password was offered that a message alone does not set; "All failed attempts are
// forgotten").
TEST(WhoUnlockedTooOften, FindsTheNewPasswordThatIsLeft) {
  World world;
  world.backend.open_link.response.set_intent(v1::INTENT_UNLOCK);
  Browser browser(world);
  browser.Submit("/recover", {{"t", "dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHQ"}},
                 "/recover/open");
  world.backend.unlock.refused = RestsFor(world, std::chrono::minutes(30));
  const Response rests = browser.Submit("/recover/unlock", {});
  EXPECT_EQ(rests.status, 429u);
  EXPECT_NE(rests.body.find("Unlocked too often: the next time is at "), std::string::npos);
  EXPECT_NE(rests.body.find("id=\"unlock\""), std::string::npos);
  EXPECT_EQ(rests.body.find("All failed attempts are forgotten"), std::string::npos);
  EXPECT_NE(rests.body.find("href=\"/recover/password\""), std::string::npos);
  EXPECT_EQ(rests.body.find("href=\"/recover/start"), std::string::npos);
  world.backend.get_recovery.response.set_may_set_password(false);
  EXPECT_EQ(browser.Submit("/recover/unlock", {}).body.find("href=\"/recover/password\""),
            std::string::npos);
}

// Two links in one browser are two recoveries, and the later has its pages: whose password it is,
// must be read there, also after a refusal. Fails without: ShowWhose in ShowPassword, in ViewAgain,
// in UnlockView (each seen).
TEST(APageAfterTheProof, SaysWhoseAccountItIs) {
  World world;
  world.backend.get_recovery.response.set_customer_number_tail("047");
  Browser browser(world);
  browser.Submit("/recover", {{"t", "dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHQ"}},
                 "/recover/open");
  const std::string whose = "For the customer number that ends in 047";
  const Response page = browser.Get("/recover/password");
  EXPECT_NE(page.body.find(whose), std::string::npos);
  EXPECT_NE(browser.Get("/recover/unlock").body.find(whose), std::string::npos);
  client::Refused unsuitable = Refuse(v1::REFUSAL_REASON_PASSWORD_UNSUITABLE);
  unsuitable.refusal.set_password_issue(v1::PASSWORD_ISSUE_BLOCKLISTED);
  world.backend.set_password.refused = unsuitable;
  const Fields typed = {{"new_password", "x"}, {"whose", HiddenField(page.body, "whose")}};
  EXPECT_NE(browser.Submit("/recover/password", typed).body.find(whose), std::string::npos);
  EXPECT_EQ(browser.Submit("/recover/password", {{"new_password", "x"}, {"whose", "<b>"}})
                .body.find("customer number that ends"),
            std::string::npos);
}

// Fails without: "unlocking." in Start; either use of StartAgain (each seen).
TEST(WhoAskedToUnlock, IsNotAskedForANewPasswordByAnotherMessage) {
  World world;
  Browser browser(world);
  const auto again = [&](const std::string& body, const char* id) {
    return body.find("href=\"/recover/start/unlock\" id=\"" + std::string(id)) != std::string::npos;
  };
  browser.Submit("/recover/start", {{"identifier", "ada"}, {"intent", "unlock"}});
  EXPECT_TRUE(again(browser.Get("/recover/code").body, "again"));
  EXPECT_NE(browser.Get("/recover/code").body.find("Open the link in it"), std::string::npos);
  world.backend.submit_code.refused = Refuse(v1::REFUSAL_REASON_EXPIRED);
  EXPECT_TRUE(again(browser.Submit("/recover/code", {{"code", "12345678"}}).body, "start-again"));
  browser.Submit("/recover/start", {{"identifier", "ada"}, {"intent", "reset"}});
  EXPECT_FALSE(again(browser.Get("/recover/code").body, "again"));
}

}  // namespace
}  // namespace latchkey::portal
