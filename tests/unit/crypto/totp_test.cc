// SPDX-License-Identifier: Apache-2.0
#include "crypto/totp.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <utility>

#include <rapidcheck/gtest.h>

#include "tests/unit/crypto/support.h"

namespace latchkey::crypto {
namespace {

const Secret kRfcKey("12345678901234567890");

TimePoint At(int64_t unix_s) { return FromUnixMillis(unix_s * 1000); }

// RFC 6238, appendix B (SHA-1), the last six of its eight digits.
TEST(Totp, GivesThePublishedVectors) {
  const std::pair<int64_t, std::string_view> vectors[] = {
      {59, "287082"},         {1111111109, "081804"}, {1111111111, "050471"},
      {1234567890, "005924"}, {2000000000, "279037"}, {20000000000, "353130"}};
  for (const auto& [unix_s, digits] : vectors)
    EXPECT_EQ(TotpAt(kRfcKey, At(unix_s)).Reveal(), digits) << unix_s;
}

// RFC 4226, appendix D: the steps of TOTP are the counts of HOTP.
TEST(Totp, CountsAsHotpDoes) {
  const std::array<std::string_view, 10> counts = {"755224", "287082", "359152", "969429",
                                                   "338314", "254676", "287922", "162583",
                                                   "399871", "520489"};
  for (size_t count = 0; count < counts.size(); ++count) {
    EXPECT_EQ(TotpAt(kRfcKey, At(static_cast<int64_t>(count) * 30)).Reveal(), counts[count]);
    EXPECT_EQ(TotpAt(kRfcKey, At(static_cast<int64_t>(count) * 30 + 29)).Reveal(), counts[count]);
  }
}

TEST(MatchTotp, TakesThePresentStepAndOneEitherSide) {
  constexpr int64_t kStep = 1'800'000'000 / 30;
  for (int64_t step = kStep - 3; step <= kStep + 3; ++step) {
    Secret code = TotpAt(kRfcKey, At(step * 30));
    auto matched = MatchTotp(kRfcKey, code.Reveal(), At(kStep * 30 + 7), 0);
    if (step < kStep - 1 || step > kStep + 1) {
      EXPECT_FALSE(matched) << step - kStep;
    } else {
      EXPECT_EQ(matched, step);
    }
  }
}

// Law 3: each code is accepted once.
TEST(MatchTotp, RefusesAStepThatWasUsedLaw3) {
  TimePoint now = At(1'800'000'000);
  Secret code = TotpAt(kRfcKey, now);
  auto step = MatchTotp(kRfcKey, code.Reveal(), now, 0);
  ASSERT_TRUE(step);
  EXPECT_FALSE(MatchTotp(kRfcKey, code.Reveal(), now, *step));
  EXPECT_FALSE(MatchTotp(kRfcKey, code.Reveal(), now + std::chrono::seconds(30), *step));
  EXPECT_FALSE(
      MatchTotp(kRfcKey, TotpAt(kRfcKey, now - std::chrono::seconds(30)).Reveal(), now, *step));
  auto next =
      MatchTotp(kRfcKey, TotpAt(kRfcKey, now + std::chrono::seconds(30)).Reveal(), now, *step);
  EXPECT_EQ(next, *step + 1);
}

// Attack D06: a clock that is set back.
TEST(MatchTotp, RefusesAnOldStepAfterTheClockWentBackD06) {
  TimePoint now = At(1'800'000'000);
  TimePoint earlier = now - std::chrono::hours(24);
  auto step = MatchTotp(kRfcKey, TotpAt(kRfcKey, now).Reveal(), now, 0);
  EXPECT_FALSE(MatchTotp(kRfcKey, TotpAt(kRfcKey, earlier).Reveal(), earlier, *step));
}

TEST(MatchTotp, RefusesWhatIsNotSixDigitsAndOtherKeys) {
  TimePoint now = At(59);
  EXPECT_TRUE(MatchTotp(kRfcKey, "287082", now, -1));
  using namespace std::string_view_literals;
  for (std::string_view bad : {""sv, "28708"sv, "2870820"sv, "94287082"sv, " 287082"sv,
                               "287082\0"sv, "28708x"sv, "287083"sv}) {
    EXPECT_FALSE(MatchTotp(kRfcKey, bad, now, -1)) << bad;
  }
  EXPECT_FALSE(MatchTotp(KeyFrom(0), "287082", now, -1));
}

TEST(TotpUri, IsWhatAuthenticatorProgramsTake) {
  EXPECT_EQ(
      TotpUri(kRfcKey, "Demo Bank", "ada@demo.bank & co").Reveal(),
      "otpauth://totp/"
      "Demo%20Bank:ada%40demo.bank%20%26%20co?issuer=Demo%20Bank&algorithm=SHA1&digits=6&period=30"
      "&secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
}

// RFC 4648, section 10, without padding.
TEST(Base32, GivesThePublishedVectors) {
  const std::pair<std::string, std::string> vectors[] = {{"", ""},
                                                         {"f", "MY"},
                                                         {"fo", "MZXQ"},
                                                         {"foo", "MZXW6"},
                                                         {"foob", "MZXW6YQ"},
                                                         {"fooba", "MZXW6YTB"},
                                                         {"foobar", "MZXW6YTBOI"}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(ToBase32(bytes), text);
    EXPECT_EQ(FromBase32(text), bytes);
  }
  EXPECT_EQ(FromBase32("mzxw 6ytb oi"), "foobar");
}

TEST(Base32, RefusesWhatIsNotItsOnlySpelling) {
  using namespace std::string_view_literals;
  for (std::string_view bad : {"MZ"sv, "M"sv, "MZXW6YTBOJ"sv, "MY======"sv, "M1"sv, "M0"sv,
                               "MZX-W6"sv, "MY\0"sv, "MY\n"sv, "M\xd9"sv}) {
    EXPECT_FALSE(FromBase32(bad)) << bad;
  }
}

RC_GTEST_PROP(Base32, ReadsBackWhatItWrote, (const std::string& bytes)) {
  RC_ASSERT(FromBase32(ToBase32(bytes)) == bytes);
}

}  // namespace
}  // namespace latchkey::crypto
