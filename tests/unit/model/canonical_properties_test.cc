// SPDX-License-Identifier: Apache-2.0
// What holds for every text (attacks I08, L02, K02): over all code points, and over texts made at
// random.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <unicode/uchar.h>

#include <map>
#include <string>

#include "services/model/canonical.h"
#include "services/model/code_points.h"

namespace latchkey::model {
namespace {

// Code points of which one stands for thousands: unassigned and private ones, unified ideographs,
// Hangul syllables.
bool IsOneOfManyAlike(char32_t point) {
  auto icu_point = static_cast<UChar32>(point);
  int8_t type = u_charType(icu_point);
  return type == U_UNASSIGNED || type == U_PRIVATE_USE_CHAR ||
         u_hasBinaryProperty(icu_point, UCHAR_UNIFIED_IDEOGRAPH) ||
         (point >= 0xAC00 && point <= 0xD7A3);
}

// Calls `visit` with every code point that text can hold; of those that are all alike with one in
// 251.
template <typename Visit>
void ForEachCodePoint(Visit visit) {
  for (char32_t point = 0; point <= 0x10FFFF; ++point) {
    bool surrogate = point >= 0xD800 && point <= 0xDFFF;
    if (surrogate || (IsOneOfManyAlike(point) && point % 251 != 0)) continue;
    visit(point, EncodeUtf8(std::u32string(1, point)));
  }
}

bool IsOfAscii(const Identifier& identifier) {
  std::optional<std::u32string> text = DecodeUtf8(identifier.text);
  return text && IsAscii(*text);
}

void ExpectStable(const std::string& typed) {
  auto once = CanonicalIdentifier(typed);
  if (!once.ok()) return;
  auto twice = CanonicalIdentifier(once->text);
  ASSERT_TRUE(twice.ok()) << typed << " became " << once->text << ", which is refused";
  EXPECT_EQ(*twice, *once) << typed;
}

TEST(CanonicalIdentifier, IsItsOwnCanonicalFormWithEveryCodePoint) {  // I08
  ForEachCodePoint([](char32_t, const std::string& bytes) {
    ExpectStable(bytes + "ab");
    ExpectStable("a" + bytes + "b");
    ExpectStable("a" + bytes + "@example.org");
    ExpectStable("a@b" + bytes + "b.example");
  });
}

// Nothing beyond ASCII is ever taken for an ASCII name: neither by case, nor by normalisation, nor
// by its looks.
TEST(CanonicalIdentifier, NeverTurnsAnotherLetterIntoAscii) {  // L02
  ForEachCodePoint([](char32_t point, const std::string& bytes) {
    if (point < 0x80) return;
    bool dropped = IsBlank(point);  // at the ends of any text, and within numbers
    for (const std::string& typed : {"ab" + bytes, bytes + "ab", "a" + bytes + "b"}) {
      auto login = CanonicalIdentifier(typed);
      if (login.ok() && !dropped) {
        EXPECT_FALSE(IsOfAscii(*login)) << typed;
      }
    }
    auto local = CanonicalIdentifier("a" + bytes + "b@example.org");
    if (local.ok()) {
      EXPECT_FALSE(IsOfAscii(*local)) << local->text;
    }
    auto domain = CanonicalIdentifier("ada@a" + bytes + "b.example");
    if (domain.ok()) {
      EXPECT_NE(domain->text.find("@xn--"), std::string::npos) << domain->text;
    }
    for (const std::string& typed : {"12345" + bytes + "6", "+49151" + bytes + "2345"}) {
      auto number = CanonicalIdentifier(typed);
      if (number.ok() && number->kind != IdentifierKind::kLogin) {
        EXPECT_TRUE(IsBlank(point) || IsDash(point)) << typed;
      }
    }
  });
}

// Of two letters that differ in more than case or composition, each keeps its own name.
TEST(CanonicalIdentifier, GivesOneNameToOneLetterOnly) {  // K02
  std::map<std::string, char32_t> lower_of;
  ForEachCodePoint([&](char32_t point, const std::string& bytes) {
    auto login = CanonicalIdentifier("x\u00e9" + bytes);
    if (!login.ok()) return;
    char32_t lower = ToLower(point);
    auto [entry, fresh] = lower_of.emplace(login->text, lower);
    if (!fresh && !IsBlank(point)) {
      EXPECT_EQ(entry->second, lower) << login->text;
    }
  });
}

TEST(CanonicalPassword, IsItsOwnCanonicalFormWithEveryCodePoint) {
  ForEachCodePoint([](char32_t, const std::string& bytes) {
    auto once = CanonicalPassword("e" + bytes + "\u0301");
    if (once.ok()) {
      EXPECT_EQ(CanonicalPassword(*once).value(), *once);
    }
  });
}

// Texts with all that matters close together.
rc::Gen<std::string> Texts() {
  auto points = rc::gen::oneOf(
      rc::gen::inRange<uint32_t>(0x20, 0x7f), rc::gen::inRange<uint32_t>(0x80, 0x600),
      rc::gen::inRange<uint32_t>(0x1E00, 0x2200), rc::gen::inRange<uint32_t>(0xAC00, 0xD800),
      rc::gen::inRange<uint32_t>(0xFB00, 0x11000),
      rc::gen::element<uint32_t>('@', '.', '-', '+', '0', ' ', 0x300, 0x301, 0x307, 0x200d, 0x131));
  return rc::gen::map(rc::gen::container<std::vector<uint32_t>>(points),
                      [](const std::vector<uint32_t>& numbers) {
                        std::u32string text;
                        for (uint32_t number : numbers) text += static_cast<char32_t>(number);
                        return EncodeUtf8(text);
                      });
}

TEST(CanonicalIdentifier, IsItsOwnCanonicalFormForAnyText) {  // I08
  EXPECT_TRUE(rc::check("canon of canon is canon", [] {
    std::string typed = *Texts();
    auto once = CanonicalIdentifier(typed);
    if (!once.ok()) return;
    auto twice = CanonicalIdentifier(once->text);
    RC_ASSERT(twice.ok());
    RC_ASSERT(*twice == *once);
    RC_ASSERT(once->text.size() <= kMaxIdentifierBytes);
  }));
}

TEST(CanonicalIdentifier, TakesAnyBytesWithoutHarm) {
  EXPECT_TRUE(rc::check("any bytes", [] {
    auto bytes = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
    auto once = CanonicalIdentifier(bytes);
    if (once.ok()) RC_ASSERT(*CanonicalIdentifier(once->text) == *once);
    (void)CanonicalPassword(bytes);
    (void)CanonicalName(bytes);
    (void)MaskContact(ContactKind::kEmail, bytes);
    (void)MaskContact(ContactKind::kPhone, bytes);
  }));
}

TEST(CanonicalIdentifier, SeesThroughTwoHundredSpellingsOfOneNumber) {  // K02
  EXPECT_TRUE(rc::check("blanks and dashes", [] {
    std::string typed;
    for (char digit : std::string("+4915123454711")) {
      typed += digit;
      typed += *rc::gen::element<std::string>("", " ", "-", "\u00a0", "\u2011", ".", "/");
    }
    RC_ASSERT(CanonicalIdentifier(typed).value().text == "+4915123454711");
  }));
}

}  // namespace
}  // namespace latchkey::model
