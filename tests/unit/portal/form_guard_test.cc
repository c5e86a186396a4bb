// SPDX-License-Identifier: Apache-2.0
#include "clients/portal/form_guard.h"

#include <gtest/gtest.h>

#include "tests/unit/portal/browser.h"

namespace latchkey::portal {
namespace {

// S05 in all its spellings: none of these posts reaches the service.
TEST(FormGuard, RefusesPostsThatOurPageDidNotMake) {
  World world;
  Browser browser(world);
  const Response page = browser.Get("/");
  const std::string token = HiddenField(page.body, "form");
  const std::string body =
      Encode({{"form", token}, {"identifier", "ada"}, {"password", "correct horse"}});

  Browser stranger(world);
  EXPECT_EQ(stranger.Post("/", body).status, 403u) << "no form cookie";
  stranger.Get("/");
  EXPECT_EQ(stranger.Post("/", body).status, 403u) << "another browser's token";
  EXPECT_EQ(browser.Post("/", Encode({{"identifier", "ada"}, {"password", "x"}})).status, 403u);
  EXPECT_EQ(browser.Post("/", Encode({{"form", token + "A"}, {"identifier", "ada"}})).status, 403u);

  const auto sent_with = [&](std::vector<Header> headers) {
    Request request = browser.Make(Method::kPost, "/");
    request.headers.push_back({"Content-Type", "application/x-www-form-urlencoded"});
    for (Header& header : headers) request.headers.push_back(std::move(header));
    request.body = body;
    return world.Send(std::move(request)).status;
  };
  EXPECT_EQ(sent_with({{"Origin", "https://evil.example"}}), 403u);
  EXPECT_EQ(sent_with({{"Origin", "http://localhost:8080.evil.example"}}), 403u);
  EXPECT_EQ(sent_with({{"Origin", "http://localhost:8080"}, {"Origin", "https://evil.example"}}),
            403u);
  EXPECT_EQ(sent_with({{"Origin", "null"}, {"Sec-Fetch-Site", "cross-site"}}), 403u);
  EXPECT_EQ(sent_with({{"Sec-Fetch-Site", "same-site"}}), 403u);
  EXPECT_EQ(world.backend.changing_calls(), 0u);
  EXPECT_EQ(sent_with({{"Origin", "http://localhost:8080"}}), 303u);
  EXPECT_EQ(world.backend.changing_calls(), 1u);
}

// Fails without: kNoCookie in visit_problems.cc (seen: "open for too long", to a browser that had
// just opened it).
TEST(FormGuard, TellsABrowserWithoutCookiesWhatItNeeds) {
  World world;
  Browser browser(world);
  const std::string body = Encode({{"form", HiddenField(browser.Get("/").body, "form")}});
  browser.cookies.clear();
  const std::string blocked = browser.Post("/", body).body;
  EXPECT_NE(blocked.find("<h1>Your browser sent no cookie</h1>"), std::string::npos);
  EXPECT_NE(blocked.find("Allow cookies for this site"), std::string::npos);
  const std::string other = browser.Post("/", body).body;  // with the cookie of that page
  EXPECT_NE(other.find("<h1>This form was not accepted</h1>"), std::string::npos);
  EXPECT_EQ(other.find("no cookie"), std::string::npos);
}

TEST(FormGuard, TakesOnlyTheTypeOfForms) {
  World world;
  Browser browser(world);
  const std::string token = HiddenField(browser.Get("/").body, "form");
  for (const char* type : {"text/plain", "application/json", "multipart/form-data", ""}) {
    Request request = browser.Make(Method::kPost, "/");
    request.headers.push_back({"Content-Type", type});
    request.body = Encode({{"form", token}});
    EXPECT_EQ(world.Send(std::move(request)).status, 415u) << type;
  }
}

TEST(FormGuard, IsSharedByPortalsWithTheSameKeyOnly) {
  const FormGuard one{Secret(Bytes32('a'))}, same{Secret(Bytes32('a'))},
      other{Secret(Bytes32('b'))};
  EXPECT_TRUE(same.Accepts("cookie", one.TokenFor("cookie")));
  EXPECT_FALSE(other.Accepts("cookie", one.TokenFor("cookie")));
  EXPECT_FALSE(one.Accepts("", one.TokenFor("")));
}

// P08: sent twice it is one request; changed in between it is another.
TEST(FormGuard, DerivesOneKeyForOneFormInOneState) {
  const FormGuard guard{Secret(Bytes32('a'))};
  EXPECT_EQ(guard.IdempotencyKey("o", "ada"), guard.IdempotencyKey("o", "ada"));
  EXPECT_NE(guard.IdempotencyKey("o", "ada"), guard.IdempotencyKey("o", "bob"));
  EXPECT_NE(guard.IdempotencyKey("oa", "da"), guard.IdempotencyKey("o", "ada"));
  EXPECT_EQ(guard.IdempotencyKey("o", "ada").size(), 16u);
}

// S04: a form from before a step of privilege is worth nothing after it.
TEST(FormGuard, RenewsAtEachStepOfPrivilege) {
  World world;
  Browser browser(world);
  const std::string before = HiddenField(browser.Get("/").body, "form");
  ASSERT_EQ(browser.Submit("/", {{"identifier", "ada"}, {"password", "x"}}).status, 303u);
  EXPECT_NE(HiddenField(browser.Get("/account").body, "form"), before);
  EXPECT_EQ(browser.Post("/sign-out", Encode({{"form", before}})).status, 403u);
}

}  // namespace
}  // namespace latchkey::portal
