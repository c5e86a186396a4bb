// SPDX-License-Identifier: Apache-2.0
// What the pages say: one word for one thing, and nothing that another door contradicts.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

#include "clients/portal/view/templates.h"
#include "tests/unit/portal/browser.h"

namespace latchkey::portal {
namespace {

namespace fs = std::filesystem;

std::string ReadFile(const fs::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::set<std::string> TextsOfTheTemplates() {
  std::set<std::string> texts;
  for (const auto& entry : fs::directory_iterator(fs::path(PORTAL_SOURCE) / "templates")) {
    Translated(ReadFile(entry.path()), [&](const std::string& english) {
      texts.insert(english);
      return english;
    });
  }
  return texts;
}

// What the teller reads out and what the demonstration prints names links that stand on a page.
TEST(Labels, ThatOtherDoorsQuoteStandOnAPage) {
  const std::set<std::string> texts = TextsOfTheTemplates();
  const fs::path root = fs::path(PORTAL_SOURCE) / ".." / "..";
  const std::regex quoted[] = {std::regex(R"(\\"([^"\\%]+)\\")"),
                               std::regex("choose \"([^\"]+)\"")};
  const char* files[] = {"clients/branch/case_sheet.cc", "deploy/demo-lib.sh"};
  for (int i = 0; i < 2; ++i) {
    const std::string source = ReadFile(root / files[i]);
    size_t labels = 0;
    for (std::sregex_iterator at(source.begin(), source.end(), quoted[i]), end; at != end; ++at) {
      ++labels;
      EXPECT_TRUE(texts.contains((*at)[1])) << files[i] << " names " << (*at)[1];
    }
    EXPECT_GT(labels, 0u) << files[i];
  }
}

// Zones of one country come with brackets of their own, "Vereinigtes Königreich (Ortszeit)". Fails
// without: the German texts that name a zone (seen), or U+2011 in "E-Mail" (seen).
TEST(German, IsSetWithCare) {
  PortalConfig config = TestConfig();
  config.bank.time_zone = "Europe/London";
  World world(std::move(config));
  Browser browser(world, "de");
  browser.Submit("/", {{"identifier", "ada"}, {"password", "x"}});
  std::string said = browser.Get("/account").body;
  for (const Millis left : {Millis(std::chrono::seconds(30)), Millis(std::chrono::minutes(15))}) {
    client::Refused rests = Refuse(v1::REFUSAL_REASON_RESTING);
    rests.refusal.set_retry_at_unix_ms(ToUnixMillis(world.clock.Now() + left));
    world.backend.sign_in.refused = rests;
    said += Browser(world, "de").Submit("/", {{"identifier", "ada"}, {"password", "x"}}).body;
  }
  EXPECT_NE(said.find("(Ortszeit)"), std::string::npos);
  EXPECT_EQ(said.find("(Vereinigtes"), std::string::npos);
  EXPECT_EQ(ReadFile(fs::path(PORTAL_SOURCE) / "po" / "de.po").find("E-Mail"), std::string::npos)
      << "a phone breaks the line at that hyphen";
}

// Fails without: PHONE_FORM in _identifier.html and code.html (seen).
TEST(ThePhoneOfACustomer, IsAskedForWithItsCountry) {
  World world;
  for (const char* page : {"/", "/recover/start", "/recover/code"}) {
    EXPECT_NE(Browser(world).Get(page).body.find("or phone as +49 …"), std::string::npos) << page;
  }
  EXPECT_EQ(PhoneForm("+4930123456"), "+ …") << "where the country ends cannot be seen";
  EXPECT_EQ(PhoneForm("+353 1 234"), "+353 …");
  EXPECT_EQ(PhoneForm("030 1234"), "+ …");
  EXPECT_EQ(PhoneForm(""), "+ …");
}

// In a branch the teller asks for the code of the message that says so: no page may call that
// fraud.
TEST(EveryPage, LeavesRoomForTheCodeThatIsSaidInABranch) {
  World world;
  const std::string page = Browser(world).Get("/").body;
  EXPECT_NE(page.find("never call or write to ask for a code"), std::string::npos);
  EXPECT_NE(page.find("for the member of staff in front of you"), std::string::npos);
  for (const std::string& text : TextsOfTheTemplates()) {
    EXPECT_EQ(text.find("ever ask for your password or for a code"), std::string::npos) << text;
    EXPECT_EQ(text.find("number from a branch"), std::string::npos) << "it is called token";
  }
}

// Fails without: what _layout.html says before the hours (seen: hours alone, beside "at any hour").
TEST(EveryPage, SaysWhoseHoursItNames) {
  World world;
  for (const char* page : {"/", "/locked", "/help", "/stop"}) {
    const std::string body = Browser(world).Get(page).body;
    EXPECT_NE(body.find("<span>By keys at any hour. A person answers: 8 to 20</span>"),
              std::string::npos)
        << page;
    for (size_t at = body.find("8 to 20"); at != std::string::npos;
         at = body.find("8 to 20", at + 1))
      EXPECT_EQ(body.substr(at - 18, 18), "A person answers: ") << page;
  }
}

TEST(Help, EndsNoSentenceInNothingWhereTheBankNamesNoHours) {
  PortalConfig config = TestConfig();
  config.bank.texts.phone_hours.clear();
  World quiet(std::move(config));
  EXPECT_EQ(Browser(quiet).Get("/help").body.find("A person answers"), std::string::npos);
}

TEST(Privacy, NamesThePhoneWhereTheBankNamesNoContact) {
  World world;
  const std::string page = Browser(world).Get("/privacy").body;
  const size_t at = page.find("Who to ask:");
  ASSERT_NE(at, std::string::npos);
  EXPECT_EQ(page.substr(at, 60).find("Who to ask: <a href=\"tel:+493012345678\""), 0u);
  PortalConfig config = TestConfig();
  config.bank.texts.privacy_contact = "privacy office";
  World other(std::move(config));
  EXPECT_NE(Browser(other).Get("/privacy").body.find("Who to ask: privacy office"),
            std::string::npos);
}

// "Reset or unlock by message" is no way on for who is in, has finished, or is frozen.
TEST(OtherWaysIn, StandOnlyWhereSomebodyWantsIn) {
  World world;
  Browser browser(world);
  for (const char* page : {"/", "/recover/start", "/recover/code", "/locked", "/help"}) {
    EXPECT_NE(browser.Get(page).body.find("id=\"way-start\""), std::string::npos) << page;
  }
  browser.Submit("/", {{"identifier", "ada"}, {"password", "x"}});
  browser.cookies["lk_recovery"] = "cnJycnJycnJycnJycnJycnJycnJycnJycnJycnJycnI";
  for (const char* page : {"/account", "/recover/password", "/recover/unlock", "/recover/done",
                           "/stop", "/stop/done"}) {
    const std::string body = browser.Get(page).body;
    for (const char* way : {"way-start", "way-code", "way-branch-token", "href=\"/locked\""}) {
      EXPECT_EQ(body.find(way), std::string::npos) << page << " " << way;
    }
    EXPECT_NE(body.find("id=\"way-phone\""), std::string::npos) << page;
    EXPECT_NE(body.find("id=\"way-help\""), std::string::npos) << page;
  }
  world.backend.open_link.refused = Refuse(v1::REFUSAL_REASON_STOPPED);
  const char* token = "dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHQ";
  EXPECT_EQ(browser.Submit("/recover", {{"t", token}}, "/recover/open").body.find("way-start"),
            std::string::npos);
}

TEST(Times, NameTheirZone) {
  World world;
  Browser browser(world);
  browser.Submit("/", {{"identifier", "ada"}, {"password", "x"}});
  EXPECT_TRUE(std::regex_search(browser.Get("/account").body,
                                std::regex(R"(sign you out at \d\d:\d\d \([^)]+\))")));
  world.backend.sign_in.refused = RestsFor(world, std::chrono::minutes(15));
  const Response rest = Browser(world).Submit("/", {{"identifier", "ada"}, {"password", "x"}});
  EXPECT_TRUE(std::regex_search(rest.body, std::regex(R"(resting until \d\d:\d\d \([^)]+\))")));
}

TEST(AfterABranchToken, ThePageOfTheCodePromisesNoLink) {
  World world;
  Browser browser(world);
  browser.Submit("/branch-token", {{"customer_number", "471147"}, {"token", "123456789012"}});
  EXPECT_EQ(browser.Get("/recover/code").body.find("Open the link"), std::string::npos);
  world.backend.submit_code.refused = Refuse(v1::REFUSAL_REASON_WRONG);
  EXPECT_EQ(
      browser.Submit("/recover/code", {{"code", "12345678"}}).body.find("Open the link in it"),
      std::string::npos);
  browser.Submit("/recover/start", {{"identifier", "ada"}, {"intent", "reset"}});
  EXPECT_NE(browser.Get("/recover/code").body.find("Open the link in it"), std::string::npos);
}

TEST(ARefusedPassword, LeavesUnlockingInReach) {
  for (const bool may_unlock : {true, false}) {
    World world;
    world.backend.get_recovery.response.set_may_unlock(may_unlock);
    world.backend.set_password.refused = Refuse(v1::REFUSAL_REASON_PASSWORD_UNSUITABLE);
    Browser browser(world);
    browser.cookies["lk_recovery"] = "cnJycnJycnJycnJycnJycnJycnJycnJycnJycnJycnI";
    Fields fields = {{"new_password", "x"}};
    const std::string sent = HiddenField(browser.Get("/recover/password").body, "may_unlock");
    if (!sent.empty()) fields.emplace_back("may_unlock", sent);
    for (int i = 0; i < 2; ++i) {
      const std::string body = browser.Submit("/recover/password", fields).body;
      EXPECT_EQ(body.find("id=\"rather-unlock\"") != std::string::npos, may_unlock) << i;
    }
  }
}

// Law 10: whoever asked to unlock and stands before "choose a new password" is told why.
TEST(ANewPassword, SaysWhyUnlockingIsNotOfferedToWhoAskedForIt) {
  for (const auto intent : {v1::INTENT_UNLOCK, v1::INTENT_RESET}) {
    for (const bool may_unlock : {true, false}) {
      World world;
      world.backend.get_recovery.response.set_intent(intent);
      world.backend.get_recovery.response.set_may_unlock(may_unlock);
      Browser browser(world);
      browser.cookies["lk_recovery"] = "cnJycnJycnJycnJycnJycnJycnJycnJycnJycnJycnI";
      const std::string body = browser.Get("/recover/password").body;
      EXPECT_EQ(body.find("id=\"no-use-to-unlock\"") != std::string::npos,
                intent == v1::INTENT_UNLOCK && !may_unlock);
    }
  }
}

constexpr char kToken[] = "dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHQ";

TEST(WhatWasUsed, LeadsToTheSignInFirst) {
  World world;
  world.backend.open_link.refused = Refuse(v1::REFUSAL_REASON_USED);
  const std::string body = Browser(world).Submit("/recover", {{"t", kToken}}, "/recover/open").body;
  const size_t button = body.find("btn btn-primary lk-go");
  ASSERT_NE(button, std::string::npos);
  EXPECT_NE(body.substr(button, 60).find("href=\"/\""), std::string::npos)
      << body.substr(button, 90);
  EXPECT_EQ(body.find("<title>Please check"), std::string::npos) << "nothing can be checked";
}

// Fails without: the case of Task::kStop for USED in advice_words.cc and advice_ways.cc (seen for
// both).
TEST(WhatWasUsed, SaysWhatItDid) {
  World world;
  world.backend.freeze.refused = Refuse(v1::REFUSAL_REASON_USED);
  Browser browser(world);
  const std::string stopped = browser.Submit("/stop", {{"t", kToken}}, "/stop/confirm").body;
  EXPECT_NE(stopped.find("has stopped your online access already"), std::string::npos);
  EXPECT_EQ(stopped.find("Get a message with a link and a code"), std::string::npos);
  world.backend.open_link.refused = Refuse(v1::REFUSAL_REASON_USED);
  const std::string opened = browser.Submit("/recover", {{"t", kToken}}, "/recover/open").body;
  EXPECT_EQ(opened.find("with your new password"), std::string::npos) << "it may have unlocked";
}

// Lifting a freeze takes a document and a code (services/assist/lift_freeze.cc). Fails without:
// these words on each of the pages (seen).
TEST(AFrozenAccount, IsSaidToOpenInABranchWithADocument) {
  World world;
  Browser browser(world);
  constexpr char kTakes[] = "branch with an identity document";
  EXPECT_NE(browser.Get("/help").body.find(kTakes), std::string::npos);
  EXPECT_NE(browser.Get("/stop").body.find(kTakes), std::string::npos) << "before it is done";
  browser.Submit("/stop", {{"t", kToken}}, "/stop/confirm");
  const std::string done = browser.Get("/stop/done").body;
  EXPECT_NE(done.find(kTakes), std::string::npos);
  EXPECT_NE(done.find("By phone it cannot be opened"), std::string::npos);
  for (const auto reason : {v1::REFUSAL_REASON_USED, v1::REFUSAL_REASON_STOPPED}) {
    world.backend.freeze.refused = Refuse(reason);
    const std::string body = browser.Submit("/stop", {{"t", kToken}}, "/stop/confirm").body;
    const size_t box = body.find("id=\"problem\"");
    EXPECT_LT(body.find(kTakes, box), body.find("</div>", box));
  }
}

// Fails without: Entitle for each of the states (seen: "All done" and "Your account is frozen",
// opened cold), or the cookie of a call back.
TEST(EveryPageAfterAPost, IsTitledByWhatItShows) {
  World world;
  const auto title = [](const Response& page) {
    const size_t at = page.body.find("<title>") + 7;
    return page.body.substr(at, page.body.find(" – ", at) - at);
  };
  for (const char* cold : {"/recover/done", "/stop/done", "/help/call-back/done"}) {
    const Response page = Browser(world).Get(cold);
    EXPECT_EQ(title(page), "Nothing to show here") << cold;
    EXPECT_NE(page.body.find("<h1>Nothing to show here</h1>"), std::string::npos) << cold;
  }
  Browser browser(world);
  const auto after = [&](const Response& response) {
    const Response page = browser.Get(LocationOf(response));
    EXPECT_NE(page.body.find("<h1>" + title(page) + "</h1>"), std::string::npos) << title(page);
    return title(page);
  };
  EXPECT_EQ(after(browser.Submit("/help", {{"customer_number", "471147"}}, "/help/call-back")),
            "We will call you");
  EXPECT_EQ(after(browser.Submit("/stop", {{"t", kToken}}, "/stop/confirm")),
            "Your account is frozen");
  browser.Submit("/recover", {{"t", kToken}}, "/recover/open");
  EXPECT_EQ(after(browser.Submit("/recover/password", {{"new_password", "x"}})),
            "Your new password is set");
  browser.Submit("/recover", {{"t", kToken}}, "/recover/open");
  EXPECT_EQ(after(browser.Submit("/recover/unlock", {})), "Your account is unlocked");
}

TEST(RecentActivity, TellsAMessageOnce) {
  World world;
  const auto add = [&](v1::ActivityKind kind, const char* message = "") {
    v1::Activity& activity = *world.backend.get_session.response.add_recent();
    activity.set_kind(kind);
    activity.set_message(message);
  };
  add(v1::ACTIVITY_KIND_MESSAGE_QUEUED);  // newest first: this one is still on its way
  add(v1::ACTIVITY_KIND_MESSAGE_ACCEPTED, "password_reset_notice");
  add(v1::ACTIVITY_KIND_MESSAGE_FAILED, "of_a_newer_service");
  add(v1::ACTIVITY_KIND_SIGNED_IN);
  add(v1::ACTIVITY_KIND_MESSAGE_QUEUED);
  Browser browser(world);
  browser.Submit("/", {{"identifier", "ada"}, {"password", "x"}});
  const std::string body = browser.Get("/account").body;
  const size_t first = body.find("was prepared");
  ASSERT_NE(first, std::string::npos);
  EXPECT_EQ(body.find("was prepared", first + 1), std::string::npos);
  EXPECT_LT(first, body.find("was sent: your password was changed</span>"));
  EXPECT_NE(body.find("could not be delivered</span>"), std::string::npos);
  EXPECT_NE(body.find("<a href=\"tel:+493012345678\" id=\"call-us\""), std::string::npos);
}

}  // namespace
}  // namespace latchkey::portal
