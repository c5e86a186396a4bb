// SPDX-License-Identifier: Apache-2.0
#include "clients/portal/http/form.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/unit/portal/browser.h"

namespace latchkey::portal {
namespace {

constexpr std::string_view kFields[] = {"a", "b"};

Result<Form> Parse(std::string_view body) { return Form::Parse(body, kFields); }

TEST(Form, ReadsWhatBrowsersSend) {
  auto form = Parse("a=J%C3%BCrgen+M.&b=%26%3D%2b");
  ASSERT_TRUE(form.ok());
  EXPECT_EQ(form->Get("a"), "Jürgen M.");
  EXPECT_EQ(form->Get("b"), "&=+");
  EXPECT_EQ(form->Get("c"), "");
}

TEST(Form, OfNothingHasNoFields) { EXPECT_TRUE(Parse("").ok()); }

// I07: whatever two parsers could read differently is refused.
TEST(Form, RefusesWhateverIsAmbiguous) {
  const std::string_view bodies[] = {
      "a=1&a=2",     "a=1&%61=2",
      "a[]=1",       "a=1&c=2",
      "a",           "=1",
      "&a=1",        "a=1&",
      "a=1&&b=2",    "a=%",
      "a=%4",        "a=%zz",
      "a=%00",       "a=x%00y",
      "a=%c3",       "a=%c0%af",
      "a=%ed%a0%80", "a=%f4%90%80%80",
      "a=%e2%82",    "a=\xc3\xbc",
      "a=1\r\nb=2",  "{\"a\":1}",
      "a=1;b=2&c",   "a=%80",
      "a=%u0041",    "a=1&b=2&__proto__=3",
      "A=1",         " a=1",
      "a =1",        "a=%f8%88%80%80%80",
  };
  for (std::string_view body : bodies) EXPECT_FALSE(Parse(body).ok()) << body;
}

TEST(Form, KeepsASemicolonAsText) {
  auto form = Parse("a=1%3Bb=2");
  ASSERT_TRUE(form.ok());
  EXPECT_EQ(form->Get("a"), "1;b=2");
}

RC_GTEST_PROP(Form, GivesBackWhatWasEncoded, ()) {
  const auto points =
      *rc::gen::container<std::vector<char32_t>>(rc::gen::inRange<char32_t>(1, 0xd800));
  std::string text;
  for (char32_t point : points) {
    if (point < 0x80) {
      text += static_cast<char>(point);
    } else if (point < 0x800) {
      text += static_cast<char>(0xc0 | (point >> 6));
      text += static_cast<char>(0x80 | (point & 0x3f));
    } else {
      text += static_cast<char>(0xe0 | (point >> 12));
      text += static_cast<char>(0x80 | ((point >> 6) & 0x3f));
      text += static_cast<char>(0x80 | (point & 0x3f));
    }
  }
  auto form = Parse(Encode({{"a", text}}));
  RC_ASSERT(form.ok());
  RC_ASSERT(form->Get("a") == text);
}

RC_GTEST_PROP(Form, ReadsAnyBytesWithoutHarm, ()) {
  const auto bytes = *rc::gen::container<std::string>(rc::gen::element(
      'a', 'b', '=', '&', '%', '+', '0', 'f', 'C', '3', '\0', '\n', '\x80', '\xff', ';', '['));
  auto form = Parse(bytes);
  if (form.ok()) {
    RC_ASSERT(IsUtf8(form->Get("a")));
    RC_ASSERT(form->Get("a").find('\0') == std::string_view::npos);
  }
}

}  // namespace
}  // namespace latchkey::portal
