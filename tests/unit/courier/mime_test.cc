// SPDX-License-Identifier: Apache-2.0
#include "services/courier/mime.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "services/courier/address.h"
#include "services/courier/bank.h"
#include "services/courier/relay.h"
#include "tests/unit/courier/mail_reader.h"
#include "tests/unit/courier/samples.h"

namespace latchkey::courier {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using namespace std::string_literals;

// Any text of valid UTF-8, short and long characters mixed.
rc::Gen<std::string> AnyText() {
  return rc::gen::map(
      rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(std::vector<std::string>{
          "a", "Z", "0", " ", "=", "_", "?", ".", "\n", "ä", "ß", "€", "東", "\xf0\x9f\x94\x91"})),
      [](const std::vector<std::string>& pieces) {
        std::string text;
        for (const auto& piece : pieces) text += piece;
        return text;
      });
}

TEST(QuotedPrintable, WritesWhatNeedsWriting) {
  EXPECT_EQ(QuotedPrintable("Gr\u00fc\u00dfe = 1"), "Gr=C3=BC=C3=9Fe =3D 1");
  EXPECT_EQ(QuotedPrintable("a \nb\t\n"), "a=20\r\nb=09\r\n");
  EXPECT_EQ(QuotedPrintable("-- \n"), "--=20\r\n");  // the mark of a signature stays one
  EXPECT_EQ(QuotedPrintable("a\rb"), "a=0Db");       // a bare CR never travels bare (I03)
  EXPECT_EQ(QuotedPrintable("a\0b"s), "a=00b");
}

TEST(QuotedPrintable, BreaksLinesAtSeventySixBytesAndNeverWithinAnEscape) {
  EXPECT_EQ(QuotedPrintable(std::string(75, 'x')), std::string(75, 'x'));
  EXPECT_EQ(QuotedPrintable(std::string(76, 'x')), std::string(75, 'x') + "=\r\nx");
  EXPECT_EQ(QuotedPrintable(std::string(73, 'x') + "\u00e4"), std::string(73, 'x') + "=\r\n=C3=A4");
}

RC_GTEST_PROP(QuotedPrintable, ArrivesAsItWasWritten, ()) {
  const std::string text = *AnyText();
  RC_ASSERT(FromQuotedPrintable(QuotedPrintable(text)) == text);
}

TEST(HeaderText, LeavesPlainTextAlone) {
  EXPECT_EQ(HeaderText("Choose a new password"), "Choose a new password");
}

TEST(HeaderText, EncodesTheRest) {
  EXPECT_EQ(HeaderText("Ge\u00e4ndert: ja"), "=?utf-8?Q?Ge=C3=A4ndert=3A_ja?=");
  // What only looks like an encoded word must not be read as one.
  EXPECT_EQ(FromEncodedWords(HeaderText("=?utf-8?Q?=0D?=")), "=?utf-8?Q?=0D?=");
}

TEST(HeaderText, FoldsLongTextWithoutCuttingACharacter) {
  std::string text;
  for (int i = 0; i < 40; ++i) text += "\u00fc\xf0\x9f\x94\x91 ";
  const std::string value = HeaderText(text);
  EXPECT_EQ(FromEncodedWords(value), text);
  for (const std::string& line : LinesIn(value, "\r\n")) {
    EXPECT_LE(line.size(), 76u);
    // Each word stands alone (RFC 2047, section 5): a cut one would end in half a character.
    const std::string word = FromEncodedWords(line.substr(line.front() == ' ' ? 1 : 0));
    EXPECT_NE(static_cast<unsigned char>(word.front()) & 0xc0, 0x80) << line;
  }
}

// I03: no text can begin a header of its own.
RC_GTEST_PROP(HeaderText, StaysOneHeader, ()) {
  const std::string text = *AnyText() + *rc::gen::elementOf(std::vector<std::string>{
                                            "", "\r\nBcc: x@y.example", "\nX: y", "\r", "\u2028",
                                            "\0"s, "\r\n\r\n<html>"});
  const std::string value = HeaderText(text);
  RC_ASSERT(FromEncodedWords(value) == text);
  for (size_t at = 0; (at = value.find_first_of("\r\n\0"s, at)) != std::string::npos; at += 3) {
    RC_ASSERT(value.substr(at, 3) == "\r\n ");
    RC_ASSERT(value.substr(at + 3, 2) == "=?");
  }
}

TEST(HeaderDate, IsOfRfc5322InUtc) {
  EXPECT_EQ(HeaderDate(FromUnixMillis(0)), "Thu, 01 Jan 1970 00:00:00 +0000");
  EXPECT_EQ(HeaderDate(FromUnixMillis(1'800'000'000'999)), "Fri, 15 Jan 2027 08:00:00 +0000");
  EXPECT_EQ(HeaderDate(FromUnixMillis(1'835'481'599'000)), "Tue, 29 Feb 2028 23:59:59 +0000");
}

Mail SampleMail() {
  return {.from_name = "Harbour Bank",
          .from_address = "access@mail.harbour.example",
          .to_address = "anna@example.org",
          .message_id = "1.latchkey@mail.harbour.example",
          .language = "en",
          .at = kSampleTime,
          .subject = "Hello",
          .text = "One\nTwo\n",
          .html = "<p>One</p>\n"};
}

TEST(WriteMail, QuotesOrEncodesTheSendersName) {
  Mail mail = SampleMail();
  mail.from_name = "Miller \"& Sons\" \\ Bank, Inc.";
  EXPECT_EQ(ReadMailText(WriteMail(mail))["From"],
            R"("Miller \"& Sons\" \\ Bank, Inc." <access@mail.harbour.example>)");
  mail.from_name = "M\u00fcller & S\u00f6hne, Bank";
  const std::string from = ReadMailText(WriteMail(mail))["From"];
  EXPECT_EQ(FromEncodedWords(from), "M\u00fcller & S\u00f6hne, Bank <access@mail.harbour.example>");
  EXPECT_EQ(from.find(','), std::string::npos) << "a comma would end the name";
}

// I03: whatever the words hold, the mail has the headers and the parts it was given.
TEST(WriteMail, KeepsItsShapeWhateverTheWordsHold) {
  const size_t headers = ReadMailText(WriteMail(SampleMail())).headers.size();
  for (const std::string& evil :
       {"x\r\nBcc: mallory@evil.example"s, "x\nBcc: a@b.example"s, "x\r\n\r\n<b>body</b>"s,
        "x\r\n.\r\nMAIL FROM:<a@b.example>"s, "x\0y"s, "x\u2028Bcc: y"s,
        "--=_latchkey_alternative--"s, "\n--=_latchkey_alternative\nContent-Type: text/html"s}) {
    Mail mail = SampleMail();
    mail.subject = mail.from_name = mail.text = mail.html = evil;
    const MailAsRead read = ReadMailText(WriteMail(mail));
    EXPECT_EQ(read.headers.size(), headers) << evil;
    EXPECT_FALSE(read.has("Bcc")) << evil;
    EXPECT_EQ(read.text, evil);
    EXPECT_EQ(read.html, evil);
    EXPECT_EQ(FromEncodedWords(read["Subject"]), evil);
    EXPECT_THAT(WriteMail(mail), Not(HasSubstr("\r\n.\r\n")));
  }
}

TEST(IsMailAddress, TakesPlainAddressesOnly) {
  for (const char* good : {"anna@example.org", "a.b+c@sub.example.org", "o'neil@example.ie",
                           "j\u00f6rg@example.de", "x@xn--mller-kva.example"})
    EXPECT_TRUE(IsMailAddress(good)) << good;
}

TEST(IsMailAddress, RefusesWhateverCouldBecomeAnotherCommand) {  // I03
  for (const std::string& bad : {""s,
                                 "anna"s,
                                 "@example.org"s,
                                 "anna@"s,
                                 "a@b@c.example"s,
                                 "anna@example.org\r\n"s,
                                 "anna\r\nRCPT TO:<x@y.example>@example.org"s,
                                 "\"a\r\nRCPT TO:<x>\"@example.org"s,
                                 "anna\r@example.org"s,
                                 "anna\n@example.org"s,
                                 "anna\0@example.org"s,
                                 "anna@example.org\0.evil.example"s,
                                 "an\u2028na@example.org"s,
                                 "an\u200bna@example.org"s,
                                 "an\u202ena@example.org"s,
                                 "an\u0085na@example.org"s,
                                 "an\xff@example.org"s,
                                 "\"anna\"@example.org"s,
                                 "anna (x)@example.org"s,
                                 "anna @example.org"s,
                                 "<anna@example.org>"s,
                                 "anna@example.org>"s,
                                 "anna@example.org,b@example.org"s,
                                 "anna@[127.0.0.1]"s,
                                 "anna@ex\u00e4mple.org"s,
                                 ".anna@example.org"s,
                                 "an..na@example.org"s,
                                 "anna.@example.org"s,
                                 "anna@example..org"s,
                                 "anna@-example.org"s,
                                 "anna@example.org."s,
                                 "anna@"s + std::string(64, 'x'),
                                 std::string(65, 'x') + "@example.org",
                                 "a@" + std::string(300, 'x')})
    EXPECT_FALSE(IsMailAddress(bad)) << bad;
}

// The second wall: nothing is said to any relay. Port 1 answers nobody; that would be temporary.
TEST(HandOver, AsksNobodyForAnAddressThatIsNone) {  // I03
  const RelayOptions relay{.host = "127.0.0.1",
                           .port = 1,
                           .tls = RelayTls::kNone,
                           .authority = {},
                           .user = {},
                           .password = {}};
  auto handed = [&](std::string_view from, std::string_view to) {
    return RelayLine(relay, "harbour.example")
        .HandOver({.from = from, .to = to, .mail = "x"}, Millis(5000))
        .delivery.fate;
  };
  EXPECT_EQ(handed("a@harbour.example", "x@y.example>\r\nRCPT TO:<z@y.example"), Fate::kPermanent);
  EXPECT_EQ(handed("a@harbour.example\n", "x@y.example"), Fate::kPermanent);
  EXPECT_EQ(handed("a@harbour.example", "x@y.example"), Fate::kTemporary);
}

std::string FieldRefused(const BankOptions& bank) {
  const Done checked = CheckBank(bank);
  return checked.ok() ? "" : checked.failure().field;
}

TEST(CheckBank, TakesOnePortalUnderTls) {  // I10, L03
  BankOptions bank = Harbour();
  for (const char* good : {"https://access.harbour.example", "https://access.harbour.example:8443",
                           "http://localhost:8080", "http://127.0.0.1:8080"}) {
    bank.portal_url = good;
    EXPECT_EQ(FieldRefused(bank), "") << good;
  }
  for (const std::string& bad : {""s,
                                 "harbour.example"s,
                                 "http://harbour.example"s,
                                 "javascript:alert(1)"s,
                                 "https://"s,
                                 "https://harbour.example/"s,
                                 "https://harbour.example/path"s,
                                 "https://harbour.example?x"s,
                                 "https://harbour.example#x"s,
                                 "https://harbour.example@evil.example"s,
                                 "https://harbour.example:"s,
                                 "https://harbour.example:x"s,
                                 "https://harbour.example:123456"s,
                                 "https://xn--hrbour-bta.example"s,
                                 "https://access.xn--hrbour-bta.example"s,
                                 "https://h\u0430rbour.example"s,
                                 "https://harbour.example\r\nX: y"s,
                                 "https://harbour.example\\evil.example"s,
                                 "https://localhost.evil.example/"s,
                                 "http://127.0.0.1.evil.example"s}) {
    bank.portal_url = bad;
    EXPECT_EQ(FieldRefused(bank), "portal_url") << bad;
  }
}

TEST(CheckBank, RefusesControlCharacters) {  // I03
  for (const std::string& bad :
       {"Harbour\r\nBcc: x@y.example"s, "Har\nbour"s, "Har\0bour"s, "Har\tbour"s,
        "Har\x7f"s
        "bour",
        ""s, std::string(81, 'x')}) {
    BankOptions bank = Harbour();
    bank.name = bad;
    EXPECT_EQ(FieldRefused(bank), "name") << bad;
    bank = Harbour();
    bank.phone = bad;
    EXPECT_EQ(FieldRefused(bank), "phone") << bad;
    bank = Harbour();
    bank.from_address = bad;
    EXPECT_EQ(FieldRefused(bank), "from_address") << bad;
    bank = Harbour();
    bank.color = bad;
    EXPECT_EQ(FieldRefused(bank), "color") << bad;
  }
}

}  // namespace
}  // namespace latchkey::courier
