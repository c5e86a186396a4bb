// SPDX-License-Identifier: Apache-2.0
#include "crypto/digest.h"

#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include "tests/unit/crypto/support.h"

namespace latchkey::crypto {
namespace {

constexpr Purpose kTesting{"test purpose"};

// Computed with Python's hmac and hashlib over 8-byte big-endian lengths and bytes.
TEST(KeyedDigest, IsHmacSha256OverLengthsAndBytes) {
  EXPECT_EQ(KeyedDigest(KeyFrom(0), kTesting, {"ab", "", "c"}).data,
            FromHex("3203631412ca17c5e353fb169e70f931ca95e016e0913b2bab0abe7a3cb0bae0"));
}

TEST(Digest, IsSha256OverLengthsAndBytes) {
  EXPECT_EQ(Digest(kTesting, {"ab", "", "c"}).data,
            FromHex("2dae74dfd648b0bf40e2ae2ecd1cc6ad3c1deb75c988f6c8d1f45eb473b3b1eb"));
}

// Attack X01: joined inputs.
TEST(KeyedDigest, TellsEverySplittingApartX01) {
  Secret key = KeyFrom(0);
  Bytes whole = KeyedDigest(key, kTesting, {"abc"});
  EXPECT_NE(KeyedDigest(key, kTesting, {"ab", "c"}), whole);
  EXPECT_NE(KeyedDigest(key, kTesting, {"a", "bc"}), KeyedDigest(key, kTesting, {"ab", "c"}));
  EXPECT_NE(KeyedDigest(key, kTesting, {"abc", ""}), whole);
  EXPECT_NE(KeyedDigest(key, kTesting, {}), KeyedDigest(key, kTesting, {""}));
  EXPECT_NE(KeyedDigest(key, Purpose{"test purposeabc"}, {}), whole);
  EXPECT_NE(KeyedDigest(key, kTesting, {std::string_view("abc\0", 4)}), whole);
}

TEST(KeyedDigest, DependsOnKeyAndPurpose) {
  Bytes one = KeyedDigest(KeyFrom(0), kTesting, {"abc"});
  EXPECT_NE(KeyedDigest(KeyFrom(1), kTesting, {"abc"}), one);
  EXPECT_NE(KeyedDigest(KeyFrom(0), Purpose{"another"}, {"abc"}), one);
  EXPECT_NE(Digest(kTesting, {"abc"}), one);
}

TEST(Part, IsEightBytesBigEndian) {
  EXPECT_EQ(Part(0), std::string(8, '\0'));
  EXPECT_EQ(Part(0x0102030405060708), FromHex("0102030405060708"));
  EXPECT_EQ(Part(-1), std::string(8, '\xff'));
}

RC_GTEST_PROP(KeyedDigest, IsTheSameForTheSameTwoPartsOnly,
              (const std::string& a, const std::string& b, const std::string& c,
               const std::string& d)) {
  Secret key = KeyFrom(0);
  bool same_input = a == c && b == d;
  RC_ASSERT((KeyedDigest(key, kTesting, {a, b}) == KeyedDigest(key, kTesting, {c, d})) ==
            same_input);
}

}  // namespace
}  // namespace latchkey::crypto
