// SPDX-License-Identifier: Apache-2.0
#include "crypto/seal.h"

#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include "tests/unit/crypto/support.h"

namespace latchkey::crypto {
namespace {

constexpr std::string_view kSunscreen =
    "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, "
    "sunscreen would be it.";

// draft-irtf-cfrg-xchacha-03, A.3.1.
TEST(Seal, GivesThePublishedVectorBehindFormatAndNonce) {
  Secret key = KeyFrom(0x80);
  std::string nonce = FromHex("404142434445464748494a4b4c4d4e4f5051525354555657");
  ScriptedRandom random(nonce);
  Bytes sealed = Seal(key, FromHex("50515253c0c1c2c3c4c5c6c7"), kSunscreen, random);
  EXPECT_EQ(
      sealed.data,
      "\x01" + nonce +
          FromHex("bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa644"
                  "0bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e"
                  "3f3fac2bc369488f76b2383565d3fff921f9664c97637da9768812f615c68b13b52e"
                  "c0875924c1c7987947deafd8780acf49"));
}

TEST(Open, RefusesEveryFlippedBit) {
  CountingRandom random;
  Secret key = KeyFrom(7);
  Bytes sealed = Seal(key, "account 7, e-mail", "ada@example.org", random);
  for (size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    Bytes flipped = sealed;
    flipped.data[bit / 8] = static_cast<char>(flipped.data[bit / 8] ^ (1 << bit % 8));
    Result<Secret> opened = Open(key, "account 7, e-mail", flipped);
    ASSERT_FALSE(opened.ok()) << "bit " << bit;
    EXPECT_EQ(opened.reason(), Reason::kInternal);
  }
  EXPECT_EQ(Open(key, "account 7, e-mail", sealed)->Reveal(), "ada@example.org");
}

TEST(Open, RefusesEveryCutAndEveryAddition) {
  CountingRandom random;
  Secret key = KeyFrom(7);
  Bytes sealed = Seal(key, "here", "ada@example.org", random);
  for (size_t size = 0; size < sealed.size(); ++size) {
    EXPECT_FALSE(Open(key, "here", Bytes(sealed.data.substr(0, size))).ok()) << "cut at " << size;
    EXPECT_FALSE(Open(key, "here", Bytes(sealed.data.substr(size + 1))).ok()) << "from " << size;
  }
  EXPECT_FALSE(Open(key, "here", Bytes(sealed.data + '\0')).ok());
}

// Attack D07: a field that a database writer moves to another row.
TEST(Open, RefusesAnotherPlaceAndAnotherKeyD07) {
  CountingRandom random;
  Bytes sealed = Seal(KeyFrom(7), "account 7, e-mail", "ada@example.org", random);
  for (std::string_view place :
       {"account 8, e-mail", "account 7, phone", "", "account 7, e-mail "}) {
    EXPECT_FALSE(Open(KeyFrom(7), place, sealed).ok()) << place;
  }
  EXPECT_FALSE(Open(KeyFrom(8), "account 7, e-mail", sealed).ok());
}

TEST(SealWithRing, OpensWhatOlderVersionsSealedUntilTheyAreRemoved) {
  CountingRandom random;
  KeyRing ring = KeyRing::Generate(random);
  Bytes old = SealWithRing(ring, "here", "ada", random);
  EXPECT_EQ(old.data.substr(0, 4), std::string("\0\0\0\1", 4));
  ASSERT_TRUE(ring.Rotate(KeyUse::kField, random).ok());
  Bytes young = SealWithRing(ring, "here", "ada", random);
  EXPECT_EQ(young.data.substr(0, 4), std::string("\0\0\0\2", 4));
  EXPECT_EQ(OpenWithRing(ring, "here", old)->Reveal(), "ada");
  EXPECT_EQ(OpenWithRing(ring, "here", young)->Reveal(), "ada");
  ASSERT_TRUE(ring.Remove(KeyUse::kField, 1).ok());
  EXPECT_FALSE(OpenWithRing(ring, "here", old).ok());
  EXPECT_EQ(OpenWithRing(ring, "here", young)->Reveal(), "ada");
}

TEST(OpenWithRing, RefusesEveryFlippedBitAndEveryCut) {
  CountingRandom random;
  KeyRing ring = KeyRing::Generate(random);
  Bytes sealed = SealWithRing(ring, "here", "ada", random);
  for (size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    Bytes flipped = sealed;
    flipped.data[bit / 8] = static_cast<char>(flipped.data[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(OpenWithRing(ring, "here", flipped).ok()) << "bit " << bit;
  }
  for (size_t size = 0; size < sealed.size(); ++size) {
    EXPECT_FALSE(OpenWithRing(ring, "here", Bytes(sealed.data.substr(0, size))).ok()) << size;
  }
}

RC_GTEST_PROP(Seal, OpensToWhatWasSealed, (const std::string& plain, const std::string& place)) {
  CountingRandom random;
  Secret key = KeyFrom(7);
  Result<Secret> opened = Open(key, place, Seal(key, place, plain, random));
  RC_ASSERT(opened.ok());
  RC_ASSERT(opened->Reveal() == plain);
}

}  // namespace
}  // namespace latchkey::crypto
