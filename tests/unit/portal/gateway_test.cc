// SPDX-License-Identifier: Apache-2.0
// What holds for every address of the portal.
#include <gtest/gtest.h>

#include "clients/portal/routes.h"
#include "tests/unit/portal/browser.h"

namespace latchkey::portal {
namespace {

// L04, S05, I09: on every route, on errors, and on static files.
TEST(EveryAnswer, CarriesTheGuards) {
  PortalConfig config = TestConfig();
  config.base_url = "https://reset.bank.example";
  World world(config);
  Browser browser(world);
  std::vector<std::string> paths = {"/nope", "/%2e%2e/etc/passwd", "/sign-out"};
  for (const Route& route : AllRoutes()) paths.emplace_back(PathOf(route.place));
  const std::string home = browser.Get("/").body;
  const size_t css = home.find("/static/portal.");
  paths.push_back(home.substr(css, home.find('"', css) - css));
  for (const std::string& path : paths) {
    for (const char* host : {"reset.bank.example", "evil.example"}) {
      Request request = browser.Make(Method::kGet, path);
      request.headers[0].value = host;
      const Response response = world.Send(std::move(request));
      const std::string csp(response.Find("Content-Security-Policy").value_or(""));
      EXPECT_NE(csp.find("default-src 'none'"), std::string::npos) << path;
      EXPECT_NE(csp.find("frame-ancestors 'none'"), std::string::npos) << path;
      EXPECT_EQ(csp.find("unsafe"), std::string::npos) << path;
      EXPECT_EQ(response.Find("Referrer-Policy"), "no-referrer") << path;
      EXPECT_EQ(response.Find("X-Content-Type-Options"), "nosniff") << path;
      EXPECT_EQ(response.Find("X-Frame-Options"), "DENY") << path;
      EXPECT_EQ(response.Find("Cross-Origin-Opener-Policy"), "same-origin") << path;
      EXPECT_TRUE(response.Find("Permissions-Policy")) << path;
      EXPECT_TRUE(response.Find("Strict-Transport-Security")) << path;
      const bool file = path.starts_with("/static/") && response.status == 200;
      EXPECT_EQ(response.Find("Cache-Control"),
                file ? "public, max-age=31536000, immutable" : "no-store")
          << path;
    }
  }
  for (unsigned status : {400u, 413u, 431u, 503u}) {
    EXPECT_EQ(world.portal->Refuse(status).Find("Cache-Control"), "no-store");
  }
}

// L07: scanners may open what they like, as often as they like.
TEST(EveryAddress, ChangesNothingWhenItIsOnlyOpened) {
  World world;
  for (bool signed_in : {false, true}) {
    Browser browser(world);
    if (signed_in) {
      browser.cookies["lk_session"] = "c3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3M";
      browser.cookies["lk_recovery"] = "cnJycnJycnJycnJycnJycnJycnJycnJycnJycnJycnI";
      browser.cookies["lk_handle"] = "aGhoaGhoaGhoaGhoaGhoaGhoaGhoaGhoaGhoaGhoaGg";
    }
    for (const Route& route : AllRoutes()) {
      const std::string path(PathOf(route.place));
      for (int i = 0; i < 50; ++i) browser.Get(path);
      browser.Head(path);
      Request options = browser.Make(Method::kOther, path);
      EXPECT_EQ(browser.Send(std::move(options)).status, 405u) << path;
      Request prefetch = browser.Make(Method::kGet, path);
      prefetch.headers.push_back({"Sec-Purpose", "prefetch"});
      browser.Send(std::move(prefetch));
    }
  }
  EXPECT_EQ(world.backend.changing_calls(), 0u);
}

// L03: a host that is not ours gets 421, whatever it looks like.
TEST(EveryAddress, IsServedUnderOurNamesOnly) {
  PortalConfig config = TestConfig();
  config.other_hosts = {"127.0.0.1:8080"};
  World world(config);
  Browser browser(world);
  const auto status = [&](std::vector<std::string> hosts) {
    Request request = browser.Make(Method::kGet, "/");
    request.headers.clear();
    for (std::string& host : hosts) request.headers.push_back({"Host", std::move(host)});
    request.headers.push_back({"X-Forwarded-Host", "localhost:8080"});
    return world.Send(std::move(request)).status;
  };
  EXPECT_EQ(status({"localhost:8080"}), 200u);
  EXPECT_EQ(status({"LOCALHOST:8080"}), 200u);
  EXPECT_EQ(status({"127.0.0.1:8080"}), 200u);
  for (const char* host : {"evil.example", "localhost", "localhost:8081", "localhost:8080.evil",
                           "evil@localhost:8080", "", "localhost:8080,evil"}) {
    EXPECT_EQ(status({host}), 421u) << host;
  }
  EXPECT_EQ(status({}), 421u);
  EXPECT_EQ(status({"localhost:8080", "evil.example"}), 400u);
}

// Law 10: where links of its own lead nowhere, the page leads to the address that is ours, and is
// no bare text. Fails without: base_ in FillFrame (seen: href="/help", the same page again); files
// under any name (seen: 421 for the style).
TEST(AForeignName, LeadsToOurs) {
  PortalConfig config = TestConfig();
  config.base_url = "https://reset.bank.example";
  World world(config);
  Browser browser(world);
  Request request = browser.Make(Method::kGet, "/");
  request.headers = {{"Host", "evil.example"}};
  const Response response = world.Send(std::move(request));
  EXPECT_EQ(response.status, 421u);
  for (const char* path :
       {"/", "/recover/start", "/recover/code", "/help", "/locked", "/privacy"}) {
    const std::string ours = "href=\"https://reset.bank.example" + std::string(path) + "\"";
    EXPECT_NE(response.body.find(ours), std::string::npos) << path;
  }
  const size_t style = response.body.find("href=\"/", response.body.find("rel=\"stylesheet\"")) + 6;
  Request file = browser.Make(Method::kGet,
                              response.body.substr(style, response.body.find('"', style) - style));
  file.headers = {{"Host", "evil.example"}};
  EXPECT_EQ(world.Send(std::move(file)).status, 200u);
  const std::string content = response.body.substr(response.body.find("<body"));
  EXPECT_EQ(content.find("href=\"/"), std::string::npos);
  EXPECT_EQ(content.find("<button"), std::string::npos) << "no form may be sent to another host";
  EXPECT_EQ(response.body.find("evil.example"), std::string::npos);
}

// P01: a path is compared byte for byte; nothing is folded into another.
TEST(EveryAddress, HasOneSpelling) {
  World world;
  Browser browser(world);
  for (const char* path : {"//", "/recover/", "/Recover", "/recover/../", "/%72ecover",
                           "/recover%2fstart", "recover", "http://localhost:8080/", "*", "/static/",
                           "/static/../portal.css", "/recover/start/", "/recover\\start", ""}) {
    EXPECT_EQ(browser.Get(path).status, 404u) << path;
  }
  EXPECT_EQ(browser.Get("/?utm=1").status, 200u);
}

// S06: whatever is asked for, a redirect stays among our places.
TEST(EveryRedirect, StaysHere) {
  World world;
  Browser browser(world);
  const std::string token = HiddenField(browser.Get("/help").body, "form");
  for (const char* place :
       {"//evil.example", "/\\evil", "https:evil", "/help#x", "/sign-out", "", "%2f%2fevil"}) {
    const Response response =
        browser.Post("/language", Encode({{"form", token}, {"language", "de"}, {"place", place}}));
    EXPECT_EQ(response.status, 303u);
    EXPECT_EQ(LocationOf(response), "/") << place;
  }
  EXPECT_EQ(LocationOf(browser.Post(
                "/language", Encode({{"form", token}, {"language", "de"}, {"place", "/help"}}))),
            "/help");
  EXPECT_EQ(browser.Post("/language", Encode({{"form", token}, {"language", "xx"}})).status, 400u);
}

TEST(EveryForm, RefusesFieldsThatItDoesNotHave) {
  World world;
  Browser browser(world);
  const std::string token = HiddenField(browser.Get("/").body, "form");
  for (const Route& route : AllRoutes()) {
    if (route.act == nullptr) continue;
    const std::string path(PathOf(route.place));
    EXPECT_EQ(browser.Post(path, "form=" + token + "&form=" + token).status, 400u) << path;
    EXPECT_EQ(browser.Post(path, "form=" + token + "&account_id=7").status, 400u) << path;
    EXPECT_EQ(browser.Post(path, "form=" + token + "%00").status, 400u) << path;
  }
  EXPECT_EQ(world.backend.changing_calls(), 0u);
}

TEST(EveryPage, SpeaksTheLanguageAskedFor) {
  World world;
  Browser english(world), german(world, "de-AT,de;q=0.9,en;q=0.5");
  for (const Route& route : AllRoutes()) {
    const std::string path(PathOf(route.place));
    const Response in_english = english.Get(path), in_german = german.Get(path);
    if (in_english.body.find("<html") == std::string::npos) continue;
    EXPECT_NE(in_english.body.find("<html lang=\"en\">"), std::string::npos) << path;
    EXPECT_NE(in_german.body.find("<html lang=\"de\">"), std::string::npos) << path;
    EXPECT_NE(in_german.body.find("Datenschutz"), std::string::npos) << path;
    EXPECT_EQ(in_german.body.find("[["), std::string::npos) << path;
  }
}

TEST(EveryPage, EscapesTheBanksName) {
  World world;
  Browser browser(world);
  EXPECT_NE(browser.Get("/").body.find("Test &amp; Söhne Bank"), std::string::npos);
}

TEST(TheHealthPage, IsThereOnlyWhenConfigured) {
  World without;
  EXPECT_EQ(Browser(without).Get("/healthz").status, 404u);
  PortalConfig config = TestConfig();
  config.health_page = true;
  World with(config);
  EXPECT_EQ(Browser(with).Get("/healthz").status, 200u);
}

TEST(TheWellKnownAddress, LeadsPasswordManagersToTheStart) {
  World world;
  const Response response = Browser(world).Get("/.well-known/change-password");
  EXPECT_EQ(response.status, 303u);
  EXPECT_EQ(LocationOf(response), "/recover/start");
}

}  // namespace
}  // namespace latchkey::portal
