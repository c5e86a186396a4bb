// SPDX-License-Identifier: Apache-2.0
// Canonical identifiers, case by case.
#include "services/model/canonical.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace latchkey::model {
namespace {

struct Case {
  std::string typed;
  IdentifierKind kind;
  std::string canonical;
};

TEST(CanonicalIdentifier, GivesEachSpellingTheOneFormItHas) {
  using enum IdentifierKind;
  const std::vector<Case> cases = {
      {"ada", kLogin, "ada"},
      {"  Ada\t", kLogin, "ada"},
      {"A.d_A-1", kLogin, "a.d_a-1"},
      {"1a", kLogin, "1a"},
      {"M\u00dcLLER", kLogin, "m\u00fcller"},
      {"mu\u0308ller", kLogin, "m\u00fcller"},  // NFD, as some keyboards send it
      {"\u0410\u043d\u043d\u0430", kLogin, "\u0430\u043d\u043d\u0430"},
      {"\u5c71\u7530\u592a\u90ce", kLogin, "\u5c71\u7530\u592a\u90ce"},
      {"\u1112\u1161\u11ab\u1100\u1173\u11af", kLogin, "\ud55c\uae00"},  // conjoining jamo
      {"12345678", kCustomerNumber, "12345678"},
      {" 1234 56-78 ", kCustomerNumber, "12345678"},
      {"1234\u00a05678", kCustomerNumber, "12345678"},
      {"012345", kCustomerNumber, "012345"},
      {"Ada.Lovelace@Example.ORG", kEmail, "ada.lovelace@example.org"},
      {"a+tag@example.org", kEmail, "a+tag@example.org"},
      {"o'neil@example.org", kEmail, "o'neil@example.org"},
      {"ada@B\u00dcCHER.example", kEmail, "ada@xn--bcher-kva.example"},
      {"ada@xn--bcher-kva.example", kEmail, "ada@xn--bcher-kva.example"},
      {"ada@XN--BCHER-KVA.example", kEmail, "ada@xn--bcher-kva.example"},
      {"ada@stra\u00dfe.example", kEmail, "ada@xn--strae-oqa.example"},
      {"J\u00f6rg@example.org", kEmail, "J\u00f6rg@example.org"},  // kept as it is
      {"+49 (151) 234-567.89", kPhone, "+4915123456789"},
      {"0049 151 23456789", kPhone, "+4915123456789"},
      {"+49 (0)30 123456", kPhone, "+4930123456"},
      {"+49 151/23456789", kPhone, "+4915123456789"},
      {"+1\u2011415\u2011555\u20110123", kPhone, "+14155550123"},
  };
  for (const Case& one : cases) {
    auto canonical = CanonicalIdentifier(one.typed);
    ASSERT_TRUE(canonical.ok()) << one.typed << ": " << canonical.failure().detail;
    EXPECT_EQ(canonical->kind, one.kind) << one.typed;
    EXPECT_EQ(canonical->text, one.canonical) << one.typed;
    EXPECT_TRUE(CanonicalOf(one.kind, one.typed).ok()) << one.typed;
  }
}

TEST(CanonicalIdentifier, RefusesWhatCanBeNoIdentifier) {
  const std::vector<std::string> refused = {
      "",
      "   ",
      std::string("ada\0", 4),
      std::string("a\0da", 4),
      "ada\n",
      "ada\r\nRCPT TO:<eve@example.org>",
      "a\u202eda",  // right-to-left override
      "a\u200bda",  // zero-width space
      "a\u00adda",  // soft hyphen
      "\ufeffada",  // byte-order mark
      "a da",       // a blank within
      "ad\xc3",     // cut UTF-8
      "\xc0\xaf"
      "ada",  // overlong
      "\xed\xa0\x80",
      "12345",          // too short
      "1234567890123",  // too long
      "0 0123456",      // would come back as a phone number
      "...",            // no letter
      "1.2.3.4",
      "a'; DROP TABLE accounts; --",
      "*)(uid=*",
      "ada%",
      std::string(255, 'a'),
      "+49",
      "+0123456789",
      "+1234567890123456",
      "+49151abc4567",
      "00",
      "@",
      "ada@",
      "@example.org",
      "ada@@example.org",
      "ada@eve@example.org",
      "ada@localhost",
      "ada@192.0.2.1",
      "ada@[192.0.2.1]",
      "ada@example..org",
      "ada@.example.org",
      "ada@example.org.",
      "ada@-example.org",
      "ada@example-.org",
      "ada@exa mple.org",
      "ada@exa_mple.org",
      "ada@xn--a.example",  // no such label
      "ada.@example.org",
      ".ada@example.org",
      "a..da@example.org",
      "\"ada\"@example.org",
      "ada(comment)@example.org",
      "<ada@example.org>",
      "ada,eve@example.org",
      "ada@example.org,eve@example.org",
      "ada@example.org\nBcc: eve@example.org",
      std::string(65, 'a') + "@example.org",
      "ada@" + std::string(64, 'a') + ".org",
  };
  for (const std::string& typed : refused) {
    auto canonical = CanonicalIdentifier(typed);
    EXPECT_FALSE(canonical.ok()) << typed;
    if (canonical.ok()) continue;
    EXPECT_EQ(canonical.reason(), Reason::kMalformed);
  }
}

TEST(CanonicalIdentifier, RefusesLookAlikesInsteadOfFoldingThem) {  // L02, I08
  const std::vector<std::string> refused = {
      "m\u0131ke",      // dotless i
      "M\u0130KE",      // dotted capital I
      "mi\u212ae",      // Kelvin
      "\u212bngstrom",  // Angstrom
      "mi\u017fe",      // long s
      "\uff4dike",      // full width
      "mike\uff11",     // full-width digit
      "\uff11\uff12\uff13\uff14\uff15\uff16",
      "\u0661\u0662\u0663\u0664\u0665\u0666",        // Arabic digits
      "\u1d2e\u1d35\u1d33\u1d2e\u1d35\u1d3f\u1d30",  // ᴮᴵᴳᴮᴵᴿᴰ
      "\ufb01nn",                                    // fi ligature
      "\U0001d5fa\U0001d5f6ke",                      // mathematical letters
      "m\u0456ke",                                   // Cyrillic i among Latin
      "\u0441\u043e\u0440\u0435",                    // Cyrillic, looks like "cope"
      "\u03bfmega",                                  // Greek omicron
      "mi\u0307ke",                                  // a dot above i, where it cannot be seen
      "mike@\uff45xample.org",
      "m\u0131ke@example.org",
      "mi\u212ae@example.org",
      "mike@example\u3002org",  // ideographic full stop
      "mike\uff20example.org",
      "mike@g\u0131thub.com",
      "\uff0b4915123456789",
  };
  for (const std::string& typed : refused) {
    auto canonical = CanonicalIdentifier(typed);
    EXPECT_FALSE(canonical.ok()) << typed;
  }
}

TEST(CanonicalIdentifier, NamesOneKindForEachText) {  // K07
  EXPECT_FALSE(CanonicalOf(IdentifierKind::kLogin, "12345678").ok());
  EXPECT_FALSE(CanonicalOf(IdentifierKind::kLogin, "ada@example.org").ok());
  EXPECT_FALSE(CanonicalOf(IdentifierKind::kEmail, "ada").ok());
  EXPECT_FALSE(CanonicalOf(IdentifierKind::kPhone, "4915123456789").ok());
  EXPECT_FALSE(CanonicalOf(IdentifierKind::kCustomerNumber, "00123456").ok());
}

TEST(CanonicalPassword, KeepsEveryCharacterAndCutsNothing) {
  EXPECT_EQ(CanonicalPassword(" pass word ").value(), " pass word ");
  EXPECT_EQ(CanonicalPassword("u\u0308").value(), "\u00fc");
  EXPECT_EQ(CanonicalPassword("\U0001F511\u200d\uff21").value(), "\U0001F511\u200d\uff21");
  EXPECT_EQ(CanonicalPassword(std::string(1024, 'a')).value().size(), 1024u);
}

TEST(CanonicalPassword, RefusesWhatIsNoText) {
  for (const std::string& typed :
       {std::string(), std::string(1025, 'a'), std::string("a\0b", 3), std::string("a\tb"),
        std::string("a\x7f"), std::string("\xff"), std::string("a\xc2\x85")}) {
    auto canonical = CanonicalPassword(typed);
    ASSERT_FALSE(canonical.ok());
    EXPECT_EQ(canonical.failure().field, "password");
  }
}

TEST(CanonicalName, HoldsNamesOfPeople) {
  for (const char* name : {"Ada Lovelace", "Zo\u00eb O\u2019Neil", "\u0645\u0631\u06cc\u0645",
                           "\u0646\u0627\u0632\u200c\u0646\u06cc\u0646"}) {
    EXPECT_EQ(CanonicalName(name).value(), name);
  }
  EXPECT_EQ(CanonicalName("  Zoe\u0308 ").value(), "Zo\u00eb");
}

TEST(CanonicalName, RefusesWhatForgesLinesOrDirections) {  // I06
  for (const std::string& name :
       {std::string(), std::string(" "), std::string("Ada\nEve"), std::string("Ada\x1b[31m"),
        std::string("Ada\u202e"), std::string("Ada\u2028Eve"), std::string("A\u200bda"),
        std::string(201, 'a'), std::string("A\0", 2)}) {
    EXPECT_FALSE(CanonicalName(name).ok());
  }
}

TEST(MaskContact, ShowsEnoughToRecogniseOnesOwn) {
  EXPECT_EQ(MaskContact(ContactKind::kEmail, "ada@example.org"), "a•••@example.org");
  EXPECT_EQ(MaskContact(ContactKind::kEmail, "J\u00f6rg@example.org"), "J•••@example.org");
  EXPECT_EQ(MaskContact(ContactKind::kEmail, "\u00f6rg@example.org"), "\u00f6•••@example.org");
  EXPECT_EQ(MaskContact(ContactKind::kEmail, "a@example.org"), "•••@example.org");
  EXPECT_EQ(MaskContact(ContactKind::kPhone, "+4915123454711"), "••• 4711");
  EXPECT_EQ(MaskContact(ContactKind::kPhone, "+4711"), "•••");
}

}  // namespace
}  // namespace latchkey::model
