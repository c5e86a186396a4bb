// SPDX-License-Identifier: Apache-2.0
// Attacks by text that somebody reads as something else: a statement, a command, a header, a line.
#include "crypto/token.h"
#include "services/base/log.h"
#include "services/ledger/accounts.h"
#include "tests/attacks/bank.h"

namespace latchkey::attacks {
namespace {

using namespace std::string_literals;

class Injection : public Attack {
 protected:
  // A customer as an importer without checks would have made it.
  AccountId AddRaw(const std::string& name, const std::string& login, const std::string& address) {
    ledger::NewAccount account;
    account.name = name;
    account.identifiers = {{model::IdentifierKind::kLogin, login}};
    account.contacts = {{model::ContactKind::kEmail, address}};
    return Write(
        [&](ledger::Transaction& tx) { return ledger::InsertAccount(tx, A().store(), account); });
  }
};

// I01. Fails without: `consteval` in Sql, when FindNearestAccount puts a statement together with
// the name in it (seen: `' OR '1'='1` was Anna, and an apostrophe an error). The house rules refuse
// LIKE.
TEST_F(Injection, I01_NoTextIsAStatement) {
  Web("owner").Call(&v1::Recovery::Stub::Begin, BeginFor("anna", "192.0.2.1"));
  const std::string handle =
      Web().Call(&v1::Recovery::Stub::Begin, BeginFor("nobody", "192.0.2.1")).value().handle();
  OneLetter();
  const int before = Count(anna_, model::Event::kProofFailed);
  for (const std::string& evil :
       {"'"s, "\""s, "%"s, "_nna"s, "a%"s, "\\"s, "anna' --"s, "' OR '1'='1"s,
        "anna\"; DROP TABLE accounts; --"s, "{\"$ne\":\"\"}"s, "{\"$regex\":\".\"}"s, "anna*"s,
        "*"s, "[[:alnum:]]+"s, "$1"s, "?1"s, "NULL"s, "anna/**/"s,
        "1 UNION SELECT verifier FROM authenticators"s}) {
    Caller web = Web();
    const auto sign_in =
        web.Call(&v1::SignIn::Stub::SignIn, SignInAs(evil, anna_.password, NextAddress()));
    EXPECT_EQ(sign_in.reason(), v1::REFUSAL_REASON_WRONG) << evil;
    EXPECT_FALSE(web.Call(&v1::SignIn::Stub::SignIn,
                          SignInAs("nobody", evil + " as a password", NextAddress()))
                     .ok())
        << evil;
    EXPECT_EQ(web.Call(&v1::Recovery::Stub::SubmitCode, CodeFor(evil, "12345678", NextAddress()))
                  .reason(),
              v1::REFUSAL_REASON_WRONG)
        << evil;
    EXPECT_FALSE(
        web.Call(&v1::Recovery::Stub::SubmitCode, CodeBy(handle, evil + "!", NextAddress())).ok())
        << evil;
    v1::RedeemAssistedRequest redeem;
    redeem.set_customer_number(evil);
    redeem.set_token(evil + "!");
    redeem.set_idempotency_key(Key());
    *redeem.mutable_source() = From(NextAddress());
    EXPECT_FALSE(web.Call(&v1::Recovery::Stub::RedeemAssisted, redeem).ok()) << evil;
    web.Call(&v1::Recovery::Stub::Begin, BeginFor(evil, NextAddress()));
    Visitor browser = Browser("browser", NextLoopback());
    EXPECT_NE(browser.SignIn(evil, evil + " as a password").status, 303) << evil;
    EXPECT_FALSE(browser.signed_in());
  }
  ExpectNoMail();
  EXPECT_EQ(Count(anna_, model::Event::kProofFailed), before) << "a pattern met her";
  EXPECT_EQ(Count(anna_, model::Event::kSignInFailed), 0);
}

// I03. Fails without: both IsMailAddress in HandOver (seen: the relay was spoken to); at import
// CanonicalEmail refuses such addresses, which the operator's tests hold.
TEST_F(Injection, I03_NoAddressIsACommand) {
  int n = 0;
  for (const std::string& evil :
       {"anna@example.org>\r\nRCPT TO:<mallory@evil.example"s, "anna@example.org\nDATA"s,
        "anna@example.org\r"s, "\"a\r\nRCPT TO:<mallory@evil.example>\"@example.org"s,
        "anna@example.org\0.evil.example"s, "anna\u2028@example.org"s,
        "anna@example.org,mallory@evil.example"s, "anna@example.org mallory@evil.example"s,
        "<mallory@evil.example>"s, "anna@[127.0.0.1]"s}) {
    const std::string login = "evil-" + std::to_string(++n) + "x";
    AddRaw("Evil Example", login, evil);
    EXPECT_TRUE(Web().Call(&v1::Recovery::Stub::Begin, BeginFor(login, NextAddress())).ok());
  }
  ExpectNoMail();
  EXPECT_EQ(post_->conversations(), 0u) << "nothing was said to any relay";
  // A name that ends a line ends no header: no message shows one.
  AddRaw("Evil\r\nBcc: mallory@evil.example\r\n\r\nX", "evil-name", "evil@example.org");
  Web().Call(&v1::Recovery::Stub::Begin, BeginFor("evil-name", NextAddress()));
  const Letter letter = OneLetter();
  EXPECT_EQ(letter.recipients, std::vector<std::string>{"evil@example.org"});
  EXPECT_FALSE(letter.read.has("Bcc"));
  EXPECT_EQ(letter.data.find("mallory"), std::string::npos);
}

// I04. Fails without: the escaping of the name in account.html (seen with :none: the tag stood in
// it).
TEST_F(Injection, I04_NoNameIsMarkup) {
  const std::string name = "{{7*7}} ${7*7} <a href=//x>Eve</a> <break/> <script>alert(1)</script>";
  const AccountId id = AddRaw(name, "eve", "eve@example.org");
  Write([&](ledger::Transaction& tx) {
    return ledger::PutVerifier(
        tx, A().store(), id, {.verifier = VerifierOf(anna_.id), .set_at = A().store().clock.Now()});
  });
  Visitor browser = Browser("eve");
  ASSERT_EQ(browser.SignIn("eve", anna_.password).location(), "/account");
  const Page page = browser.Get("/account");
  EXPECT_TRUE(page.Says("&lt;a href=//x&gt;Eve")) << page.body;
  EXPECT_FALSE(page.Says("<a href=//x>"));
  EXPECT_FALSE(page.Says("<script>alert"));
  Visitor asking = Browser("eve");
  asking.AskForMessage("eve");
  const Letter letter = OneLetter();
  for (const std::string& form : {letter.data, letter.read.text, letter.read.html}) {
    for (const char* part : {"7*7", "href=//x", "<break", "Eve", "alert(1)"})
      EXPECT_EQ(form.find(part), std::string::npos) << part;
  }
  // What is typed comes back as text.
  const Page wrong =
      browser.Submit("/branch-token", {{"customer_number", "<b>\"'&{{7*7}}"}, {"token", "1"}});
  EXPECT_FALSE(wrong.Says("<b>\"")) << wrong.body;
}

// I05. Fails without: the house rule that nothing here starts a program: with a shell in
// SetPassword's Hash that was given the password, the file was there (seen). There are no hooks.
TEST_F(Injection, I05_NoPasswordIsACommand) {
  int n = 0;
  for (const std::string& evil :
       {"$(touch /tmp/latchkey-was-here) & more"s, "`touch /tmp/latchkey-was-here` and more"s,
        "quiet herring; touch /tmp/latchkey-was-here #"s,
        "quiet herring | tee \"x\" 'y' > /dev/null"s, "-rf --no-preserve-root quiet herring"s,
        "quiet\\nherring %s%n%x ${IFS}"s}) {
    const std::string login = "owner-" + std::to_string(++n) + "x";
    const Customer owner = AddCustomer("Owner", login, "2000000" + std::to_string(n));
    Visitor browser = Browser("owner", NextLoopback());
    browser.AskForMessage(login);
    ASSERT_EQ(browser.OpenLink(OneLetter().link()).location(), "/recover/password");
    MayChange(owner);
    ASSERT_EQ(browser.SetPassword(evil).location(), "/recover/done") << evil;
    Letters();
    EXPECT_TRUE(PasswordIs(owner, evil)) << "byte for byte";
    EXPECT_EQ(browser.SignIn(login, evil).location(), "/account") << evil;
  }
  EXPECT_FALSE(std::filesystem::exists("/tmp/latchkey-was-here"));
}

// I06. Fails without: IsReadable in CheckNote (seen: the note kept the escapes). No text
// of a request gets into a line of the log; that one would be escaped is for tests/unit/base.
TEST_F(Injection, I06_OneDecisionIsOneLine) {
  const Teller tessa = AddTeller("tessa");
  Caller desk = Terminal();
  v1::SignInStaffRequest staff;
  staff.set_staff_login("tessa");
  staff.set_password(tessa.password);
  staff.set_totp(Totp(tessa));
  const std::string session =
      desk.Call(&v1::Staff::Stub::SignInStaff, staff).value().staff_session();
  std::string lines;
  log::CaptureForTest(&lines);
  int calls = 0;
  for (const std::string& evil :
       {"x\r\n{\"event\":\"call\",\"outcome\":\"ok\"}"s, "x\ny"s, "x\ry"s, "x\x1b[2K\x1b[1A"s,
        "x\u202egnp"s, "x\u2028y"s, "x\u0085y"s, "x\"},{\"event\":\"call\""s, "x\\\" "s}) {
    v1::FindCustomerRequest find;
    find.set_staff_session(session);
    find.set_customer_number("10000001");
    find.set_reason(v1::REASON_OTHER);
    find.set_note(evil);
    const auto found = desk.Call(&v1::Assist::Stub::FindCustomer, find);
    v1::BeginRequest begin = BeginFor(evil, evil);
    Web().Call(&v1::Recovery::Stub::Begin, begin);
    Web().Call(&v1::SignIn::Stub::SignIn, SignInAs(evil, evil + " as a password", evil));
    begin = BeginFor("nobody", NextAddress());
    begin.mutable_source()->set_language(evil);
    Web().Call(&v1::Recovery::Stub::Begin, begin);
    calls += 4;
    if (!found.ok()) continue;
    for (const v1::TimelineEntry& entry : found.value().timeline())
      EXPECT_EQ(entry.text().find_first_of("\r\x1b"), std::string::npos);
  }
  Visitor browser = Browser();
  browser.Get("/%0d%0a{\"event\":\"call\"}");
  log::CaptureForTest(nullptr);
  int seen = 0, all = 0;
  for (const std::string& line : courier::LinesIn(lines, "\n")) {
    if (line.empty()) continue;
    ++all;
    EXPECT_TRUE(line.starts_with("{\"time\":\"") && line.ends_with("}")) << line;
    EXPECT_EQ(line.find("\",\"event\":", 1), line.rfind("\",\"event\":")) << line;
    for (const unsigned char c : line) EXPECT_GE(c, 0x20) << line;
    EXPECT_EQ(line.find("\u202e"), std::string::npos);
    seen += line.find("\"event\":\"call\"") != std::string::npos ? 1 : 0;
  }
  EXPECT_EQ(seen, calls);
  EXPECT_LE(all, calls + 30);
  EXPECT_TRUE(canaries_.In("the log", lines).empty());
}

}  // namespace
}  // namespace latchkey::attacks
