// SPDX-License-Identifier: Apache-2.0
#include "clients/portal/http/cookies.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace latchkey::portal {
namespace {

Request With(std::vector<std::string> lines) {
  Request request;
  for (std::string& line : lines) request.headers.push_back({"cookie", std::move(line)});
  return request;
}

TEST(Cookies, AreReadByTheirWholeName) {
  const CookieJar jar(false);
  EXPECT_EQ(jar.Read(With({"x=1; lk_form=abc; y=2"}), CookieKind::kForm), "abc");
  EXPECT_EQ(jar.Read(With({"xlk_form=abc; lk_formx=d; LK_FORM=e"}), CookieKind::kForm),
            std::nullopt);
}

// I07: one of the two was planted, and nobody can say which.
TEST(Cookies, SentTwiceCountAsAbsent) {
  const CookieJar jar(false);
  EXPECT_EQ(jar.Read(With({"lk_form=a; lk_form=a"}), CookieKind::kForm), std::nullopt);
  EXPECT_EQ(jar.Read(With({"lk_form=a", "lk_form=b"}), CookieKind::kForm), std::nullopt);
}

// S04: over TLS only a cookie that this very host set over TLS can carry the name.
TEST(Cookies, OverTlsAreBoundToTheHost) {
  const CookieJar jar(true);
  const std::string set = jar.Set(CookieKind::kSession, "abc", std::chrono::seconds(60));
  EXPECT_EQ(set, "__Host-lk_session=abc; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=60");
  EXPECT_EQ(jar.Read(With({"lk_session=abc"}), CookieKind::kSession), std::nullopt);
}

TEST(Cookies, ThatOpenSomethingStayOnOurSite) {
  const CookieJar jar(true);
  for (CookieKind kind :
       {CookieKind::kHandle, CookieKind::kRecovery, CookieKind::kSession, CookieKind::kDevice}) {
    EXPECT_NE(jar.Set(kind, "abc").find("SameSite=Strict"), std::string::npos);
    EXPECT_NE(jar.Set(kind, "abc").find("HttpOnly"), std::string::npos);
    EXPECT_NE(jar.Clear(kind).find("Max-Age=0"), std::string::npos);
  }
}

TEST(Cookies, WithSignsThatWeNeverSetCountAsAbsent) {
  const CookieJar jar(false);
  for (const char* value : {"", "\"a\"", "a b", "a%20b", "a,b", "a=b", "\xc3\xbc"}) {
    EXPECT_EQ(jar.Read(With({std::string("lk_form=") + value}), CookieKind::kForm), std::nullopt)
        << value;
  }
  EXPECT_EQ(jar.Read(With({"lk_form=" + std::string(257, 'a')}), CookieKind::kForm), std::nullopt);
}

RC_GTEST_PROP(Cookies, ReadAnyBytesWithoutHarm, ()) {
  const auto line = *rc::gen::container<std::string>(
      rc::gen::element('l', 'k', '_', 'f', 'o', 'r', 'm', '=', ';', ' ', '\0', '\xff', ','));
  const auto value = CookieJar(false).Read(With({line, "lk_form=z"}), CookieKind::kForm);
  RC_ASSERT(!value || *value == "z");
}

}  // namespace
}  // namespace latchkey::portal
