// SPDX-License-Identifier: Apache-2.0
#include "crypto/password.h"

#include <gtest/gtest.h>

#include <chrono>

#include <rapidcheck/gtest.h>

#include "tests/unit/crypto/support.h"

namespace latchkey::crypto {
namespace {

// Made with Python's hmac and libargon2: pepper 00..1f, salt c0..cf.
constexpr std::string_view kStored =
    "$latchkey$p=1$argon2id$v=19$m=64,t=2,p=1$wMHCw8TFxsfIycrLzM3Ozw$+d3IX3cAon700uVQZ9CVn13+gx/y9/"
    "Dp8RVoG6vG/n0";
constexpr std::string_view kPassword = "correct horse battery staple";

class PasswordTest : public testing::Test {
 protected:
  CountingRandom random_;
  KeyRing ring_ = KeyRing::Generate(random_);

  bool Matches(std::string_view password, std::string_view stored) {
    Result<Verification> verified = VerifyPassword(Secret(password), stored, ring_);
    return verified.ok() && *verified == Verification::kMatch;
  }
  std::string Hash(std::string_view password) {
    return HashPassword(Secret(password), kCheapForTest, ring_, random_);
  }
};

TEST_F(PasswordTest, IsPepperedByHmacAndThenArgon2id) {
  EXPECT_EQ(HashPassword(Secret(kPassword), {.memory_kib = 64, .passes = 2}, ring_, random_),
            kStored);
  EXPECT_TRUE(Matches(kPassword, kStored));
}

TEST_F(PasswordTest, DoesNotMatchAnother) {
  for (std::string_view wrong : {"", "correct horse battery stapl", "correct horse battery staple ",
                                 "Correct horse battery staple"}) {
    Result<Verification> verified = VerifyPassword(Secret(wrong), kStored, ring_);
    ASSERT_TRUE(verified.ok());
    EXPECT_EQ(*verified, Verification::kNoMatch) << wrong;
  }
}

TEST_F(PasswordTest, IsSaltedAnewEachTime) { EXPECT_NE(Hash("same"), Hash("same")); }

TEST_F(PasswordTest, NeverMatchesAfterAFlippedBitOrACut) {
  std::string stored = Hash(kPassword);
  ASSERT_TRUE(Matches(kPassword, stored));
  for (size_t bit = 0; bit < stored.size() * 8; ++bit) {
    std::string flipped = stored;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(Matches(kPassword, flipped)) << flipped;
  }
  for (size_t size = 0; size < stored.size(); ++size) {
    EXPECT_FALSE(VerifyPassword(Secret(kPassword), stored.substr(0, size), ring_).ok()) << size;
    EXPECT_FALSE(Matches(kPassword, stored.substr(size + 1))) << size;
  }
}

// Attack X01: nothing is cut, wherever two passwords differ.
TEST_F(PasswordTest, CountsEveryByteX01) {
  for (size_t at : {52, 56, 72, 73, 255, 256, 1023}) {
    std::string password(kMaxPasswordBytes, 'a');
    std::string stored = Hash(password);
    std::string other = password;
    other[at] = 'b';
    EXPECT_FALSE(Matches(other, stored)) << "byte " << at;
    EXPECT_FALSE(Matches(password.substr(0, at), stored)) << "cut at " << at;
    EXPECT_TRUE(Matches(password, stored));
  }
}

// Attack X02: a NUL is a byte like any other.
TEST_F(PasswordTest, CountsANulLikeAnyByteX02) {
  using namespace std::string_view_literals;
  std::string nul_first = Hash("\0x"sv);
  std::string nul_inside = Hash("ab\0c"sv);
  EXPECT_TRUE(Matches("\0x"sv, nul_first));
  EXPECT_TRUE(Matches("ab\0c"sv, nul_inside));
  EXPECT_FALSE(Matches("", nul_first));
  EXPECT_FALSE(Matches("\0y"sv, nul_first));
  EXPECT_FALSE(Matches("ab", nul_inside));
  EXPECT_FALSE(Matches("ab\0d"sv, nul_inside));
  // HMAC pads short keys with NULs: the password must be its message, never its key.
  EXPECT_FALSE(Matches("ab\0"sv, Hash("ab")));
}

RC_GTEST_FIXTURE_PROP(PasswordTest, MatchesItselfAndNothingElse,
                      (const std::string& one, const std::string& other)) {
  std::string stored = Hash(one);
  RC_ASSERT(Matches(one, stored));
  RC_ASSERT(Matches(other, stored) == (one == other));
}

// Attack X04: a planted row.
TEST_F(PasswordTest, RefusesAbsurdOrWeakParametersBeforeItTakesMemoryX04) {
  const std::string salt_and_hash(kStored.substr(kStored.find("$wMHC")));
  auto start = std::chrono::steady_clock::now();
  for (std::string_view front : {"$latchkey$p=1$argon2id$v=19$m=2147483648,t=2,p=1",
                                 "$latchkey$p=1$argon2id$v=19$m=4294967295,t=2,p=1",
                                 "$latchkey$p=1$argon2id$v=19$m=4294967360,t=2,p=1",
                                 "$latchkey$p=1$argon2id$v=19$m=262145,t=1,p=1",
                                 "$latchkey$p=1$argon2id$v=19$m=262144,t=5,p=1",
                                 "$latchkey$p=1$argon2id$v=19$m=64,t=17,p=1",
                                 "$latchkey$p=1$argon2id$v=19$m=64,t=4294967295,p=1",
                                 "$latchkey$p=1$argon2id$v=19$m=64,t=2,p=255",
                                 "$latchkey$p=1$argon2id$v=19$m=7,t=2,p=1",
                                 "$latchkey$p=1$argon2id$v=19$m=64,t=0,p=1",
                                 "$latchkey$p=1$argon2id$v=19$m=0,t=2,p=1",
                                 "$latchkey$p=1$argon2id$v=19$m=-64,t=2,p=1",
                                 "$latchkey$p=1$argon2id$v=19$m=+64,t=2,p=1",
                                 "$latchkey$p=1$argon2id$v=19$m=064,t=2,p=1",
                                 "$latchkey$p=1$argon2id$v=19$m= 64,t=2,p=1",
                                 "$latchkey$p=1$argon2id$v=19$t=2,m=64,p=1",
                                 "$latchkey$p=1$argon2id$v=19$m=64,t=2",
                                 "$latchkey$p=1$argon2id$v=19$m=64,t=2,p=1,x=1",
                                 "$latchkey$p=1$argon2id$v=16$m=64,t=2,p=1",
                                 "$latchkey$p=1$argon2i$v=19$m=64,t=2,p=1",
                                 "$latchkey$p=0$argon2id$v=19$m=64,t=2,p=1",
                                 "$latchkey$p=2$argon2id$v=19$m=64,t=2,p=1",
                                 "$latchkey$p=4294967297$argon2id$v=19$m=64,t=2,p=1",
                                 "$latchkey$p=01$argon2id$v=19$m=64,t=2,p=1"}) {
    Result<Verification> verified =
        VerifyPassword(Secret(kPassword), std::string(front) + salt_and_hash, ring_);
    ASSERT_FALSE(verified.ok()) << front;
    EXPECT_EQ(verified.reason(), Reason::kInternal);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(1));
}

TEST_F(PasswordTest, RefusesSaltAndHashOfAnotherSizeOrSpelling) {
  std::string front = "$latchkey$p=1$argon2id$v=19$m=64,t=2,p=1$";
  for (std::string_view back :
       {"wMHCw8TFxsfIycrLzM3O$+d3IX3cAon700uVQZ9CVn13+gx/y9/Dp8RVoG6vG/n0",
        "wMHCw8TFxsfIycrLzM3Ozw==$+d3IX3cAon700uVQZ9CVn13+gx/y9/Dp8RVoG6vG/n0",
        "wMHCw8TFxsfIycrLzM3Ozx$+d3IX3cAon700uVQZ9CVn13+gx/y9/Dp8RVoG6vG/n0",
        "wMHCw8TFxsfIycrLzM3Ozw$+d3IX3cAon700uVQZ9CVnw", "wMHCw8TFxsfIycrLzM3Ozw$", "$",
        "wMHCw8TFxsfIycrLzM3Ozw$-d3IX3cAon700uVQZ9CVn13-gx_y9_Dp8RVoG6vG_n0",
        "wMHCw8TFxsfIycrLzM3Ozw$+d3IX3cAon700uVQZ9CVn13+gx/y9/Dp8RVoG6vG/n0$"}) {
    EXPECT_FALSE(VerifyPassword(Secret(kPassword), front + std::string(back), ring_).ok()) << back;
  }
  EXPECT_FALSE(
      VerifyPassword(Secret(kPassword), std::string(kStored) + std::string(1'000'000, 'A'), ring_)
          .ok());
}

TEST_F(PasswordTest, NeedsThePepperThatItWasMadeWith) {
  std::string stored = Hash(kPassword);
  ASSERT_TRUE(ring_.Rotate(KeyUse::kPepper, random_).ok());
  EXPECT_TRUE(Matches(kPassword, stored));
  EXPECT_TRUE(Hash(kPassword).starts_with("$latchkey$p=2$"));
  ASSERT_TRUE(ring_.Remove(KeyUse::kPepper, 1).ok());
  Result<Verification> verified = VerifyPassword(Secret(kPassword), stored, ring_);
  ASSERT_FALSE(verified.ok());
  EXPECT_EQ(verified.reason(), Reason::kInternal);
}

TEST_F(PasswordTest, IsReplacedWhenWeakerThanPolicyOrUnderAnOldPepper) {
  EXPECT_FALSE(NeedsUpgrade(kStored, {.memory_kib = 64, .passes = 2}, ring_));
  EXPECT_FALSE(NeedsUpgrade(kStored, {.memory_kib = 32, .passes = 1}, ring_));
  EXPECT_TRUE(NeedsUpgrade(kStored, {.memory_kib = 65, .passes = 2}, ring_));
  EXPECT_TRUE(NeedsUpgrade(kStored, {.memory_kib = 64, .passes = 3}, ring_));
  EXPECT_TRUE(NeedsUpgrade("", {.memory_kib = 64, .passes = 2}, ring_));
  EXPECT_TRUE(
      NeedsUpgrade("$2b$04$abcdefghijklmnopqrstuu7EJV7kdjBBQxyb0HjTh9KS7.Lah/6CG", {}, ring_));
  ASSERT_TRUE(ring_.Rotate(KeyUse::kPepper, random_).ok());
  EXPECT_TRUE(NeedsUpgrade(kStored, {.memory_kib = 64, .passes = 2}, ring_));
}

TEST_F(PasswordTest, OfThisSystemCannotBeImported) {
  Done checked = CheckImportedVerifier(kStored);
  ASSERT_FALSE(checked.ok());
  EXPECT_EQ(checked.reason(), Reason::kMalformed);
}

}  // namespace
}  // namespace latchkey::crypto
