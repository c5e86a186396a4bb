// SPDX-License-Identifier: Apache-2.0
// Attacks on what a token is: derived, moved to another account, empty, of another purpose, old.
#include <functional>

#include "crypto/token.h"
#include "services/ledger/tokens.h"
#include "tests/attacks/bank.h"

namespace latchkey::attacks {
namespace {

class TokenAttack : public Attack {
 protected:
  std::string LinkOf(const Customer& customer) {
    Web().Call(&v1::Recovery::Stub::Begin, BeginFor(customer.login, NextAddress()));
    return OneLetter().link();
  }
  v1::RefusalReason Open(const std::string& bytes) {
    v1::OpenLinkRequest request = OpenBy("");
    request.set_link_token(bytes);
    return Web().Call(&v1::Recovery::Stub::OpenLink, request).reason();
  }
  // What an attack must not have moved: how many tokens are used or tried.
  int64_t Touched() {
    return Write([&](ledger::Transaction& tx) -> Result<int64_t> {
      LATCHKEY_ASSIGN(auto rows, tx.Run("SELECT COUNT(*) FROM tokens WHERE used_at IS NOT NULL"
                                        " OR tries > 0"));
      return rows.front().Int(0);
    });
  }
  void Run(const ledger::Work& work) { LATCHKEY_CHECK(A().ledger().Commit(work).ok()); }
};

// L09: a link is its row and nothing else: not a text that could be made or mended.
// Fails without: `digest = $1` in FindToken (seen): any 32 bytes opened a link.
TEST_F(TokenAttack, ALinkIsNotMadeOfAnything) {
  const std::string anna = *crypto::FromBase64Url(LinkOf(anna_));
  const std::string bruno = *crypto::FromBase64Url(LinkOf(bruno_));
  EXPECT_EQ(Open(anna), v1::REFUSAL_REASON_UNSPECIFIED);
  for (size_t i = 0; i < anna.size(); ++i) {
    std::string flipped = anna;
    flipped[i] = static_cast<char>(flipped[i] ^ 0x40);
    EXPECT_EQ(Open(flipped), v1::REFUSAL_REASON_WRONG) << i;
  }
  EXPECT_EQ(Open(anna.substr(0, 16) + bruno.substr(16)), v1::REFUSAL_REASON_WRONG);
  Run([&](ledger::Transaction& tx) -> Done {
    LATCHKEY_TRY(tx.Run("DELETE FROM tokens WHERE account_id = $1", anna_.id));
    return {};
  });
  EXPECT_EQ(Open(anna), v1::REFUSAL_REASON_WRONG) << "no row, no link";
  EXPECT_EQ(Open(bruno), v1::REFUSAL_REASON_UNSPECIFIED);
}

// L10: whose account it is comes from the token alone, whatever else the request names.
// Fails without: `account_id = $1` in ReserveTries: Anna's code opened under Bruno's name (seen).
TEST_F(TokenAttack, ATokenOfOneAccountOpensNoOther) {
  Visitor anna = Browser("anna"), bruno = Browser("bruno");
  anna.AskForMessage("anna");
  const Letter to_anna = OneLetter();
  bruno.AskForMessage("bruno");
  const Letter to_bruno = OneLetter();
  // Her own token, with his name wherever a name could be put.
  for (const std::string& extra : {std::string("&identifier=bruno"), std::string("&account=2"),
                                   std::string("&email=bruno%40example.org"),
                                   std::string("&user=10000002"), "&t=" + to_bruno.link()}) {
    EXPECT_EQ(
        anna.Post("/recover/open", portal::Encode(anna.HiddenOf("/recover", "/recover/open")) +
                                       "&t=" + to_anna.link() + extra)
            .status,
        400)
        << extra;
  }
  EXPECT_EQ(anna.Get("/recover/bruno").status, 404);
  EXPECT_EQ(anna.TypeCode(to_anna.code(), "bruno").status, 422) << "her code, his name";
  EXPECT_EQ(
      Web("anna")
          .Call(&v1::Recovery::Stub::SubmitCode, CodeFor("10000002", to_anna.code(), NextAddress()))
          .reason(),
      v1::REFUSAL_REASON_WRONG);
  anna.cookies["__Host-lk_handle"] = bruno.cookies["__Host-lk_handle"];
  canaries_.Plant("the handle", *crypto::FromBase64Url(bruno.cookies["__Host-lk_handle"]), "anna");
  EXPECT_NE(anna.TypeCode(to_anna.code()).location(), "/recover/password")
      << "her code, his handle";
  anna.cookies.erase("__Host-lk_handle");
  anna.OpenLink(to_anna.link());
  MayChange(anna_);
  EXPECT_EQ(anna.SetPassword(kNewPassword).location(), "/recover/done");
  EXPECT_TRUE(PasswordIs(anna_, kNewPassword));
  EXPECT_TRUE(PasswordIs(bruno_, bruno_.password));
  const auto with_names = Web("anna").Call(&v1::Recovery::Stub::OpenLink, OpenBy(to_anna.link()),
                                           {{"x-account-id", "2"}, {"x-user", "bruno"}});
  EXPECT_EQ(with_names.reason(), v1::REFUSAL_REASON_USED);
  EXPECT_EQ(Letters().size(), 2u);
}

// L11: what is absent, empty, null or a wildcard finds no row, whatever rows there are.
// Fails without: `digest = $1` in FindToken (seen): 32 zero bytes opened a link.
TEST_F(TokenAttack, NothingAndEverythingMatchNoRow) {
  LinkOf(anna_);  // one that is live…
  const std::string used = LinkOf(bruno_);
  Caller web = Web();
  MayChange(bruno_);
  const auto proof = web.Call(&v1::Recovery::Stub::OpenLink, OpenBy(used));
  web.Call(&v1::Recovery::Stub::SetPassword,
           SetBy(proof.value().recovery_session(), kNewPassword));  // …one used, and many never
  EXPECT_EQ(Letters().size(), 2u);
  const int64_t touched = Touched();
  Visitor thief = Browser("thief");
  for (const std::string& sent :
       {std::string(), std::string("t="), std::string("t=0"), std::string("t=%20"),
        std::string("t=%27"), std::string("t=%25"), std::string("t=_"), std::string("t=null"),
        std::string("t=%5Bnull%5D"), std::string("t=%7B%7D"), std::string("t=undefined"),
        "t=" + std::string(43, 'A'), "t=" + std::string(43, '_'), "t=" + std::string(43, '*'),
        std::string("t%5B%5D=null"), std::string("link=%23t%3D"), std::string("t=%00")}) {
    for (const auto& [page, to] :
         {std::pair{"/recover", "/recover/open"}, std::pair{"/stop", "/stop/confirm"}}) {
      const std::string form = portal::Encode(thief.HiddenOf(page, to));
      const Page answer = thief.Post(to, sent.empty() ? form : form + "&" + sent);
      EXPECT_GE(answer.status, 400) << to << " " << sent;
      EXPECT_FALSE(thief.HasCookie("lk_recovery"));
    }
  }
  for (const std::string& bytes :
       {std::string(), std::string(1, '\0'), std::string(1, '%'), std::string(31, '\0'),
        std::string(32, '\0'), std::string(32, '\xff'), std::string(32, '%'), std::string(33, '\0'),
        std::string(32, ' ')}) {
    EXPECT_FALSE(Open(bytes) == v1::REFUSAL_REASON_UNSPECIFIED) << bytes.size();
    v1::FreezeRequest freeze;
    freeze.set_link_token(bytes);
    *freeze.mutable_source() = From(NextAddress());
    EXPECT_FALSE(web.Call(&v1::Recovery::Stub::Freeze, freeze).ok());
    EXPECT_FALSE(web.Call(&v1::Recovery::Stub::SetPassword, SetBy(bytes, kNewPassword)).ok());
    v1::GetSessionRequest look;
    look.set_session_token(bytes);
    EXPECT_FALSE(web.Call(&v1::SignIn::Stub::GetSession, look).ok());
    EXPECT_FALSE(
        web.Call(&v1::Recovery::Stub::SubmitCode, CodeBy(bytes, "00000000", NextAddress())).ok());
  }
  EXPECT_EQ(Touched(), touched);
}

// L13: to the last millisecond, and not beyond; a planted end does not help, and none is refused.
// Fails without: `expires_at <= now` in CheckLive together with that in Hold (seen).
TEST_F(TokenAttack, ALinkEndsAtItsTimeWhateverTheRowSays) {
  const std::string link = *crypto::FromBase64Url(LinkOf(anna_));
  clock_.Advance(config_.recovery.lifetime - Millis(1));
  EXPECT_EQ(Open(link), v1::REFUSAL_REASON_UNSPECIFIED);
  clock_.Advance(Millis(1));
  EXPECT_EQ(Open(link), v1::REFUSAL_REASON_EXPIRED);
  for (const int64_t planted : {int64_t{0}, int64_t{-1}, INT64_MAX, INT64_MIN}) {
    Run([&](ledger::Transaction& tx) -> Done {
      LATCHKEY_TRY(tx.Run("UPDATE tokens SET expires_at = $1", planted));
      return {};
    });
    EXPECT_NE(Open(link), v1::REFUSAL_REASON_UNSPECIFIED) << planted;
  }
  EXPECT_FALSE(A().ledger()
                   .Commit([&](ledger::Transaction& tx) -> Done {
                     LATCHKEY_TRY(tx.Run("UPDATE tokens SET expires_at = NULL"));
                     return {};
                   })
                   .ok());
  clock_.Advance(std::chrono::hours(24 * 365));
  EXPECT_NE(Open(link), v1::REFUSAL_REASON_UNSPECIFIED);
}

}  // namespace
}  // namespace latchkey::attacks
