// SPDX-License-Identifier: Apache-2.0
// Attacks that ask who is a customer: by the answer, its bytes, its limits, its errors, its cost.
// What a stopwatch could tell is held here by counts; tests/bench looks with a clock.
#include <set>

#include "services/ledger/accounts.h"
#include "tests/attacks/bank.h"

namespace latchkey::attacks {
namespace {

class Silence : public Attack {
 protected:
  void SetUp() override {
    Attack::SetUp();
    frida_ = AddCustomer("Frida Frost", "frida", "10000011");
    clara_ = AddCustomer("Clara Closed", "clara", "10000012");
    SetState(frida_, model::AccountState::kFrozen);
    SetState(clara_, model::AccountState::kClosed);
    dora_ = AddCustomer("Dora Disabled", "doras", "10000014");
    DisablePassword(dora_);
    Write([&](ledger::Transaction& tx) {
      ledger::NewAccount account;
      account.name = "Nora Nocontact";
      account.identifiers = {{model::IdentifierKind::kLogin, "noras"},
                             {model::IdentifierKind::kCustomerNumber, "10000013"}};
      return ledger::InsertAccount(tx, A().store(), account);
    });
  }
  // One of each class, login and customer number alike in length: a customer, frozen, closed, with
  // a password that is disabled, with neither contact nor password, and nobody.
  struct Name {
    std::string login, number;
  };
  static std::vector<Name> Classes() {
    return {{"bruno", "10000002"}, {"frida", "10000011"}, {"clara", "10000012"},
            {"doras", "10000014"}, {"noras", "10000013"}, {"zzyzx", "99999999"}};
  }
  // A page with the name that was typed taken out.
  static std::string Shape(const Page& page, const Name& name) {
    std::string text = ShapeOf(page);
    for (const std::string& typed : {name.login, name.number}) {
      for (size_t at = text.find(typed); at != std::string::npos; at = text.find(typed))
        text.replace(at, typed.size(), "*");
    }
    return text;
  }
  void ExpectAllAlike(const std::map<std::string, std::string>& by_name) {
    for (const auto& [name, shape] : by_name)
      EXPECT_EQ(shape, by_name.begin()->second) << name << " and " << by_name.begin()->first;
  }
  // What the owners of real accounts got: a link, a hint, nothing for strangers.
  void ExpectTheOwnersWereTold() {
    std::set<std::string> told;
    for (const Letter& letter : Letters()) told.insert(letter.to());
    EXPECT_EQ(told, (std::set<std::string>{bruno_.email, frida_.email, dora_.email}));
  }

  Customer frida_, clara_, dora_;
};

// E01, E06: every page of a recovery and of a sign-in, down to the order of its headers, is the
// same whoever is meant, until the request has expired. One name for each: whoever knows two names
// learns from the budget that they share (K02) whether they are one customer's.
// Fails without: the rule itself: with kExpired for the handles of a nobody in ResolveHandle
// (seen). With kStopped for a disabled password in SignIn::Compare: seen.
TEST_F(Silence, EveryPageIsTheSameForEverybody) {
  std::map<std::string, std::string> shapes;
  std::map<std::string, Visitor> visitors;
  int last = 0;
  for (const Name& name : Classes()) {
    ++last;
    visitors.emplace(name.login, Browser(name.login, "127.7.0." + std::to_string(last)));
  }
  const auto all = [&](const std::function<Page(Visitor&, const Name&)>& act) {
    for (const Name& name : Classes())
      shapes[name.login] += Shape(act(visitors.at(name.login), name), name) + "\n----\n";
    ExpectAllAlike(shapes);
    Deliver();  // what happens behind must not show in the next answer
  };
  all([](Visitor& visitor, const Name& name) {
    return visitor.SignIn(name.login, "not it at all");
  });
  all([](Visitor& visitor, const Name& name) { return visitor.AskForMessage(name.login); });
  all([](Visitor& visitor, const Name&) { return visitor.Get("/recover/code"); });
  all([](Visitor& visitor, const Name&) { return visitor.TypeCode("12345678"); });
  all([](Visitor& visitor, const Name& name) {
    return visitor.AskForMessage(name.login, "unlock");
  });
  all([](Visitor& visitor, const Name&) { return visitor.TypeCode("87654321"); });
  all([](Visitor& visitor, const Name& name) {
    return visitor.Submit("/help", {{"customer_number", name.number}}, "/help/call-back");
  });
  all([](Visitor& visitor, const Name& name) {
    return visitor.UseBranchToken(name.number, "123456789012");
  });
  for (int i = 0; i < 4; ++i) {
    clock_.Advance(std::chrono::minutes(9));
    all([](Visitor& visitor, const Name&) { return visitor.Get("/recover/code"); });
    all([i](Visitor& visitor, const Name&) {
      return visitor.TypeCode("5555000" + std::to_string(i));
    });
  }
  ExpectTheOwnersWereTold();
}

// E01, E06: the same below the portal: status, details, headers and trailers.
// Fails without: the rule itself: with kExpired for the handles of a nobody in ResolveHandle
// (seen). With kStopped for a disabled password in SignIn::Compare: seen.
TEST_F(Silence, EveryAnswerOnTheWireIsTheSameForEverybody) {
  Caller web = Web(), phone = Phone();
  std::map<std::string, std::string> shapes;
  const std::string address = "203.0.113.50";
  for (const Name& name : Classes()) {
    std::string& shape = shapes[name.login];
    const auto plain = [&shape](const auto& said) { shape += said.Bytes() + "\n"; };
    plain(web.Call(&v1::SignIn::Stub::SignIn, SignInAs(name.login, "not it at all", address)));
    const auto begun = web.Call(&v1::Recovery::Stub::Begin, BeginFor(name.login, address));
    shape += std::to_string(begun.value().handle().size()) + " " +
             std::to_string(begun.value().expires_at_unix_ms()) + "\n";
    plain(web.Call(&v1::Recovery::Stub::SubmitCode,
                   CodeBy(begun.value().handle(), "12345678", address)));
    plain(phone.Call(&v1::Recovery::Stub::SubmitCode,
                     CodeFor(name.number, "23456789", "+4915112345678")));
    v1::RedeemAssistedRequest redeem;
    redeem.set_customer_number(name.number);
    redeem.set_token("123456789012");
    redeem.set_idempotency_key(Key());
    *redeem.mutable_source() = From(address);
    plain(web.Call(&v1::Recovery::Stub::RedeemAssisted, redeem));
    v1::AskForPersonRequest ask;
    ask.set_customer_number(name.number);
    ask.set_idempotency_key(Key());
    *ask.mutable_source() = From(address);
    plain(web.Call(&v1::Recovery::Stub::AskForPerson, ask));
  }
  ExpectAllAlike(shapes);
  ExpectTheOwnersWereTold();
}

// E02: before the first proof no page and no prompt holds anything that the bank knows of a
// customer.
// Fails without: the rule itself: with the masked address in the refusal of a wrong code, and that
// on the portal's page, it was found there (seen).
TEST_F(Silence, NothingPersonalIsSaidBeforeAProof) {
  Visitor thief = Browser("thief");
  std::string seen;
  for (const Page& page :
       {thief.AskForMessage("10000001"), thief.Get("/recover/code"), thief.TypeCode("12345678"),
        thief.SignIn("10000001", "not it at all"), thief.Get("/account"),
        thief.UseBranchToken("10000001", "123456789012"), thief.Get("/recover/password")})
    seen += page.raw;
  PhoneCall call(Phone("thief"), canaries_, "+491701234567");
  for (const char* keys : {"10000001#", "1", "2"}) call.Press(keys);
  EXPECT_EQ(call.Press("12345678")[0], "wrong");
  seen += call.spoken();
  for (const std::string& known :
       {std::string("Annabel"), std::string("Adlerhorst"), anna_.email, anna_.second_email,
        std::string("second.example"), std::string("a\u2022"), std::string("\u2022\u2022")})
    EXPECT_EQ(seen.find(known), std::string::npos) << known;
  EXPECT_EQ(Letters().size(), 2u);
}

// E05: twenty tries and the rest behind them: the n-th answer is the same for a customer and for a
// name that nobody has, by each door.
// Fails without: `if (!reserved.granted)` in GuessGate::Try: nobody rested at all (seen). Without
// lanes for a nobody: only customers rested (seen).
TEST_F(Silence, TheLimitsOfANobodyAreThoseOfACustomer) {
  Caller web = Web();
  const auto curve = [&](const Name& name) {
    std::vector<std::string> answers;
    const auto note = [&](const auto& said) {
      const v1::Refusal& refusal = said.refused().refusal;
      const int64_t at = refusal.retry_at_unix_ms();
      answers.push_back(std::to_string(refusal.reason()) + " " +
                        std::to_string(at == 0 ? 0 : at - ToUnixMillis(clock_.Now())) + " " +
                        std::to_string(refusal.ways_on_size()));
    };
    for (int round = 0; round < 2; ++round) {
      for (int i = 0; i < 20; ++i) {
        const std::string address = "198.51.100." + std::to_string(i / 4 + 1);
        const std::string n = std::to_string(round * 100 + i);
        note(
            web.Call(&v1::SignIn::Stub::SignIn, SignInAs(name.login, "wrong words " + n, address)));
        note(web.Call(&v1::Recovery::Stub::SubmitCode,
                      CodeFor(name.login, "70000" + std::string(3 - n.size(), '0') + n, address)));
        v1::RedeemAssistedRequest redeem;
        redeem.set_customer_number(name.number);
        redeem.set_token("700000000" + std::string(3 - n.size(), '0') + n);
        redeem.set_idempotency_key(Key());
        *redeem.mutable_source() = From(address);
        note(web.Call(&v1::Recovery::Stub::RedeemAssisted, redeem));
      }
      clock_.Advance(std::chrono::hours(49));
    }
    return answers;
  };
  const std::vector<std::string> nobody = curve({"zzyzx", "99999999"});
  EXPECT_GT(std::set<std::string>(nobody.begin(), nobody.end()).size(), 3u) << "they do rest";
  for (const Name& name : Classes()) {
    if (name.login == "zzyzx") continue;
    EXPECT_EQ(curve(name), nobody) << name.login;
  }
}

// E06: which of the two was wrong, the name, the password or the code, cannot be told.
// Fails without: VerifyNobody in Assist::SignIn: an unknown login cost no hash (seen).
TEST_F(Silence, ItIsNotSaidWhichElementWasWrong) {
  const Teller tessa = AddTeller("tessa");
  std::map<std::string, std::string> answers;
  std::map<std::string, Effort> efforts;
  int terminal = 0;
  const auto attempt = [&](const std::string& what, const std::string& login,
                           const std::string& password, const std::string& totp) {
    v1::SignInStaffRequest enter;
    enter.set_staff_login(login);
    enter.set_password(password);
    enter.set_totp(totp);
    Caller at = Terminal("west", "t" + std::to_string(++terminal));
    const Effort before = A().effort();
    answers[what] = at.Call(&v1::Staff::Stub::SignInStaff, enter).Bytes();
    efforts[what] = A().effort() - before;
  };
  std::string wrong = Totp(tessa);
  wrong[0] = static_cast<char>('0' + (wrong[0] - '0' + 5) % 10);
  attempt("login", "tessb", tessa.password, Totp(tessa));
  attempt("password", "tessa", "not her words at all", Totp(tessa));
  attempt("code", "tessa", tessa.password, wrong);
  attempt("all", "tessb", "not her words at all", wrong);
  for (const auto& [what, answer] : answers) {
    EXPECT_EQ(answer, answers["password"]) << what;
    EXPECT_EQ(efforts[what].hashes, 1) << what;
    EXPECT_EQ(efforts[what], efforts["password"]) << what;
  }
}

}  // namespace
}  // namespace latchkey::attacks
