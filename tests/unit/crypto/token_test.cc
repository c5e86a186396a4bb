// SPDX-License-Identifier: Apache-2.0
#include "crypto/token.h"

#include <gtest/gtest.h>

#include <array>
#include <utility>

#include <rapidcheck/gtest.h>

#include "crypto/random.h"
#include "tests/unit/crypto/support.h"

namespace latchkey::crypto {
namespace {

// Attack C09: a biased code, a lost leading zero.
TEST(NewCode, GivesEachDigitEquallyOftenAtEachPlaceC09) {
  constexpr int kCodes = 1'000'000;
  SystemRandom random;
  std::array<std::array<int, 10>, kCodeDigits> counts{};
  for (int i = 0; i < kCodes; ++i) {
    Secret code = NewCode(random, kCodeDigits);
    ASSERT_TRUE(IsCode(code.Reveal(), kCodeDigits));
    for (size_t place = 0; place < kCodeDigits; ++place)
      ++counts[place][code.Reveal()[place] - '0'];
  }
  for (size_t place = 0; place < kCodeDigits; ++place) {
    double chi_square = 0;
    for (int count : counts[place]) {
      double off = count - kCodes / 10.0;
      chi_square += off * off / (kCodes / 10.0);
    }
    EXPECT_LT(chi_square, 65) << "place " << place;  // 9 degrees of freedom: once in 10^10
    EXPECT_NEAR(counts[place][0], kCodes / 10.0, 2100) << "place " << place;
  }
}

TEST(NewCode, LeavesOutTheBytesThatWouldFavourSomeDigitsC09) {
  ScriptedRandom random(FromHex("faff00fb09f9"));  // 250, 255, 0, 251, 9, 249
  EXPECT_EQ(NewCode(random, 6).Reveal(), "099099");
}

TEST(NewCodeDeathTest, EndsTheProcessRatherThanWaitForABrokenGenerator) {
  ScriptedRandom stuck("\xff");
  EXPECT_DEATH((void)NewCode(stuck, kCodeDigits), "CHECK failed");
}

TEST(IsCode, TakesAsciiDigitsOfTheRightNumberOnly) {
  EXPECT_TRUE(IsCode("00000000", 8));
  EXPECT_TRUE(IsCode("", 0));
  using namespace std::string_view_literals;
  for (std::string_view bad : {"1234567"sv, "123456789"sv, "1234567 "sv, "1234-567"sv, "+1234567"sv,
                               "1234567a"sv, "1234567\0"sv, "１２"sv, ""sv}) {
    EXPECT_FALSE(IsCode(bad, 8)) << bad;
  }
}

// RFC 4648, section 10, in the URL alphabet of section 5 and without padding.
TEST(Base64Url, GivesThePublishedVectors) {
  const std::pair<std::string, std::string> vectors[] = {
      {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
      {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xfb\xff\xfe", "-__-"}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(ToBase64Url(bytes), text);
    EXPECT_EQ(FromBase64Url(text), bytes);
  }
}

TEST(Base64Url, RefusesEverySpellingButOne) {
  using namespace std::string_view_literals;
  for (std::string_view bad : {"Zg=="sv, "Zh"sv, "Zm9"sv, "Z"sv, "+/+/"sv, "Zm9v\n"sv, " Zm9v"sv,
                               "Zm 9v"sv, "Zm9v\0"sv, "Zm9v=="sv, "Zm%39"sv}) {
    EXPECT_FALSE(FromBase64Url(bad)) << bad;
  }
}

RC_GTEST_PROP(Base64Url, ReadsBackWhatItWrote, (const std::string& bytes)) {
  RC_ASSERT(FromBase64Url(ToBase64Url(bytes)) == bytes);
}

TEST(Base64Url, RefusesEveryByteThatIsNoSymbol) {
  constexpr std::string_view kSymbols =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  for (int byte = 0; byte < 256; ++byte) {
    std::string text = "AAAA";
    text[1] = static_cast<char>(byte);
    bool symbol = kSymbols.find(text[1]) != std::string_view::npos;
    EXPECT_EQ(FromBase64Url(text).has_value(), symbol) << byte;
  }
}

RC_GTEST_PROP(Base64Url, ReadsAnyTextAsNothingOrAsItsOnlySpelling, ()) {
  auto text = *rc::gen::container<std::string>(rc::gen::elementOf(std::string("AZaz09-_Qg=+ ")));
  auto bytes = FromBase64Url(text);
  if (bytes) RC_ASSERT(ToBase64Url(*bytes) == text);
}

TEST(Reference, LooksAsPrintedOnLetters) {
  ScriptedRandom random(std::string(5, '\0'));
  EXPECT_EQ(NewReference(random, 'R'), "R-0000-0000");
  ScriptedRandom ones(std::string(5, '\xff'));
  EXPECT_EQ(NewReference(ones, 'C'), "C-ZZZZ-ZZZZ");
}

TEST(Reference, IsFoundHoweverItWasSaidAndTyped) {
  for (std::string_view typed :
       {"R-7K2M-9QXA", "r-7k2m-9qxa", "R7K2M9QXA", "r 7k2m 9qxa", "R-7K2M9QXA"}) {
    EXPECT_EQ(CanonicalReference(typed), "R-7K2M-9QXA") << typed;
  }
  EXPECT_EQ(CanonicalReference("R-OIL0-oil1"), "R-0110-0111");
}

TEST(Reference, IsRefusedWhenItCannotBeOne) {
  for (std::string_view bad : {"", "R", "R-7K2M-9QX", "R-7K2M-9QXAA", "7-7K2M-9QXA", "R-7K2M-9QXU",
                               "R-7K2M-9QX!", "R-7K2M-9QX\xc3\x84", "R_7K2M_9QXA"}) {
    EXPECT_FALSE(CanonicalReference(bad)) << bad;
  }
  EXPECT_FALSE(CanonicalReference("R-7K2M-9QXA" + std::string(1'000'000, ' ')));
}

RC_GTEST_PROP(Reference, IsItsOwnCanonicalForm, (const std::array<char, 5>& bits)) {
  ScriptedRandom random(std::string(bits.begin(), bits.end()));
  std::string reference = NewReference(random, 'R');
  RC_ASSERT(CanonicalReference(reference) == reference);
  std::string lower;
  for (char c : reference) lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  RC_ASSERT(CanonicalReference(lower) == reference);
}

}  // namespace
}  // namespace latchkey::crypto
