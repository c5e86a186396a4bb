// SPDX-License-Identifier: Apache-2.0
// Attacks on what two readers could read differently, and on the page that a secret passes through.
#include <fstream>
#include <regex>

#include "clients/portal/routes.h"
#include "tests/attacks/bank.h"
#include "tests/unit/portal/browser.h"

namespace latchkey::attacks {
namespace {

// I07. Fails without: the refusal of repeated fields in Form::Parse, and of repeated cookies in
// CookieJar::Read: the last one counted, or the first (seen each).
TEST_F(Attack, I07_WhatIsSaidTwiceIsNotChosenFrom) {
  Visitor browser = Browser("victim");
  const std::string form = portal::HiddenField(browser.Get("/").body, "form");
  const Effort before = A().effort();
  const std::string good = "form=" + form + "&identifier=anna&password=x";
  for (const std::string& body :
       {good + "&identifier=bruno", good + "&password=y", good + "&form=" + form,
        good + "&identifier[]=bruno", good + "&identifier%00=bruno", good + "&=x",
        good + "&identifier", good + "&%69dentifier=bruno", good + "&account_id=1", good + "&",
        "&" + good})
    EXPECT_EQ(browser.Post("/", body).status, 400) << body.substr(60);
  EXPECT_EQ(browser
                .Post("/", "{\"identifier\":\"anna\",\"identifier\":\"bruno\"}",
                      {{"Content-Type", "application/json"}})
                .status,
            415);
  // A query adds nothing to a form, and a second cookie of a name leaves none.
  EXPECT_EQ(
      browser
          .Post("/?identifier=bruno&password=x", "form=" + form + "&identifier=anna&password=nope")
          .status,
      422);
  EXPECT_EQ(A().effort().hashes - before.hashes, 1) << "the one sign-in that was said once";
  const std::string cookie = "__Host-lk_form=" + browser.cookies["__Host-lk_form"];
  for (const std::string& twice : {cookie + "; __Host-lk_form=x", "__Host-lk_form=x; " + cookie})
    EXPECT_EQ(browser.Post("/", good, {{"Cookie", twice}}).status, 403) << twice;
  const std::string start =
      "POST / HTTP/1.1\r\nConnection: close\r\nContent-Type: "
      "application/x-www-form-urlencoded\r\nCookie: " +
      cookie + "\r\n";
  const std::string host = "Host: " + std::string(kPortalHost) + "\r\n", body = "\r\n\r\n" + good;
  const std::string length = "Content-Length: " + std::to_string(good.size());
  EXPECT_EQ(browser.Raw(start + host + "Host: evil.example\r\n" + length + body).status, 400);
  EXPECT_EQ(browser.Raw(start + host + length + "\r\nContent-Length: 1" + body).status, 400);
  EXPECT_EQ(browser.Raw(start + host + length + "\r\nTransfer-Encoding: chunked" + body).status,
            400);
  EXPECT_EQ(A().effort().hashes - before.hashes, 1);
  // Repeated in a message of the contract, the last one counts, for the one reader there is.
  const v1::SignInRequest anna = SignInAs("anna", anna_.password, "192.0.2.1");
  const v1::SignInRequest nobody = SignInAs("nobody", anna_.password, "192.0.2.1");
  v1::SignInRequest both;
  ASSERT_TRUE(both.ParseFromString(anna.SerializeAsString() + nobody.SerializeAsString()));
  EXPECT_EQ(Web("victim").Call(&v1::SignIn::Stub::SignIn, both).reason(), v1::REFUSAL_REASON_WRONG);
  EXPECT_EQ(Count(anna_, model::Event::kSignedIn), 0);
}

// I08. Fails without: ToLower in CanonicalLogin (seen: a spelling met nobody).
TEST_F(Attack, I08_EverySpellingIsTheSameCustomerOnEveryChannel) {
  const Teller tessa = AddTeller("tessa");
  for (const std::string spelling :
       {"anna", "ANNA", " Anna ", "10000001", "1000 0001", "10-00-00-01", "anna@example.org",
        "ANNA@EXAMPLE.ORG", "anna@Example.Org"}) {
    clock_.Advance(std::chrono::hours(2));
    Browser("browser", NextLoopback()).AskForMessage(spelling);
    EXPECT_EQ(OneLetter().to(), anna_.email) << spelling;
    clock_.Advance(std::chrono::hours(2));
    Phone().Call(&v1::Recovery::Stub::Begin, BeginFor(spelling, ""));
    EXPECT_EQ(OneLetter().to(), anna_.email) << spelling;
    EXPECT_TRUE(Browser("browser", NextLoopback()).SignIn(spelling, anna_.password).location() ==
                "/account")
        << spelling;
  }
  Desk again(Terminal("west", "two"), canaries_, clock_);
  for (const std::string& line : {std::string("tessa"), tessa.password, Totp(tessa)})
    again.Type(line);
  for (const char* spelling : {"10000001", "10-00-00-01"})
    EXPECT_NE(again.TypeForText("find " + std::string(spelling) + " forgot").find("Annabel"),
              std::string::npos)
        << spelling;
  // What only looks like her is nobody.
  for (const char* other :
       {"\u1d2cnna", "\u0430nna", "ann\u00e0", "\uff11\uff10\uff10\uff10\uff10\uff10\uff10\uff11",
        "anna@ex\u0430mple.org", "anna\u200b"}) {
    Browser("browser", NextLoopback()).AskForMessage(other);
    EXPECT_TRUE(Letters().empty()) << other;
  }
}

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// I09. Fails without: the escaping of the bank's name in _layout.html (seen with :none). The page
// that a link leads to holds nothing that a request or a bank could script.
TEST(PortalPages, I09_HoldNoForeignScript) {
  portal::PortalConfig config = portal::TestConfig();
  const std::string evil =
      "\"><script src=//evil.example></script><img src=x onerror=alert(1)> javascript:alert(1)";
  config.bank.name = evil;
  config.bank.phone = evil;
  config.bank.texts.branch = evil;
  config.bank.texts.phone_hours = evil;
  config.bank.texts.privacy_contact = evil;
  portal::World world(config);
  portal::Browser browser(world);
  int pages = 0;
  for (const portal::Route& route : portal::AllRoutes()) {
    const std::string path(portal::PathOf(route.place));
    const portal::Response page = browser.Get(path + "?x=" + portal::Encode({{"y", evil}}));
    if (page.body.find("<html") == std::string::npos) continue;
    ++pages;
    const std::regex tags("<(script|img|iframe|object|embed|base|link|form|a)\\b[^>]*>",
                          std::regex::icase);
    for (std::sregex_iterator at(page.body.begin(), page.body.end(), tags), end; at != end; ++at) {
      const std::string tag = at->str();
      EXPECT_FALSE(
          std::regex_search(tag, std::regex("(src|href|action)=\"(?!/|tel:|#)", std::regex::icase)))
          << path << ": " << tag;
      EXPECT_FALSE(std::regex_search(tag, std::regex("(src|href|action)=\"//", std::regex::icase)))
          << path << ": " << tag;
      EXPECT_FALSE(std::regex_search(tag, std::regex("\\son\\w+=", std::regex::icase)))
          << path << ": " << tag;
    }
    EXPECT_EQ(page.body.find("<script>"), std::string::npos) << path;
    EXPECT_EQ(page.body.find("style=\""), std::string::npos) << path;
    const std::string policy(page.Find("Content-Security-Policy").value_or(""));
    for (const char* part :
         {"default-src 'none'", "script-src 'self'", "require-trusted-types-for 'script'",
          "base-uri 'none'", "form-action 'self'"})
      EXPECT_NE(policy.find(part), std::string::npos) << path;
    EXPECT_EQ(policy.find("unsafe"), std::string::npos) << path;
  }
  EXPECT_GT(pages, 10);
  const std::string script = ReadFile(std::filesystem::path(PORTAL_SHARE) / "static/portal.js");
  ASSERT_GT(script.size(), 100u);
  for (const char* sink : {"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write",
                           "eval(", "Function(", "setTimeout(\"", "srcdoc", "javascript:"})
    EXPECT_EQ(script.find(sink), std::string::npos) << sink;
}

// I10. All that a customer gets in a whole story, as it was sent; tests/unit/courier lints every
// message. Fails without: the rule itself: with a picture from elsewhere in layout.html it was
// found (seen).
TEST_F(Attack, I10_EveryMailLeadsToTheBankAlone) {
  Visitor browser = Browser("owner");
  browser.AskForMessage("anna");
  std::vector<Letter> all = Letters();
  browser.OpenLink(all[0].link());
  MayChange(anna_);
  browser.SetPassword(kNewPassword);
  for (Letter& letter : Letters()) all.push_back(std::move(letter));
  browser.StopByLink(all.back().stop_link());
  for (Letter& letter : Letters()) all.push_back(std::move(letter));
  ASSERT_EQ(all.size(), 5u);
  for (const Letter& letter : all) {
    EXPECT_EQ(letter.from, "access@mail.harbour.example");
    for (const std::string& form : {letter.read.text, letter.read.html}) {
      const std::regex url("[a-z]+://([^/\\s\"<>#]+)", std::regex::icase);
      for (std::sregex_iterator at(form.begin(), form.end(), url), end; at != end; ++at)
        EXPECT_EQ((*at)[1].str(), std::string(kPortalHost)) << letter.subject();
      for (const char* never :
           {"xn--", "<img", "<script", "cid:", "data:", "<form", "<iframe", "@import"})
        EXPECT_EQ(form.find(never), std::string::npos) << letter.subject() << ": " << never;
    }
  }
}

}  // namespace
}  // namespace latchkey::attacks
