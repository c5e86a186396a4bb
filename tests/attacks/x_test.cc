// SPDX-License-Identifier: Apache-2.0
// Attacks on what a password is: cut short, ended early, seen as another, or checked at any cost.
#include <chrono>

#include "crypto/password.h"
#include "services/ledger/accounts.h"
#include "tests/attacks/bank.h"

namespace latchkey::attacks {
namespace {

class Password : public Attack {
 protected:
  void SetAnnas(const std::string& password) {
    Caller web = Web("owner");
    web.Call(&v1::Recovery::Stub::Begin, BeginFor("anna", NextAddress()));
    const auto proof = web.Call(&v1::Recovery::Stub::OpenLink, OpenBy(OneLetter().link()));
    MayChange(anna_);
    const auto set = web.Call(&v1::Recovery::Stub::SetPassword,
                              SetBy(proof.value().recovery_session(), password));
    ASSERT_TRUE(set.ok()) << set.refused().refusal.ShortDebugString();
    Letters();
  }
  bool SignsIn(const std::string& password, const std::string& as = "anna") {
    // Each guess from elsewhere, and with the failures forgotten: the lanes are another test's.
    Write([&](ledger::Transaction& tx) { return ledger::AdvanceLaneEpoch(tx, anna_.id); });
    return Web("owner").Call(&v1::SignIn::Stub::SignIn, SignInAs(as, password, NextAddress())).ok();
  }
  void Store(const std::string& verifier) {
    MayChange(anna_);
    Write([&](ledger::Transaction& tx) {
      return ledger::PutVerifier(tx, A().store(), anna_.id,
                                 {.verifier = verifier, .set_at = A().store().clock.Now()});
    });
  }
};

// X01. Fails without: the whole length in Peppered (seen with the first 72 bytes).
TEST_F(Password, X01_EveryByteCounts) {
  std::string longest;
  for (int i = 0; longest.size() < 1020; ++i)
    longest += "k" + std::to_string(i * 7919 % 1000) + " ";
  longest.resize(1023, 'z');
  longest += '!';
  ASSERT_EQ(longest.size(), 1024u);
  SetAnnas(longest);
  EXPECT_TRUE(SignsIn(longest));
  for (const size_t at : {0u, 51u, 55u, 71u, 72u, 254u, 255u, 511u, 1022u, 1023u}) {
    std::string other = longest;
    other[at] = other[at] == 'q' ? 'r' : 'q';
    EXPECT_FALSE(SignsIn(other)) << at;
  }
  EXPECT_FALSE(SignsIn(longest.substr(0, 72)));
  EXPECT_FALSE(SignsIn(longest.substr(0, 1023)));
  EXPECT_FALSE(SignsIn(longest + "!")) << "longer than the bound";
  // Nothing is joined: a name cannot lend its end to a password.
  SetAnnas("tail of a password");
  EXPECT_FALSE(SignsIn("of a password", "annatail"));
  EXPECT_TRUE(SignsIn("tail of a password"));
}

// X02. Fails without: the refusal of NUL in Form's Decode and of control characters in
// CanonicalPassword (seen for the first).
TEST_F(Password, X02_ANulEndsNothing) {
  Visitor browser = Browser("owner");
  browser.AskForMessage("anna");
  const Letter letter = OneLetter();
  ASSERT_EQ(browser.OpenLink(letter.link()).location(), "/recover/password");
  const std::string session = Web("owner")
                                  .Call(&v1::Recovery::Stub::OpenLink, OpenBy(letter.link()))
                                  .value()
                                  .recovery_session();
  const std::string good = "seventeen quiet otters";
  for (const std::string& evil : {std::string(1, '\0') + "x", good + std::string(1, '\0') + "c",
                                  std::string(1, '\0') + good, good + std::string(1, '\0')}) {
    EXPECT_EQ(browser.SetPassword(evil).status, 400);
    EXPECT_EQ(Web("owner")
                  .Call(&v1::Recovery::Stub::SetPassword, SetBy(session, evil))
                  .refused()
                  .refusal.password_issue(),
              v1::PASSWORD_ISSUE_NOT_TEXT);
    EXPECT_FALSE(SignsIn(evil));
    EXPECT_FALSE(SignsIn(anna_.password + evil));
    EXPECT_FALSE(SignsIn(anna_.password + std::string(1, '\0')));
  }
  EXPECT_TRUE(SignsIn(anna_.password));
}

// X03. Fails without: ToNfc in CanonicalPassword (seen).
TEST_F(Password, X03_OneFormOfAPasswordAndNoOther) {
  SetAnnas("vierzig su\u0308\u00dfe A\u0308pfel, 4711");
  EXPECT_TRUE(SignsIn("vierzig s\u00fc\u00dfe \u00c4pfel, 4711"));
  EXPECT_TRUE(SignsIn("vierzig su\u0308\u00dfe A\u0308pfel, 4711"));
  for (const char* other :
       {"Vierzig s\u00fc\u00dfe \u00c4pfel, 4711", "VIERZIG S\u00dcSSE \u00c4PFEL, 4711",
        "vierzig s\u00fc\u00dfe \u00e4pfel, 4711", "vierzig s\u00fcsse \u00c4pfel, 4711",
        " vierzig s\u00fc\u00dfe \u00c4pfel, 4711", "vierzig s\u00fc\u00dfe \u00c4pfel, 4711 ",
        "vierzig susse Apfel, 4711", "vierzig s\u00fc\u00dfe \u00c4pfel, \uff14\uff17\uff11\uff11",
        "vierzig s\u00fc\u00dfe  \u00c4pfel, 4711",
        "8437944787730273350"
        "4711"}) {  // as keys of a telephone
    EXPECT_FALSE(SignsIn(other)) << other;
  }
}

// X04. Fails without: CheckArgon2Cost in ParseOwn (seen: the process ended itself).
TEST_F(Password, X04_AStoredVerifierCannotAskForAnyCost) {
  const std::string good = VerifierOf(anna_.id);
  const std::string salt = "c29tZXNhbHRzb21lc2FsdA",
                    hash = "Y29tZXNoYXNoY29tZXNoYXNoY29tZXNoYXNoY29tZXM";
  const auto ours = [&](const std::string& cost) {
    const size_t at = good.find("$m=") + 1;
    return good.substr(0, at) + cost + good.substr(good.find('$', at));
  };
  for (const std::string& bomb :
       {ours("m=2147483648,t=1,p=1"),
        ours("m=4294967295,t=1,p=1"),
        ours("m=64,t=4294967295,p=1"),
        ours("m=64,t=1,p=255"),
        ours("m=-64,t=1,p=1"),
        ours("m=64"),
        ours(""),
        good.substr(0, good.size() - 1),
        good + "A",
        good.substr(0, good.size() / 2),
        "$argon2id$v=19$m=2147483648,t=1,p=1$" + salt + "$" + hash,
        "$argon2i$v=19$m=2147483647,t=4294967295,p=16777215$" + salt + "$" + hash,
        "$argon2id$v=19$m=64,t=1,p=1$$" + hash,
        std::string("$argon2id$v=19$m=64"),
        std::string("$2b$31$abcdefghijklmnopqrstuuabcdefghijklmnopqrstuvwxyzABCDE"),
        std::string("$6$rounds=999999999$saltsalt$abc"),
        std::string("$pbkdf2-sha256$i=2147483647$c2FsdA$aGFzaA"),
        std::string("$scrypt$ln=63,r=255,p=255$c2FsdA$aGFzaA"),
        std::string("5f4dcc3b5aa765d61d8327deb882cf99"),
        std::string("{MD5}X03MO1qnZdYdgyfeuILPmQ=="),
        std::string("plaintext"),
        std::string()}) {
    Store(bomb);
    const auto started = std::chrono::steady_clock::now();
    EXPECT_FALSE(SignsIn(anna_.password)) << bomb;
    EXPECT_FALSE(SignsIn("letmein, letmein")) << bomb;
    EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(5)) << bomb;
  }
  Store(good);
  EXPECT_TRUE(SignsIn(anna_.password));
}

}  // namespace
}  // namespace latchkey::attacks
