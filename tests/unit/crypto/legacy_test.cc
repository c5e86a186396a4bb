// SPDX-License-Identifier: Apache-2.0
// Imported verifiers: each kind against strings that other programs made, and against everything
// that is not one.
#include "crypto/legacy.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "tests/unit/crypto/support.h"

namespace latchkey::crypto {
namespace {

constexpr std::string_view kHorse = "correct horse battery staple";

struct LegacyVector {
  const char* made_by;
  std::string_view password;
  std::string_view stored;
  bool dear = false;  // too slow to be computed for each bit; another one of the same form is there
};

const LegacyVector kVectors[] = {
    {"libargon2 test.c", "password",
     "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"},
    {"libargon2 test.c, two lanes", "password",
     "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc"},
    {"libargon2 test.c, argon2i", "password",
     "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8"},
    {"libargon2 test.c, before version 19", "password",
     "$argon2i$m=256,t=2,p=1$c29tZXNhbHQ$/U3YPXYsSb3q9XxHvc0MLxur+GP960kN9j7emXX8zwY"},
    {"libargon2, argon2d", "password",
     "$argon2d$v=19$m=256,t=2,p=1$c29tZXNhbHQ$JcTui6RIBUtJ78gE5Hi52CO+H5vS6Z9R1uxAB6OhUB8"},
    {"libargon2, salt of 16 bytes: by libsodium here", "password",
     "$argon2id$v=19$m=64,t=3,p=1$AAECAwQFBgcICQoLDA0ODw$"
     "sGvPfS064KDgYPdfx4zACC5hlrqrPkIsvjzAyAf3bA0"},
    {"crypt_blowfish 1.3 wrapper.c", "U*U",
     "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"},
    {"crypt_blowfish 1.3 wrapper.c, empty", "",
     "$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy"},
    {"crypt(3)", kHorse, "$2b$04$abcdefghijklmnopqrstuu7EJV7kdjBBQxyb0HjTh9KS7.Lah/6CG"},
    {"crypt(3)", kHorse, "$2y$04$abcdefghijklmnopqrstuu7EJV7kdjBBQxyb0HjTh9KS7.Lah/6CG"},
    {"openssl passwd -5", kHorse, "$5$saltstring$hixOXgchwauyzVtlSM/e7UnQx0qiTk74JE/YU53IbE0",
     true},
    {"openssl passwd -5", kHorse,
     "$5$rounds=1000$saltstring$MGHTVAK1OdWrxoC7LJKeycAtdF/rZJH8EE46Glj/aT6"},
    {"openssl passwd -6", kHorse,
     "$6$saltstring$qvPJY4PeugKzKQqyIJ0gRdJnpS0uaaiZ.X1SaheFedsK/"
     "yZPwlluTLS90fJPM41sD5JxCHKgGr1..qt5HqEY8.",
     true},
    {"openssl passwd -6", kHorse,
     "$6$rounds=1000$saltstring$B."
     "n1vD77SdB2TuXAE0nGKP536R1bUc6NvRMEtukg5fkv3SlfIs6RsCY18TxG6AWfmoa/"
     "S410tUwH1MRlKRQST0"},
    {"crypt(3), UTF-8", "Gr\u00fc\u00dfe aus K\u00f6ln",
     "$6$saltstring$of9QddD42c9uSOzw0DDQAtU2oPKInCGG6vDy9WvCXvYeyFExzkWE3yc9n6/"
     "iO.Y8k9t53C5533ZllXIzpHD9b1",
     true},
    {"crypt(3)", kHorse,
     "$y$j75$F5Jx5fExrKuPp53xLKQ..1$XyFxfxwa0G5N26Bxd8AIdzD64Fs3WWfQ9tsWo7cF/sB"},
    {"crypt(3), as Debian stores its users", kHorse,
     "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$y8e1eitiNDaQsFFW6d.9KbSTlk5zV3R3coZQtfcNAO5", true},
    {"Python hashlib, passlib's form", kHorse,
     "$pbkdf2-sha256$1000$8PHy8/T19vf4.fr7/P3./w$0A35jjZ8X.jm/Nj9sc4uzmU/RqA2wljSyf5enbVFSOY"},
    {"Python hashlib, passlib's form", kHorse,
     "$pbkdf2-sha512$1000$8PHy8/T19vf4.fr7/P3./"
     "w$7Ny4dUakS7JIZAfjYpLQGSZsWvUihs7A6xXDgyqRrc3BkpXb3nL1/"
     "MvPpT3VxDAwU6FzpGn1KkCfA3fC7/680Q"},
    {"Python hashlib, Django's form", kHorse,
     "pbkdf2_sha256$1000$seasalt2026$9SfXyPsuA2CvmGyQ+ktSDNzbjSdXEwglcS5LQLVRQSc="},
    {"RFC 7914, section 11 (first 32 bytes)", "passwd",
     "pbkdf2_sha256$1$salt$VawEblbjCJ/sFpHCJUS2BflBhSFt3gRl5oudV8INrLw="},
    {"Python hashlib, passlib's form", kHorse,
     "$scrypt$ln=10,r=8,p=1$8PHy8/T19vf4+fr7/P3+/w$n5y9hrV80jPF5eBETbfKUkiKZk3DXkL+xiNruiraf+U"},
    {"Python hashlib, Django's form", kHorse,
     "scrypt$seasalt2026$1024$8$1$+Bkvg/Xtt/RW+6IWftiG9axt1w0kUSL+A3dM4FhAAg5ckQeYG9q0vp/"
     "fwldfkgPfSNDh6Fs0cJDUXqA5eJqidA=="},
    {"RFC 7914, section 12", "password",
     "scrypt$NaCl$1024$8$16$/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWIurzDZLiKjiG/"
     "xCSedmDDaxyevuUqD7m2DYMvfoswGQA==",
     true},
    {"Python hashlib", kHorse, "{SSHA}Nsrmn/Cg0MELt/gtj0ytZ6bwrY3w8fLz9PX29w=="},
    {"Python hashlib", kHorse, "{SSHA256}rU3czTjb/VdjIWEOU0PQ7Yby6MPscG2ODM58x3HETGLw8fLz9PX29w=="},
    {"Python hashlib", kHorse,
     "{SSHA512}TbQkzz3s78wc+p38mt8A5jZHKw1N8Xl7TT0/F8rvUPG4xLNMmUcc6MJaGnKuyWjBq/"
     "Clr4I3YmntqnsNXfE7vPDx8vP09fb3"},
};

bool Matches(std::string_view password, std::string_view stored) {
  Result<Verification> verified = VerifyLegacy(Secret(password), stored);
  return verified.ok() && *verified == Verification::kMatch;
}

TEST(LegacyVerifier, MatchesThePasswordItWasMadeFromAndNoOther) {
  for (const LegacyVector& vector : kVectors) {
    SCOPED_TRACE(vector.stored);
    Done checked = CheckImportedVerifier(vector.stored);
    EXPECT_TRUE(checked.ok());
    EXPECT_TRUE(Matches(vector.password, vector.stored)) << vector.made_by;
    EXPECT_FALSE(Matches(std::string(vector.password) + "x", vector.stored));
    EXPECT_FALSE(Matches("x" + std::string(vector.password), vector.stored));
    EXPECT_FALSE(Matches("another", vector.stored));
    EXPECT_EQ(Matches("", vector.stored), vector.password.empty());
  }
}

TEST(LegacyVerifier, IsAlwaysReplacedAtTheNextSignIn) {
  CountingRandom random;
  KeyRing ring = KeyRing::Generate(random);
  for (const LegacyVector& vector : kVectors)
    EXPECT_TRUE(NeedsUpgrade(vector.stored, kCheapForTest, ring));
}

TEST(LegacyVerifier, NeverMatchesAfterAFlippedBit) {
  for (const LegacyVector& vector : kVectors) {
    if (vector.dear) continue;
    bool bcrypt = vector.stored.starts_with("$2");
    for (size_t bit = 0; bit < vector.stored.size() * 8; ++bit) {
      size_t at = bit / 8;
      // The cost of bcrypt, where a bit makes it a thousand times slower, and the last character of
      // its salt, which libraries fill as they like.
      if (bcrypt && (at == 4 || at == 28)) continue;
      std::string flipped(vector.stored);
      flipped[at] = static_cast<char>(flipped[at] ^ (1 << bit % 8));
      EXPECT_FALSE(Matches(vector.password, flipped)) << flipped;
    }
  }
}

TEST(LegacyVerifier, IsRefusedWhenCut) {
  for (const LegacyVector& vector : kVectors) {
    for (size_t size = 0; size < vector.stored.size(); ++size) {
      std::string_view cut = vector.stored.substr(0, size);
      EXPECT_FALSE(Matches(vector.password, cut)) << cut;
      EXPECT_FALSE(Matches(vector.password, vector.stored.substr(size + 1)));
      EXPECT_FALSE(Matches(vector.password, std::string(cut) + '\0'));
    }
    EXPECT_FALSE(CheckImportedVerifier(std::string(vector.stored) + "$").ok()) << vector.stored;
    EXPECT_FALSE(CheckImportedVerifier(std::string(vector.stored) + "\n").ok()) << vector.stored;
    EXPECT_FALSE(CheckImportedVerifier(std::string(vector.stored) + '\0').ok()) << vector.stored;
  }
}

// Attack X02: no old system lets a NUL in, and HMAC, inside PBKDF2 and scrypt, would overlook one
// at the end.
TEST(LegacyVerifier, NeverMatchesAPasswordWithANulX02) {
  for (const LegacyVector& vector : kVectors) {
    std::string password(vector.password);
    EXPECT_FALSE(Matches(password + '\0', vector.stored)) << vector.stored;
    EXPECT_FALSE(Matches(password + '\0' + "x", vector.stored)) << vector.stored;
    EXPECT_FALSE(Matches('\0' + password, vector.stored)) << vector.stored;
  }
}

// Attacks R01 and X01: what is too long for the old system does not match; nothing is cut to make
// it fit.
TEST(LegacyVerifier, NeverMatchesAPasswordLongerThanTheBound) {
  for (const LegacyVector& vector : kVectors) {
    EXPECT_FALSE(Matches(std::string(kMaxPasswordBytes + 1, 'x'), vector.stored));
    EXPECT_FALSE(Matches(std::string(kMaxPasswordBytes, 'x'), vector.stored));
  }
}

// The one exception: bcrypt never saw byte 73, so the bank that used it accepted both of these.
TEST(LegacyVerifier, OfBcryptTakesWhatTheOldSystemTookX01) {
  constexpr std::string_view kOf72 = "$2b$04$abcdefghijklmnopqrstuubzadhGtS2zEF.gu0yd0opP6cVzb.e0i";
  std::string password(72, 'x');
  EXPECT_TRUE(Matches(password, kOf72));
  for (size_t size : {73, 255, 256, 511, 512, 1024})
    EXPECT_TRUE(Matches(std::string(size, 'x'), kOf72)) << size;
  EXPECT_FALSE(Matches(password.substr(1), kOf72));
  for (size_t at : {0, 52, 56, 71}) {
    std::string other = password;
    other[at] = 'y';
    EXPECT_FALSE(Matches(other, kOf72)) << "byte " << at;
  }
}

// Attack X04: a parameter bomb is refused before any memory is taken or any time spent.
TEST(LegacyVerifier, WithAbsurdParametersIsRefusedAtOnceX04) {
  const std::string salt22 = "abcdefghijklmnopqrstuu7EJV7kdjBBQxyb0HjTh9KS7.Lah/6CG";
  const std::string argon2 = "$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
  const std::string sha256 = "$saltstring$hixOXgchwauyzVtlSM/e7UnQx0qiTk74JE/YU53IbE0";
  const std::string yescrypt =
      "$F5Jx5fExrKuPp53xLKQ..1$XyFxfxwa0G5N26Bxd8AIdzD64Fs3WWfQ9tsWo7cF/sB";
  const std::string pbkdf2 = "$8PHy8/T19vf4.fr7/P3./w$0A35jjZ8X.jm/Nj9sc4uzmU/RqA2wljSyf5enbVFSOY";
  const std::string django = "$seasalt2026$9SfXyPsuA2CvmGyQ+ktSDNzbjSdXEwglcS5LQLVRQSc=";
  const std::string scrypt = "$8PHy8/T19vf4+fr7/P3+/w$n5y9hrV80jPF5eBETbfKUkiKZk3DXkL+xiNruiraf+U";
  const std::string django_scrypt =
      "$+Bkvg/Xtt/RW+6IWftiG9axt1w0kUSL+A3dM4FhAAg5ckQeYG9q0vp/fwldfkgPfSNDh6Fs0cJDUXqA5eJqidA==";
  const std::string bombs[] = {
      "$argon2id$v=19$m=2147483648,t=2,p=1" + argon2,
      "$argon2id$v=19$m=4294967295,t=2,p=1" + argon2,
      "$argon2id$v=19$m=262145,t=1,p=1" + argon2,
      "$argon2id$v=19$m=256,t=17,p=1" + argon2,
      "$argon2id$v=19$m=262144,t=16,p=1" + argon2,
      "$argon2id$v=19$m=4096,t=2,p=255" + argon2,
      "$argon2id$v=19$m=256,t=2,p=0" + argon2,
      "$argon2id$v=19$m=15,t=2,p=2" + argon2,
      "$argon2id$v=18$m=256,t=2,p=1" + argon2,
      "$argon2id$v=19$m=256,t=0,p=1" + argon2,
      "$argon2id$v=19$m=256,t=2,p=1,keyid=YQ" + argon2,
      "$argon2id$v=19$m=256,t=2,p=1$YQ$nf65EOgLrQMR",
      "$2b$17$" + salt22,
      "$2b$31$" + salt22,
      "$2b$99$" + salt22,
      "$2b$03$" + salt22,
      "$2b$00$" + salt22,
      "$2b$4 $" + salt22,
      "$2b$-4$" + salt22,
      "$2x$04$" + salt22,
      "$2$04$" + salt22,
      "$2b$04$" + salt22 + "a",
      "$5$rounds=999999999" + sha256,
      "$5$rounds=1000001" + sha256,
      "$5$rounds=999" + sha256,
      "$5$rounds=05000" + sha256,
      "$5$rounds=-1" + sha256,
      "$5$rounds=" + sha256,
      "$5$$hixOXgchwauyzVtlSM/e7UnQx0qiTk74JE/YU53IbE0",
      "$5$saltstringsaltstring$hixOXgchwauyzVtlSM/e7UnQx0qiTk74JE/YU53IbE0",
      "$5$salt*string$hixOXgchwauyzVtlSM/e7UnQx0qiTk74JE/YU53IbE0",
      "$y$jHT" + yescrypt,
      "$y$jzT" + yescrypt,
      "$y$j9z" + yescrypt,
      "$y$.9T" + yescrypt,
      "$y$j.T" + yescrypt,
      "$y$j9T/1" + yescrypt,
      "$y$j!T" + yescrypt,
      "$pbkdf2-sha256$0" + pbkdf2,
      "$pbkdf2-sha256$5000001" + pbkdf2,
      "$pbkdf2-sha256$4294967295" + pbkdf2,
      "$pbkdf2-sha256$99999999999999999999" + pbkdf2,
      "$pbkdf2-sha256$1e3" + pbkdf2,
      "$pbkdf2-sha512$1000" + pbkdf2,
      "$pbkdf2-sha1$1000" + pbkdf2,
      "$pbkdf2-sha256$1000$$0A35jjZ8X.jm/Nj9sc4uzmU/RqA2wljSyf5enbVFSOY",
      "pbkdf2_sha256$0" + django,
      "pbkdf2_sha256$2147483648" + django,
      "pbkdf2_sha1$1000" + django,
      "$scrypt$ln=0,r=8,p=1" + scrypt,
      "$scrypt$ln=19,r=8,p=1" + scrypt,
      "$scrypt$ln=63,r=8,p=1" + scrypt,
      "$scrypt$ln=64,r=8,p=1" + scrypt,
      "$scrypt$ln=10,r=0,p=1" + scrypt,
      "$scrypt$ln=10,r=8,p=0" + scrypt,
      "$scrypt$ln=10,r=4294967295,p=1" + scrypt,
      "$scrypt$ln=10,r=8,p=4294967295" + scrypt,
      "$scrypt$ln=18,r=8,p=16" + scrypt,
      "scrypt$seasalt2026$1023$8$1" + django_scrypt,
      "scrypt$seasalt2026$0$8$1" + django_scrypt,
      "scrypt$seasalt2026$1$8$1" + django_scrypt,
      "scrypt$seasalt2026$2147483648$8$1" + django_scrypt,
      "scrypt$seasalt2026$4294967296$8$1" + django_scrypt,
      "scrypt$seasalt2026$1024$8$255" + django_scrypt,
      "{SSHA}",
      "{SSHA}====",
      "{SSHA}Nsrmn/Cg0MELt/gtj0ytZ6bwrY0=",
      "{SSHA256}Nsrmn/Cg0MELt/gtj0ytZ6bwrY3w8fLz9PX29w==",
      "{SSHA}Nsrmn/Cg0MELt/gtj0ytZ6bwrY3w8fLz9PX29w",
      "{ssha}Nsrmn/Cg0MELt/gtj0ytZ6bwrY3w8fLz9PX29w==",
      "{SSHA}" + std::string(1'000'000, 'A')};
  auto start = std::chrono::steady_clock::now();
  for (const std::string& bomb : bombs) {
    SCOPED_TRACE(bomb.substr(0, 120));
    Done checked = CheckImportedVerifier(bomb);
    ASSERT_FALSE(checked.ok());
    EXPECT_EQ(checked.reason(), Reason::kMalformed);
    EXPECT_FALSE(checked.failure().detail.empty());
    Result<Verification> verified = VerifyLegacy(Secret(kHorse), bomb);
    ASSERT_FALSE(verified.ok());
    EXPECT_EQ(verified.reason(), Reason::kInternal);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(1));
}

TEST(LegacyVerifier, OfAnUnknownOrUnsaltedKindIsRefusedWithAReason) {
  for (std::string_view bad :
       {"", "hunter2", "5f4dcc3b5aa765d61d8327deb882cf99",
        "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=", "{MD5}X03MO1qnZdYdgyfeuILPmQ==", "{CLEARTEXT}hunter2",
        "{CRYPT}$6$saltstring$x", "$1$abc$xyz", "$apr1$abc$xyz", "abJnggxhB/yWI", "*", "!", "x",
        "$latchkey$", "$7$C6..../....SodiumChloride$kBGj9fHznVYFQMEn/qDCfrDevf9YDtcDdKvEqHJLV8D"}) {
    Done checked = CheckImportedVerifier(bad);
    ASSERT_FALSE(checked.ok()) << bad;
    EXPECT_EQ(checked.reason(), Reason::kMalformed);
    EXPECT_EQ(checked.failure().field, "verifier");
    // Law 12: what is wrong is said without the string, which may be a password.
    EXPECT_TRUE(bad.size() < 7 || checked.failure().detail.find(bad) == std::string::npos);
    EXPECT_FALSE(Matches(bad, bad));
  }
}

}  // namespace
}  // namespace latchkey::crypto
