// SPDX-License-Identifier: Apache-2.0
// Where secrets must not stand: logs, answers, the store.
#include <openssl/evp.h>

#include <cctype>
#include <cstdio>
#include <fstream>

#include "crypto/token.h"
#include "services/ledger/tokens.h"
#include "tests/attacks/bank.h"

namespace latchkey::attacks {
namespace {

std::string Printed(std::string_view bytes, const char* each) {
  std::string text;
  for (const char c : bytes) {
    char digits[4];
    std::snprintf(digits, sizeof digits, each, static_cast<unsigned char>(c));
    text += digits;
  }
  return text;
}

std::string AsABrowserSends(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0;
    text += plain ? std::string(1, c) : c == ' ' ? "+" : Printed({&c, 1}, "%%%02X");
  }
  return text;
}

std::string InBase64(const std::string& bytes) {
  std::vector<unsigned char> text((bytes.size() + 2) / 3 * 4 + 1);
  const int size =
      EVP_EncodeBlock(text.data(), reinterpret_cast<const unsigned char*>(bytes.data()),
                      static_cast<int>(bytes.size()));
  return {text.begin(), text.begin() + size};
}

// L05: the scan at the end of every test sees a secret in each form in which bytes get written.
// Fails without: any one of the forms in Canaries::FormsOf (seen for each).
TEST_F(Attack, TheScanFindsACanaryInEveryForm) {
  const std::string secret = random_.Take(32);
  canaries_.Plant("a test", secret, "its owner");
  // As others write bytes down, not as the scan does.
  std::vector<std::string> written = {secret,
                                      Printed(secret, "%02x"),
                                      Printed(secret, "%02X"),
                                      Printed(secret, "%%%02x"),
                                      Printed(secret, "%%%02X"),
                                      AsABrowserSends(secret)};
  for (size_t before = 0; before < 3; ++before) {
    const std::string bytes = std::string(before, 'x') + secret + "xyz";
    written.push_back(crypto::ToBase64Url(bytes));
    written.push_back(InBase64(bytes));
  }
  for (const std::string& form : written) {
    EXPECT_FALSE(canaries_.In("a text", "before " + form + " after").empty()) << form;
    std::ofstream(folder_ / "leak") << form;
    EXPECT_EQ(canaries_.InFiles(folder_).size(), 1u);
  }
  std::filesystem::remove(folder_ / "leak");
  Canaries others;
  others.Plant("a test", secret, "its owner");
  others.Hear("its owner", secret);
  EXPECT_TRUE(others.InAnswers().empty());
  others.Hear("somebody else", secret);
  EXPECT_EQ(others.InAnswers().size(), 1u);
}

// L05: every path, good and bad, at the most talkative level; the scan of the log follows.
// Fails without: the rule itself: with the token in a log line of OpenLink the scan found it
// (seen).
TEST_F(Attack, NoPathWritesASecretIntoTheLog) {
  Visitor browser = Browser();
  browser.SignIn("anna", anna_.password);
  browser.SignIn("anna", "not her password at all");
  browser.AskForMessage("anna");
  const Letter letter = OneLetter();
  browser.OpenLink(letter.link());
  browser.Get("/recover/open?t=x&password=y");
  browser.TypeCode(letter.code());
  A().ledger().GoAway(true);
  browser.OpenLink(letter.link());
  browser.SignIn("anna", anna_.password);
  Web().Call(&v1::Recovery::Stub::Begin, BeginFor("anna", NextAddress()));  // into the spool
  A().ledger().GoAway(false);
  A().hot_state().GoAway(true);
  browser.SignIn("anna", anna_.password);
  browser.TypeCode(letter.code(), "anna");
  A().hot_state().GoAway(false);
  v1::SignInRequest odd = SignInAs("anna", anna_.password, "no address");
  EXPECT_EQ(Web().Call(&v1::SignIn::Stub::SignIn, odd).reason(), v1::REFUSAL_REASON_MALFORMED);
  odd.GetReflection()->MutableUnknownFields(&odd)->AddLengthDelimited(99, anna_.password);
  EXPECT_FALSE(Web().Call(&v1::SignIn::Stub::SignIn, odd).ok());
  EXPECT_FALSE(As({std::string(kBankDomain), crypto::Role::kOperator, "", ""}, "operator")
                   .Call(&v1::SignIn::Stub::SignIn, odd)
                   .ok());
  EXPECT_LE(Letters().size(), 1u);
}

// L16: whoever asks, on whichever channel, is told nothing that opens: what opens goes to the
// owner.
// Fails without: the rule itself: with the code in the journal's details of Assist::SendCode the
// teller's screen showed it (seen).
TEST_F(Attack, NobodyWhoAsksIsToldWhatOpens) {
  const Teller tessa = AddTeller("tessa");
  Visitor browser = Browser("thief");
  browser.AskForMessage("anna");
  const Letter on_web = OneLetter();
  browser.Get("/recover/code?debug=1&expand=token,code");
  PhoneCall call(Phone("caller"), canaries_);
  for (const char* keys : {"10000002#", "1", "2"}) call.Press(keys);
  const Letter by_phone = OneLetter();
  EXPECT_EQ(by_phone.to(), bruno_.email);
  Desk desk(Terminal(), canaries_, clock_);
  for (const std::string& line : {tessa.login, tessa.password, Totp(tessa)}) desk.Type(line);
  desk.Type("find 10000001 forgot");
  desk.Type("inspect passport 47AB");
  desk.Type("send 1");
  const Letter in_branch = OneLetter();
  const std::string screen = desk.TypeForText("case");
  EXPECT_EQ(screen.find(in_branch.code()), std::string::npos);
  EXPECT_EQ(screen.find(in_branch.code().substr(0, 4) + " " + in_branch.code().substr(4)),
            std::string::npos);
  desk.Type("check " + in_branch.code());
  EXPECT_NE(desk.TypeForText("token").find(" "), std::string::npos);
  EXPECT_EQ(Letters().size(), 2u) << "both addresses are told of the token";
  EXPECT_FALSE(on_web.code().empty());
  EXPECT_EQ(desk.TypeForText("case").find(on_web.code()), std::string::npos);
}

// L17: what stands in the store finds a token, and is none; live tokens stand in no file.
// Fails without: TokenDigest in InsertToken (seen: what the store held set a password). When the
// test itself wrote into the store what it had planted, the scan found it.
TEST_F(Attack, TheStoreHoldsNothingThatOpens) {
  Caller web = Web();
  const auto begun = web.Call(&v1::Recovery::Stub::Begin, BeginFor("anna", NextAddress()));
  const Letter letter = OneLetter();
  web.Call(&v1::Recovery::Stub::OpenLink, OpenBy(letter.link()));
  web.Call(&v1::SignIn::Stub::SignIn, SignInAs("anna", anna_.password, NextAddress()));
  const auto stored = Write([&](ledger::Transaction& tx) {
    return tx.Run("SELECT digest FROM tokens UNION ALL SELECT digest FROM sessions");
  });
  // What is tried here stands in the store, so it is no canary.
  Canaries aside;
  Caller thief("thief", web.channel(), aside);
  EXPECT_GE(stored.rows.size(), 4u);
  for (const ledger::Row& row : stored.rows) {
    v1::OpenLinkRequest open = OpenBy("");
    open.set_link_token(std::string(row.Blob(0).view()));
    EXPECT_FALSE(thief.Call(&v1::Recovery::Stub::OpenLink, open).ok());
    v1::GetSessionRequest look;
    look.set_session_token(std::string(row.Blob(0).view()));
    EXPECT_FALSE(thief.Call(&v1::SignIn::Stub::GetSession, look).ok());
    EXPECT_FALSE(thief
                     .Call(&v1::Recovery::Stub::SetPassword,
                           SetBy(std::string(row.Blob(0).view()), kNewPassword))
                     .ok());
  }
  const std::string code = letter.code();
  EXPECT_TRUE(
      web.Call(&v1::Recovery::Stub::SubmitCode, CodeBy(begun.value().handle(), code, NextAddress()))
          .ok());
}

}  // namespace
}  // namespace latchkey::attacks
