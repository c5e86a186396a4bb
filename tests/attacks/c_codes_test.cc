// SPDX-License-Identifier: Apache-2.0
// Attacks on codes: guessed without end, refreshed by asking again, used twice, sent elsewhere.
#include <array>
#include <iterator>
#include <set>

#include "crypto/token.h"
#include "services/ledger/accounts.h"
#include "tests/attacks/bank.h"

namespace latchkey::attacks {
namespace {

class CodeAttack : public Attack {
 protected:
  // A message to Anna, asked for on the web.
  Letter Ask(const std::string& login = "anna") {
    Web().Call(&v1::Recovery::Stub::Begin, BeginFor(login, NextAddress()));
    return OneLetter();
  }
  v1::RefusalReason Guess(const std::string& name, const std::string& code,
                          const std::string& address = {}) {
    return Web()
        .Call(&v1::Recovery::Stub::SubmitCode,
              CodeFor(name, code, address.empty() ? NextAddress() : address))
        .reason();
  }
};

// C01: five wrong ones, and the right one is refused like them: on the web…
// Fails without: `if (!reserved.granted)` in GuessGate::Try (seen). The five tries of the code
// itself hold it too.
TEST_F(CodeAttack, TheRightCodeOnTheSixthTryIsRefusedOnTheWeb) {
  const Letter letter = Ask();
  Page last;
  for (int i = 1; i <= 5; ++i)
    last = Browser("thief", NextLoopback()).TypeCode(WrongCode(letter.code(), i), "anna");
  EXPECT_EQ(last.status, 422);
  Visitor thief = Browser("thief", NextLoopback());
  const Page sixth = thief.TypeCode(letter.code(), "anna");
  EXPECT_EQ(sixth.status, 429);
  EXPECT_FALSE(thief.HasCookie("lk_recovery"));
  EXPECT_EQ(Count(anna_, model::Event::kProofGiven), 0);
  clock_.Advance(std::chrono::minutes(16));  // the rest is over: now the code itself is spent
  EXPECT_EQ(Browser("thief", NextLoopback()).TypeCode(letter.code(), "anna").status, 422);
  EXPECT_EQ(Browser("anna").OpenLink(letter.link()).status, 303) << "the link is no guess (Law 5)";
}

// C01: …on the telephone, whose guesses count with those of the web…
// Fails without: `if (!reserved.granted)` in GuessGate::Try (seen).
TEST_F(CodeAttack, TheRightCodeOnTheSixthTryIsRefusedOnTheTelephone) {
  const Letter letter = Ask();
  const int64_t before = A().effort().guesses;
  EXPECT_EQ(Guess("anna", WrongCode(letter.code(), 90)), v1::REFUSAL_REASON_WRONG);
  EXPECT_EQ(Guess("10000001", WrongCode(letter.code(), 91)), v1::REFUSAL_REASON_WRONG);
  PhoneCall call(Phone(), canaries_, "+491701234567");
  for (const char* keys : {"10000001#", "1", "1"}) call.Press(keys);
  for (int i = 1; i <= 3; ++i) call.Press(WrongCode(letter.code(), i));
  PhoneCall again(Phone(), canaries_, "+491709999999");
  for (const char* keys : {"10000001#", "1", "1"}) again.Press(keys);
  EXPECT_EQ(again.Press(letter.code())[0], "codes-rest");
  EXPECT_EQ(A().effort().guesses - before, 5);
  EXPECT_EQ(Count(anna_, model::Event::kProofGiven), 0);
}

// C01: …and at the teller's terminal.
// Fails without: `if (!reserved.granted)` in GuessGate::Try (seen).
TEST_F(CodeAttack, TheRightCodeOnTheSixthTryIsRefusedAtTheDesk) {
  const Teller tessa = AddTeller("tessa"), toni = AddTeller("toni");
  Desk first(Terminal("west", "one"), canaries_, clock_);
  for (const std::string& line : {tessa.login, tessa.password, Totp(tessa)}) first.Type(line);
  Desk second(Terminal("west", "two"), canaries_, clock_);
  for (const std::string& line : {toni.login, toni.password, Totp(toni)}) second.Type(line);
  first.Type("find 10000001 forgot");
  second.Type("find 10000001 forgot");
  first.Type("send 1");
  const std::string code = OneLetter().code();
  const int64_t before = A().effort().guesses;
  for (int i = 1; i <= 5; ++i) (i % 2 == 0 ? first : second).Type("check " + WrongCode(code, i));
  first.Type("check " + code);
  second.Type("check " + code);
  EXPECT_EQ(A().effort().guesses - before, 5) << "one budget for all terminals";
  EXPECT_EQ(Count(anna_, model::Event::kProofGiven), 0);
  EXPECT_EQ(Count(anna_, model::Event::kProofFailed), 5);
}

// C02: a day of asking anew and guessing four at a time compares no more than the lanes let
// through, and the owner's fresh message works all the same.
// Fails without: the rule itself: with AdvanceLaneEpoch in SendRecovery each message gave five more
// (seen).
TEST_F(CodeAttack, AskingAnewRefreshesNoBudget) {
  const auto device =
      Web("anna").Call(&v1::SignIn::Stub::SignIn, SignInAs("anna", anna_.password, NextAddress()));
  const int64_t before = A().effort().guesses;
  Letter letter;
  for (int hour = 0; hour < 24; ++hour) {
    Web().Call(&v1::Recovery::Stub::Begin, BeginFor("anna", NextAddress()));
    for (Letter& each : Letters()) letter = std::move(each);
    for (int i = 1; i <= 4; ++i) Guess("anna", WrongCode(letter.code(), hour * 4 + i));
    clock_.Advance(std::chrono::hours(1));
  }
  const int64_t compared = A().effort().guesses - before;
  EXPECT_GE(compared, 5);
  EXPECT_LE(compared, 40) << "of 96";
  letter = Ask();
  EXPECT_EQ(Browser("anna").OpenLink(letter.link()).status, 303);
  v1::SubmitCodeRequest own = CodeFor("anna", letter.code(), NextAddress());
  own.mutable_source()->set_device_token(device.value().device_token());
  EXPECT_TRUE(Web("anna").Call(&v1::Recovery::Stub::SubmitCode, own).ok());
}

// C04: accepted once, as it is, on one channel; everything else is wrong and counted.
// Fails without: two things at once. Without `used_at IS NULL` in ReserveTries, ConsumeToken in
// SubmitCode, or IsCode in CompareCode it still held (seen each): Hold refuses a used code, and no
// other text has a code's digest. `if (!ours)` is for races.
TEST_F(CodeAttack, ACodeIsGoodOnceAndOnlyAsItIs) {
  const Letter letter = Ask();
  const std::string code = letter.code();
  std::string full_width, arabic;
  for (const char digit : code) {
    full_width += std::string("\xef\xbc") + static_cast<char>(0x90 + digit - '0');
    arabic += std::string("\xd9") + static_cast<char>(0xa0 + digit - '0');
  }
  const int64_t before = A().effort().guesses;
  const std::string spellings[] = {" " + code, code + " ", code.substr(0, 4) + " " + code.substr(4),
                                   full_width};
  for (const std::string& typed : spellings)
    EXPECT_EQ(Guess("anna", typed), v1::REFUSAL_REASON_WRONG) << typed;
  EXPECT_EQ(A().effort().guesses - before, 4) << "each is counted";
  EXPECT_EQ(Guess("anna", code), v1::REFUSAL_REASON_UNSPECIFIED);
  EXPECT_EQ(Guess("anna", code), v1::REFUSAL_REASON_WRONG);
  EXPECT_EQ(Guess("anna", arabic), v1::REFUSAL_REASON_WRONG);
  EXPECT_EQ(Guess("anna", "+" + code.substr(1)), v1::REFUSAL_REASON_WRONG);
  PhoneCall call(Phone(), canaries_);
  for (const char* keys : {"10000001#", "1", "1"}) call.Press(keys);
  EXPECT_EQ(call.Press(code)[0], "wrong");
  EXPECT_EQ(Count(anna_, model::Event::kProofGiven), 1);
}

// C04: the same for the second factor of staff, at another terminal and in the next step too.
// Fails without: `if (!used_now)` after UseTotpStep together with last_step in MatchTotp (seen).
TEST_F(CodeAttack, AStaffCodeIsGoodOnce) {
  const Teller tessa = AddTeller("tessa");
  v1::SignInStaffRequest enter;
  enter.set_staff_login(tessa.login);
  enter.set_password(tessa.password);
  enter.set_totp(Totp(tessa));
  EXPECT_TRUE(Terminal("west", "one").Call(&v1::Staff::Stub::SignInStaff, enter).ok());
  EXPECT_EQ(Terminal("west", "two").Call(&v1::Staff::Stub::SignInStaff, enter).reason(),
            v1::REFUSAL_REASON_WRONG);
  clock_.Advance(std::chrono::seconds(30));  // still within what a slow clock is forgiven
  EXPECT_EQ(Terminal("west", "one").Call(&v1::Staff::Stub::SignInStaff, enter).reason(),
            v1::REFUSAL_REASON_WRONG);
}

// C05: where a message goes is read from the ledger when it is sent, whatever happened meanwhile;
// staff name one of the customer's own by its number.
// Fails without: `removed_at` in Courier::FindDestination: the code went to the removed address
// (seen).
TEST_F(CodeAttack, NobodyChoosesWhereACodeGoes) {
  const Teller tessa = AddTeller("tessa");
  Caller terminal = Terminal();
  v1::SignInStaffRequest enter;
  enter.set_staff_login(tessa.login);
  enter.set_password(tessa.password);
  enter.set_totp(Totp(tessa));
  const std::string session =
      terminal.Call(&v1::Staff::Stub::SignInStaff, enter).value().staff_session();
  v1::FindCustomerRequest find;
  find.set_staff_session(session);
  find.set_customer_number(anna_.number);
  find.set_reason(v1::REASON_LOCKED);
  const auto found = terminal.Call(&v1::Assist::Stub::FindCustomer, find);
  v1::SendCodeRequest send;
  send.set_staff_session(session);
  send.set_case_reference(found.value().reference());
  send.set_idempotency_key(Key());
  for (const uint32_t index : {0u, 3u, 4u, 99u, 0xffffffffu}) {
    send.set_contact_index(index);
    EXPECT_EQ(terminal.Call(&v1::Assist::Stub::SendCode, send).reason(),
              v1::REFUSAL_REASON_NOT_FOUND)
        << index;
  }
  send.set_contact_index(2);
  v1::SendCodeRequest elsewhere = send;
  elsewhere.GetReflection()
      ->MutableUnknownFields(&elsewhere)
      ->AddLengthDelimited(9, "mallory@evil.example");
  EXPECT_EQ(terminal.Call(&v1::Assist::Stub::SendCode, elsewhere).reason(),
            v1::REFUSAL_REASON_MALFORMED);
  EXPECT_TRUE(terminal.Call(&v1::Assist::Stub::SendCode, send).ok());
  EXPECT_EQ(OneLetter().to(), anna_.second_email);

  Visitor thief = Browser("thief");
  thief.AskForMessage("anna");
  A().Drain();  // it waits in the outbox, and the address is taken away
  LATCHKEY_CHECK(A().ledger()
                     .Commit([&](ledger::Transaction& tx) -> Done {
                       LATCHKEY_TRY(
                           tx.Run("UPDATE contacts SET removed_at = $1 WHERE account_id = $2",
                                  clock_.Now(), anna_.id));
                       return {};
                     })
                     .ok());
  ExpectNoMail();
  // The browser's own state names nobody: another's handle is another's request.
  thief.cookies["__Host-lk_handle"] = std::string(43, 'A');
  EXPECT_EQ(thief.TypeCode("12345678").status, 422);
  ExpectNoMail();
}

// C09: two hundred codes as they were mailed: none comes again and again, every digit stands at
// every place, leading zeros too, and neither a fixed code nor the one before is good.
// tests/unit/crypto does the counting with a million; tests/rules/binaries_test.py looks into the
// released programs. Fails without: NewCode in IssueCode, with the same eight digits for all; or
// ConsumeToken in SubmitCode's Accept, which made the code before good again (seen each). A code as
// a number, without its leading zeros, ended the process in a CHECK of Compose (seen).
TEST_F(CodeAttack, C09_NoCodeIsFixedOrForeseenOrComesAgain) {
  const std::string fixed[] = {"00000000", "12345678", "11111111", "99999999",
                               "10000001", "20170714", "87654321", "31415926"};
  std::set<std::string> seen;
  std::array<std::set<char>, crypto::kCodeDigits> digits;
  std::string before;
  for (int i = 0; i < 200; ++i) {
    const std::string code = Ask().code();
    ASSERT_TRUE(crypto::IsCode(code, crypto::kCodeDigits)) << code;
    seen.insert(code);
    for (size_t place = 0; place < code.size(); ++place) digits[place].insert(code[place]);
    EXPECT_EQ(Guess("anna", fixed[i % std::size(fixed)]), v1::REFUSAL_REASON_WRONG);
    if (!before.empty()) EXPECT_EQ(Guess("anna", before), v1::REFUSAL_REASON_WRONG) << before;
    EXPECT_EQ(Guess("anna", code), v1::REFUSAL_REASON_UNSPECIFIED) << code;
    before = code;
    if (i % 3 == 2) clock_.Advance(std::chrono::hours(1));  // three messages an hour
  }
  EXPECT_GE(seen.size(), 199u) << "of fair codes two meet once in five thousand runs";
  // A fair digit is missing at some place once in ten million runs.
  for (const auto& at_this_place : digits) EXPECT_EQ(at_this_place.size(), 10u);
}

}  // namespace
}  // namespace latchkey::attacks
