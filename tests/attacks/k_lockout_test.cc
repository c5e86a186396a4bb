// SPDX-License-Identifier: Apache-2.0
// Attacks on the counting of guesses: other names, other sources, lost counts, and the owner kept
// out.
#include <set>

#include "services/ledger/accounts.h"
#include "tests/attacks/bank.h"

namespace latchkey::attacks {
namespace {

class Lockout : public Attack {
 protected:
  Said<v1::SignInResponse> Enter(const std::string& name, const std::string& password,
                                 const std::string& address, Node* node = nullptr) {
    return Web("web", node).Call(&v1::SignIn::Stub::SignIn, SignInAs(name, password, address));
  }
  std::string Wrong() { return "wrong words " + std::to_string(++guesses_); }
  int guesses_ = 0;
};

// K02: two hundred ways to write one account's names share one budget.
// Fails without: `if (!reserved.granted)` in GuessGate::Try (seen). With a count for each spelling
// instead of the account: fifteen were compared (seen).
TEST_F(Lockout, EverySpellingOfANameCountsOnItsAccount) {
  std::vector<std::string> spellings = {"anna",
                                        "ANNA",
                                        "aNNa",
                                        " anna ",
                                        "anna\t",
                                        "anna@example.org",
                                        "Anna@Example.ORG",
                                        "ANNA@EXAMPLE.org",
                                        " anna@example.org",
                                        "10000001",
                                        "1000 0001",
                                        "10-00-00-01",
                                        "1 0 0 0 0 0 0 1",
                                        "anna@EXAMPLE.ORG ",
                                        "\u00a0anna",
                                        "10000001 "};
  const int64_t before = A().effort().hashes;
  for (int i = 0; i < 200; ++i)
    EXPECT_FALSE(
        Enter(spellings[static_cast<size_t>(i) % spellings.size()], Wrong(), NextAddress()).ok());
  EXPECT_LE(A().effort().hashes - before, 5);
  // What is no spelling of hers is somebody else, who rests by himself.
  for (const char* other : {"an.na", "anna+1@example.org", "a.nna@example.org", "ann\u0430"})
    EXPECT_EQ(Enter(other, Wrong(), NextAddress()).reason(), v1::REFUSAL_REASON_WRONG);
}

// K03: who writes where he comes from is not believed, and one network is one source.
// Fails without: `Trusts(customer)` in Proxies::CustomerOf: each header was another source (seen).
TEST_F(Lockout, NoHeaderMakesASourceAnother) {
  const int64_t before = A().effort().hashes;
  for (int i = 0; i < 60; ++i) {
    const std::string made_up = "203.0.113." + std::to_string(i);
    const Headers headers[] = {{{"X-Forwarded-For", made_up}},
                               {{"X-Forwarded-For", made_up + ", 10.0.0.1, " + made_up}},
                               {{"X-Real-IP", made_up}, {"Forwarded", "for=" + made_up}},
                               {{"X-Forwarded-For", "a"}, {"X-Client-IP", made_up}},
                               {{"X-Forwarded-For", std::string(2000, '1')}},
                               {{"CF-Connecting-IP", made_up}, {"True-Client-IP", made_up}}};
    Browser("thief", "127.3.0.1").SignIn("anna", Wrong(), headers[i % 6]);
  }
  EXPECT_EQ(A().effort().hashes - before, 3) << "one source, whatever it says of itself";
}

// K03: behind a listed proxy the last address that is no proxy of ours counts; what stands before
// it and what is no address changes nothing.
// Fails without: `Trusts(customer)` in Proxies::CustomerOf: the first of the list counted (seen).
TEST_F(Lockout, AProxyIsBelievedForItsOwnWordOnly) {
  const int64_t before = A().effort().hashes;
  for (int i = 0; i < 30; ++i) {
    const std::string made_up = "203.0.113." + std::to_string(i);
    Browser("thief", std::string(kProxyAddress))
        .SignIn("anna", Wrong(), {{"X-Forwarded-For", made_up + ", 192.0.2.77"}});
    Browser("thief", std::string(kProxyAddress))
        .SignIn("anna", Wrong(), {{"X-Forwarded-For", made_up + ", 192.0.2.77 "}});
  }
  EXPECT_EQ(A().effort().hashes - before, 3);
}

// K03: an IPv6 network is one source, however many addresses it has.
// Fails without: the /64 in CanonicalSource (seen): the account's five were compared, not the
// source's three, and the owner elsewhere was kept out.
TEST_F(Lockout, AnIpv6NetworkIsOneSource) {
  const int64_t before = A().effort().hashes;
  for (int i = 1; i <= 60; ++i) {
    char address[40];
    std::snprintf(address, sizeof address, "2001:db8:7:9:%x:%x:1:%x", i * 7, i, i * 31);
    Enter("anna", Wrong(), address);
  }
  EXPECT_EQ(A().effort().hashes - before, 3);
  EXPECT_TRUE(Enter("anna", anna_.password, "2001:db8:8::1").ok()) << "the owner elsewhere";
}

// K04: counts outlive the node that made them and a flood of names that nobody has.
// Fails without: `if (!reserved.granted)` in GuessGate::Try (seen), or with a hot state for each
// node (seen: node B let the password in).
TEST_F(Lockout, CountsOutliveAFloodAndTheNode) {
  for (int i = 0; i < 4; ++i)
    EXPECT_EQ(Enter("anna", Wrong(), NextAddress()).reason(), v1::REFUSAL_REASON_WRONG);
  for (int i = 0; i < 1'000; ++i) Enter("nobody" + std::to_string(i), "wrong", NextAddress());
  A().KeepHouse();
  A().Stop();
  EXPECT_EQ(Enter("anna", Wrong(), NextAddress(), &B()).reason(), v1::REFUSAL_REASON_WRONG);
  EXPECT_EQ(Enter("anna", Wrong(), NextAddress(), &B()).reason(), v1::REFUSAL_REASON_RESTING);
  EXPECT_EQ(Enter("anna", anna_.password, NextAddress(), &B()).reason(),
            v1::REFUSAL_REASON_RESTING);
  EXPECT_EQ(B().effort().hashes, 1);
}

// K05: after each rest the account bears as few as before, and the next rest is longer.
// Fails without: `++record.rests` in CountOne: each rest was as short as the first (seen).
TEST_F(Lockout, EachCycleBearsAsFewAndRestsLonger) {
  Millis last{0};
  for (int cycle = 0; cycle < 5; ++cycle) {
    const int64_t before = A().effort().hashes;
    int64_t wakes = 0;
    for (int i = 0; i < 20; ++i) {
      const auto refused = Enter("anna", Wrong(), NextAddress()).refused();
      if (refused.reason() == v1::REFUSAL_REASON_RESTING)
        wakes = refused.refusal.retry_at_unix_ms();
    }
    EXPECT_EQ(A().effort().hashes - before, 5) << cycle;
    const Millis rest = FromUnixMillis(wakes) - clock_.Now();
    EXPECT_GT(rest, last) << cycle;
    last = rest;
    clock_.Set(FromUnixMillis(wakes));
  }
  EXPECT_TRUE(Enter("anna", anna_.password, NextAddress()).ok());
}

// K06: neither his own sign-ins nor another kind of secret forgives a guesser what he owes.
// Fails without: the kind in MakeLane: the right code cleared the count of passwords (seen).
TEST_F(Lockout, NoOtherSuccessForgivesAFailure) {
  const int64_t before = A().effort().hashes;
  int64_t own = 0;
  for (int i = 0; i < 8; ++i) {
    Enter("anna", Wrong(), "203.0.113.9");
    if (Enter("bruno", bruno_.password, "203.0.113.9").ok()) ++own;
  }
  EXPECT_EQ(A().effort().hashes - before - own, 3);
  EXPECT_EQ(Enter("anna", Wrong(), NextAddress()).reason(), v1::REFUSAL_REASON_WRONG);
  EXPECT_EQ(Enter("anna", Wrong(), NextAddress()).reason(), v1::REFUSAL_REASON_WRONG);
  Caller web = Web();
  web.Call(&v1::Recovery::Stub::Begin, BeginFor("anna", NextAddress()));
  const std::string code = OneLetter().code();
  EXPECT_TRUE(web.Call(&v1::Recovery::Stub::SubmitCode, CodeFor("anna", code, NextAddress())).ok());
  EXPECT_EQ(Enter("anna", Wrong(), NextAddress()).reason(), v1::REFUSAL_REASON_RESTING)
      << "a right code is no right password";
}

// K07: a day of guessing by strangers, and the owner comes in by every door of her own: the device
// that she used before, a link, the telephone's code, the branch.
// Fails without: the device's own lane in LanesOf: her browser was told to wait (seen).
TEST_F(Lockout, NoStrangerKeepsTheOwnerOut) {
  Visitor home = Browser("anna", "127.9.0.1");
  EXPECT_EQ(home.SignIn("anna", anna_.password).location(), "/account");
  home.cookies.erase("__Host-lk_session");
  for (int i = 0; i < 24 * 20; ++i) {
    Enter("anna", Wrong(), NextAddress());
    if (i % 20 == 0)
      Web().Call(&v1::Recovery::Stub::SubmitCode,
                 CodeFor("anna", std::to_string(10000000 + i), NextAddress()));
    clock_.Advance(std::chrono::minutes(3));
  }
  EXPECT_EQ(Enter("anna", anna_.password, NextAddress()).reason(), v1::REFUSAL_REASON_RESTING);
  EXPECT_EQ(home.SignIn("anna", anna_.password).location(), "/account") << "the known device";
  for (int i = 0; i < 10; ++i) Enter("anna", Wrong(), NextAddress());

  Visitor elsewhere = Browser("anna", "127.9.0.2");
  elsewhere.AskForMessage("anna", "unlock");
  elsewhere.OpenLink(OneLetter().link());
  EXPECT_EQ(elsewhere.Unlock().location(), "/recover/done") << "the link";
  EXPECT_TRUE(Enter("anna", anna_.password, NextAddress()).ok());
  EXPECT_EQ(Letters().size(), 2u);
  for (int i = 0; i < 10; ++i) Enter("anna", Wrong(), NextAddress());

  const Teller tessa = AddTeller("tessa");
  Desk desk(Terminal(), canaries_, clock_);
  for (const std::string& line : {tessa.login, tessa.password, Totp(tessa)}) desk.Type(line);
  desk.Type("find 10000001 locked");
  desk.Type("inspect passport 47AB");
  desk.Type("unlock");
  EXPECT_TRUE(Enter("anna", anna_.password, NextAddress()).ok()) << "the branch";
  EXPECT_EQ(Letters().size(), 2u);
}

// K07: somebody who had the password once has twenty browsers that were signed in. After each reset
// all of them together guess as often as one, so that they never bring the new password to its
// hundredth failure, nor keep the owner's browser out.
// Fails without: the one lane of older devices in LanesOf (seen: more than ten were compared).
TEST_F(Lockout, ManyDevicesOfAFormerThiefGuessAsOne) {
  std::vector<std::string> devices;
  for (int i = 0; i < 20; ++i) {
    devices.push_back(Enter("anna", anna_.password, NextAddress()).value().device_token());
  }
  MayChange(anna_);
  Visitor home = Browser("anna", "127.9.0.1");
  for (int reset = 1; reset <= 2; ++reset) {
    clock_.Advance(std::chrono::minutes(1));
    const std::string password = "quite a lively herring " + std::to_string(reset);
    home.AskForMessage("anna");
    home.OpenLink(OneLetter().link());
    EXPECT_EQ(home.SetPassword(password).location(), "/recover/done");
    EXPECT_EQ(Letters().size(), 2u);
    EXPECT_EQ(home.SignIn("anna", password).location(), "/account");
    const int64_t before = A().effort().hashes;
    for (int i = 0; i < 200; ++i) {
      v1::SignInRequest guess = SignInAs("anna", Wrong(), NextAddress());
      guess.mutable_source()->set_device_token(devices[static_cast<size_t>(i) % devices.size()]);
      EXPECT_FALSE(Web("thief").Call(&v1::SignIn::Stub::SignIn, guess).ok());
    }
    // Five of those that are known, and five of those that made room and are strangers.
    EXPECT_LE(A().effort().hashes - before, 10);
    home.cookies.erase("__Host-lk_session");
    EXPECT_EQ(home.SignIn("anna", password).location(), "/account") << "her own browser";
    EXPECT_TRUE(Enter("anna", password, NextAddress()).ok());
  }
}

class ShortRests : public Lockout {
 protected:
  void Configure(Config& config) override {
    config.lanes.account_first_rest = std::chrono::minutes(2);
    config.lanes.account_longest_rest = std::chrono::minutes(4);
  }
};

// K07: the owner hears of every lock, also where the bank lets it be short; whoever keeps guessing
// at a name that nobody has is told the same and brings nobody a message.
// Fails without: told_rest in SignInOptionsOf (seen: nobody heard of it).
TEST_F(ShortRests, TheOwnerIsToldOfALock) {
  for (const char* name : {"anna", "nobody"}) {
    for (int i = 0; i < 6; ++i) {
      const auto refused = Enter(name, Wrong(), NextAddress()).refused();
      EXPECT_EQ(refused.reason(), i < 5 ? v1::REFUSAL_REASON_WRONG : v1::REFUSAL_REASON_RESTING);
      EXPECT_EQ(refused.refusal.retry_at_unix_ms() != 0, i >= 4) << name << i;
    }
  }
  const std::vector<Letter> told = Warnings();
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ((std::set<std::string>{told[0].to(), told[1].to()}),
            (std::set<std::string>{anna_.email, anna_.second_email}));
}

}  // namespace
}  // namespace latchkey::attacks
