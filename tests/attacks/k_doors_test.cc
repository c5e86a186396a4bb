// SPDX-License-Identifier: Apache-2.0
// Attacks by a side door: another verb, channel, node or state of the account; and many at once in
// one request.
#include <cstdio>

#include "services/ledger/accounts.h"
#include "tests/attacks/bank.h"

namespace latchkey::attacks {
namespace {

class Door : public Attack {
 protected:
  static int CountIn(const std::string& text, std::string_view what) {
    int count = 0;
    for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1))
      ++count;
    return count;
  }
};

// K08: whichever door a guess comes by, it is counted in the one place; by name, by handle, on the
// web, on the telephone, on the other node.
// Fails without: `if (!reserved.granted)` in GuessGate::Try (seen). With a count for each name
// instead of the account: seen.
TEST_F(Door, EveryDoorToACodeSharesOneCount) {
  Caller a = Web("a", &A()), b = Web("b", &B()), phone = Phone("phone", &B());
  const auto by_handle = a.Call(&v1::Recovery::Stub::Begin, BeginFor("anna", NextAddress()));
  const auto of_phone =
      phone.Call(&v1::Recovery::Stub::Begin, BeginFor("10000001", "+491701234567"));
  const std::vector<Letter> letters = Letters();
  ASSERT_EQ(letters.size(), 2u);
  const std::string code = letters[0].code();
  const std::pair<Caller*, v1::SubmitCodeRequest> guesses[] = {
      {&a, CodeBy(by_handle.value().handle(), WrongCode(code, 1), NextAddress())},
      {&b, CodeFor("anna", WrongCode(code, 2), NextAddress())},
      {&phone, CodeBy(of_phone.value().handle(), WrongCode(code, 3), "+491701234567")},
      {&phone, CodeFor("10000001", WrongCode(code, 4), "")},
      {&b, CodeFor("anna@example.org", WrongCode(code, 5), NextAddress())}};
  for (const auto& [caller, guess] : guesses)
    EXPECT_EQ(caller->Call(&v1::Recovery::Stub::SubmitCode, guess).reason(),
              v1::REFUSAL_REASON_WRONG);
  for (const auto& [caller, guess] : guesses) {
    v1::SubmitCodeRequest right = guess;
    right.set_code(code);
    EXPECT_EQ(caller->Call(&v1::Recovery::Stub::SubmitCode, right).reason(),
              v1::REFUSAL_REASON_RESTING);
  }
}

// K08: staff have no side door either: one count for all terminals, password and TOTP together.
// Fails without: `if (!reserved.granted)` in GuessGate::Try (seen).
TEST_F(Door, EveryTerminalSharesOneCountOfAMemberOfStaff) {
  const Teller tessa = AddTeller("tessa");
  v1::SignInStaffRequest enter;
  enter.set_staff_login(tessa.login);
  const int64_t before = A().effort().hashes;
  for (int i = 0; i < 20; ++i) {
    enter.set_password(i % 2 == 0 ? tessa.password : "wrong words " + std::to_string(i));
    enter.set_totp(std::to_string(100000 + i));
    Terminal("west", "t" + std::to_string(i)).Call(&v1::Staff::Stub::SignInStaff, enter);
  }
  EXPECT_EQ(A().effort().hashes - before, 5);
  enter.set_password(tessa.password);
  enter.set_totp(Totp(tessa));
  EXPECT_EQ(Terminal("west", "t99").Call(&v1::Staff::Stub::SignInStaff, enter).reason(),
            v1::REFUSAL_REASON_RESTING);
}

// K08: no other verb, path or parameter of the portal reads a password.
// Fails without: the look at the verb in Portal::Handle together with what HandlePost asks of a
// form (seen: with a query taken for a form its password was hashed).
TEST_F(Door, NoOtherVerbOrPathChecksAPassword) {
  Visitor thief = Browser("thief");
  const Effort before = A().effort();
  const std::string form = portal::Encode(thief.HiddenOf("/"));
  const std::string typed = form + "&identifier=anna&password=guess";
  for (const char* verb : {"GET", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"}) {
    const Page page = thief.Raw(std::string(verb) + " /?" + typed + " HTTP/1.1\r\nHost: " +
                                std::string(kPortalHost) + "\r\nConnection: close\r\n\r\n");
    EXPECT_TRUE(page.status == 200 || page.status == 405 || page.status == 400) << verb;
  }
  for (const char* path : {"/account", "/login", "/api/login", "//", "/index.php", "/recover/code",
                           "/help", "/privacy", "/xmlrpc.php"})
    EXPECT_GE(thief.Post(path, typed).status, 400) << path;
  for (const Headers& more : std::vector<Headers>{{{"X-HTTP-Method-Override", "POST"}},
                                                  {{"X-Original-URL", "/"}},
                                                  {{"Authorization", "Basic YW5uYTpndWVzcw=="}}})
    thief.Get("/account", more);
  EXPECT_EQ((A().effort() - before).hashes, 0);
  EXPECT_EQ((A().effort() - before).guesses, 0);
}

// K09: a frozen or closed account stays so, on every channel, with the same outward reply.
// Fails without: `kClosed` in AnswerRequest together with `opens` in the courier (seen: Clara got
// a link). Without one of the two it held.
TEST_F(Door, NoResetRevivesADeadAccount) {
  const Customer frida = AddCustomer("Frida Frost", "frida", "10000011");
  const Customer clara = AddCustomer("Clara Closed", "clara", "10000012");
  SetState(frida, model::AccountState::kFrozen);
  SetState(clara, model::AccountState::kClosed);
  const auto outward = [&](const std::string& login, const std::string& number) {
    Visitor browser = Browser(login, NextLoopback());
    const Page begun = browser.AskForMessage(login);
    const std::string name_shown = ShapeOf(begun) + ShapeOf(browser.Get("/recover/code")) +
                                   ShapeOf(browser.TypeCode("12345678"));
    PhoneCall call(Phone(login), canaries_);
    for (const std::string& keys :
         {number + "#", std::string("1"), std::string("1"), std::string("12345678")})
      call.Press(keys);
    const auto in =
        Web(login).Call(&v1::SignIn::Stub::SignIn,
                        SignInAs(login, "seven green lanterns of " + login, NextAddress()));
    return name_shown + call.spoken() + std::to_string(in.reason());
  };
  const std::string unknown = outward("nobody", "99999999");
  ExpectNoMail();
  EXPECT_EQ(outward("frida", frida.number), unknown);
  const std::vector<Letter> hints = Letters();
  ASSERT_EQ(hints.size(), 1u) << "the owner of a frozen account is told the way on";
  EXPECT_EQ(hints[0].link() + hints[0].code() + hints[0].stop_link(), "");
  EXPECT_EQ(outward("clara", clara.number), unknown);
  ExpectNoMail();
  EXPECT_EQ(Load(frida).state, model::AccountState::kFrozen);
  EXPECT_EQ(Load(clara).state, model::AccountState::kClosed);
}

// K09: nor does what was begun before: link, code and session of the time before the freeze.
// Fails without: `account.state != kActive` in CheckLive: the link of a closed account opened
// (seen).
TEST_F(Door, WhatWasBegunBeforeDoesNotReviveAnAccount) {
  Caller web = Web();
  web.Call(&v1::Recovery::Stub::Begin, BeginFor("anna", NextAddress()));
  const Letter letter = OneLetter();
  const auto proof = web.Call(&v1::Recovery::Stub::OpenLink, OpenBy(letter.link()));
  for (const model::AccountState state :
       {model::AccountState::kClosed, model::AccountState::kFrozen}) {
    SetState(anna_, state);
    EXPECT_EQ(web.Call(&v1::Recovery::Stub::OpenLink, OpenBy(letter.link())).reason(),
              v1::REFUSAL_REASON_STOPPED);
    EXPECT_EQ(
        web.Call(&v1::Recovery::Stub::SubmitCode, CodeFor("anna", letter.code(), NextAddress()))
            .reason(),
        v1::REFUSAL_REASON_WRONG);
    EXPECT_EQ(web.Call(&v1::Recovery::Stub::SetPassword,
                       SetBy(proof.value().recovery_session(), kNewPassword))
                  .reason(),
              v1::REFUSAL_REASON_STOPPED);
    v1::UnlockRequest unlock;
    unlock.set_recovery_session(proof.value().recovery_session());
    unlock.set_idempotency_key(Key());
    *unlock.mutable_source() = From(NextAddress());
    EXPECT_EQ(web.Call(&v1::Recovery::Stub::Unlock, unlock).reason(), v1::REFUSAL_REASON_STOPPED);
    EXPECT_EQ(Load(anna_).state, state);
  }
}

// K10: one guess at each of many accounts from one source is braked; many guesses in one connection
// are each counted.
// Fails without: the budgets in SpendBudgets and SpendBudget: all hundred and fifty were compared
// (seen for both).
TEST_F(Door, SprayingIsBrakedAndBatchesAreCounted) {
  Caller web = Web();
  const int64_t before = A().effort().hashes;
  int resting = 0;
  for (int i = 0; i < 150; ++i) {
    const auto refused =
        web.Call(&v1::SignIn::Stub::SignIn,
                 SignInAs("name" + std::to_string(i), "Spring2026!!", "203.0.113.5"));
    if (refused.reason() == v1::REFUSAL_REASON_RESTING) ++resting;
  }
  EXPECT_EQ(resting, 50);
  EXPECT_EQ(A().effort().hashes - before, 100);
  int resting_codes = 0;
  for (int i = 0; i < 150; ++i) {
    const auto refused = web.Call(&v1::Recovery::Stub::SubmitCode,
                                  CodeFor("name" + std::to_string(i), "12345678", "203.0.113.5"));
    if (refused.reason() == v1::REFUSAL_REASON_RESTING) ++resting_codes;
  }
  EXPECT_EQ(resting_codes, 50);
  // One line at home has 65,536 of these.
  int resting_networks = 0;
  for (int i = 0; i < 1'050; ++i) {
    char network[32];
    std::snprintf(network, sizeof network, "2001:db8:7:%x::1", i);
    const auto refused = web.Call(&v1::Recovery::Stub::SubmitCode,
                                  CodeFor("other" + std::to_string(i), "12345678", network));
    if (refused.reason() == v1::REFUSAL_REASON_RESTING) ++resting_networks;
  }
  EXPECT_EQ(resting_networks, 50);

  Visitor thief = Browser("thief", "127.5.0.1");
  const std::string form = portal::Encode(thief.HiddenOf("/"));
  EXPECT_EQ(thief.Post("/", form + "&identifier=anna&password=one&password=two").status, 400);
  std::string pipelined;
  for (int i = 0; i < 10; ++i) {
    const std::string body =
        form + "&identifier=anna&password=guess%20number%20" + std::to_string(i);
    pipelined += "POST / HTTP/1.1\r\nHost: " + std::string(kPortalHost) +
                 "\r\nCookie: __Host-lk_form=" + thief.cookies["__Host-lk_form"] +
                 "\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: " +
                 std::to_string(body.size()) + (i == 9 ? "\r\nConnection: close" : "") +
                 "\r\n\r\n" + body;
  }
  const int64_t hashed = A().effort().hashes;
  const Page first = thief.Raw(pipelined);
  EXPECT_EQ(CountIn(first.raw, "HTTP/1.1 "), 10);
  EXPECT_EQ(A().effort().hashes - hashed, 3) << "its source rests after three";
}

class FewStrangers : public Door {
 protected:
  static constexpr int kTogether = 40;
  void ConfigureSignIn(signin::SignInOptions& options) override {
    options.strangers.everybody->capacity = kTogether;
  }
  v1::RefusalReason Guess(const std::string& name, Node& node) {
    return Web("web", &node)
        .Call(&v1::SignIn::Stub::SignIn, SignInAs(name, "Spring2026!!", NextAddress()))
        .reason();
  }
};

// K10: one guess at each of many accounts, each from somewhere else, is braked over all of them, on
// both nodes; a known device is not, and no recovery is.
// Fails without: the budget of everybody in SourceBudgets: all sixty were compared (seen). With a
// known device asked for that budget too, in SignIn::BudgetsOf: the owner stayed out (seen).
TEST_F(FewStrangers, SprayingFromEverywhereIsBrakedAndKeepsNoKnownDeviceOut) {
  v1::SignInRequest owner = SignInAs("anna", anna_.password, NextAddress());
  const auto known = Web("owner").Call(&v1::SignIn::Stub::SignIn, owner);
  ASSERT_TRUE(known.ok());
  int compared = 1, resting = 0;
  for (int i = 0; i < 60; ++i) {
    const v1::RefusalReason reason = Guess("name" + std::to_string(i), i % 2 == 0 ? A() : B());
    compared += reason == v1::REFUSAL_REASON_WRONG ? 1 : 0;
    resting += reason == v1::REFUSAL_REASON_RESTING ? 1 : 0;
  }
  EXPECT_EQ(compared, kTogether);
  EXPECT_EQ(resting, 61 - kTogether);
  EXPECT_EQ(A().effort().hashes + B().effort().hashes, kTogether);
  EXPECT_EQ(Guess("anna", A()), v1::REFUSAL_REASON_RESTING) << "customers like anybody";
  owner.mutable_source()->set_address(NextAddress());
  owner.mutable_source()->set_device_token(known.value().device_token());
  EXPECT_TRUE(Web("owner").Call(&v1::SignIn::Stub::SignIn, owner).ok());
  EXPECT_TRUE(Web().Call(&v1::Recovery::Stub::Begin, BeginFor("bruno", NextAddress())).ok());
  EXPECT_EQ(OneLetter().to(), bruno_.email);
  clock_.Advance(Millis(2));
  EXPECT_EQ(Guess("later", B()), v1::REFUSAL_REASON_WRONG) << "room comes back by itself";
  EXPECT_EQ(Guess("later", B()), v1::REFUSAL_REASON_RESTING);
}

// K10: codes have no such brake, so that a flood of them from everywhere leaves room for whoever
// holds a message: no budget is common to two sources.
// Fails without: `everybody = std::nullopt` for codes in RecoveryRules: one budget was asked two
// hundred times (seen).
TEST_F(Door, CodesFromEverywhereLeaveRoomForWhoeverHoldsOne) {
  Caller web = Web();
  web.Call(&v1::Recovery::Stub::Begin, BeginFor("anna", NextAddress()));
  const std::string code = OneLetter().code();
  for (int i = 0; i < 200; ++i)
    EXPECT_EQ(web.Call(&v1::Recovery::Stub::SubmitCode,
                       CodeFor("name" + std::to_string(i), "12345678", NextAddress()))
                  .reason(),
              v1::REFUSAL_REASON_WRONG);
  EXPECT_EQ(A().hot_state().most_taken(), 1);
  EXPECT_TRUE(web.Call(&v1::Recovery::Stub::SubmitCode, CodeFor("anna", code, NextAddress())).ok());
}

}  // namespace
}  // namespace latchkey::attacks
