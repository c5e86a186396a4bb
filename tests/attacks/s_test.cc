// SPDX-License-Identifier: Apache-2.0
// Attacks on sessions and flows: what survives a reset, who finishes what somebody else began, and
// what a bank tells its customers.
#include <set>

#include "services/ledger/accounts.h"
#include "tests/attacks/bank.h"

namespace latchkey::attacks {
namespace {

class Flow : public Attack {
 protected:
  // A whole recovery on the web, ending on the page for the new password.
  Visitor Proven(const Customer& customer, const std::string& party = "browser") {
    Visitor browser = Browser(party);
    browser.AskForMessage(customer.login);
    EXPECT_EQ(browser.TypeCode(OneLetter().code()).location(), "/recover/password");
    return browser;
  }
  void Reset(const Customer& customer) {
    Visitor browser = Proven(customer);
    MayChange(customer);
    ASSERT_EQ(browser.SetPassword(kNewPassword).location(), "/recover/done");
  }
};

// S02. Fails without: the rule itself: with InsertSession in SetPassword's Write there was a
// session, and with the TOTP disabled there it was so (seen). Sign-in asks for no second factor
// yet; the other authenticators stay in force.
TEST_F(Flow, S02_AResetSignsNobodyInAndTakesNoFactorAway) {
  const auto load_totp = [&](ledger::Transaction& tx) {
    return ledger::FindAuthenticator(tx, keys_, anna_.id, model::AuthenticatorKind::kTotp);
  };
  Write([&](ledger::Transaction& tx) -> Done {
    LATCHKEY_TRY(ledger::PutVerifier(tx, A().store(), anna_.id,
                                     {.kind = model::AuthenticatorKind::kTotp,
                                      .verifier = "totp",
                                      .set_at = A().store().clock.Now()}));
    LATCHKEY_ASSIGN(const auto totp, load_totp(tx));
    LATCHKEY_TRY(ledger::CountAuthenticatorFailure(tx, totp->id, clock_.Now()));
    return {};
  });
  Visitor browser = Proven(anna_);
  MayChange(anna_);
  const Page done = browser.SetPassword("vT7$qz2!");
  EXPECT_EQ(done.location(), "/recover/done");
  EXPECT_FALSE(browser.signed_in());
  EXPECT_EQ(browser.Get("/account").location(), "/");
  const auto left = Write(load_totp);
  ASSERT_TRUE(left);
  EXPECT_EQ(left->verifier, "totp");
  EXPECT_EQ(left->consecutive_failures, 1);
  EXPECT_EQ(left->disabled_at, TimePoint{});
  const auto sessions = Write([&](ledger::Transaction& tx) {
    return tx.Run("SELECT digest FROM sessions WHERE account_id = $1", anna_.id);
  });
  EXPECT_TRUE(sessions.empty());
  EXPECT_EQ(Letters().size(), 2u);
}

// S03. Fails without: the epoch in FindUnderKey (services/ledger/sql/sessions.cc), seen: all of
// them lived on.
TEST_F(Flow, S03_NoSessionFromBeforeOutlivesAReset) {
  constexpr int kSessions = 300;
  std::vector<std::pair<std::string, Node*>> sessions;
  Caller a = Web("owner"), b = Web("owner", &B());
  for (int i = 0; i < kSessions; ++i) {
    Caller& web = i % 2 == 0 ? a : b;
    const auto signed_in =
        web.Call(&v1::SignIn::Stub::SignIn, SignInAs("anna", anna_.password, NextAddress()));
    ASSERT_TRUE(signed_in.ok()) << i << ": " << signed_in.status.error_message() << LogTail();
    sessions.emplace_back(signed_in.value().session_token(), i % 2 == 0 ? &B() : &A());
  }
  Visitor before = Browser("owner");
  ASSERT_EQ(before.SignIn("anna", anna_.password).location(), "/account");
  ASSERT_EQ(before.Get("/account").status, 200);
  Reset(anna_);
  int alive = 0;
  for (const auto& [token, other] : sessions) {
    v1::GetSessionRequest look;
    look.set_session_token(token);
    Caller& web = other == &A() ? a : b;  // the node that did not make it
    alive += web.Call(&v1::SignIn::Stub::GetSession, look).ok() ? 1 : 0;
  }
  EXPECT_EQ(alive, 0);
  EXPECT_EQ(before.Get("/account").status, 403);
  EXPECT_FALSE(before.signed_in());
  EXPECT_EQ(Letters().size(), 2u);
}

// S04. Fails without: the new cookie in Visit::RenewForm (seen).
TEST_F(Flow, S04_WhoeverBeganGainsNothingFromTheOneWhoProves) {
  Visitor mallory = Browser("mallory", "127.0.0.66"), owner = Browser("owner");
  mallory.AskForMessage("anna");
  const std::string form_before = portal::HiddenField(mallory.Get("/recover/code").body, "form");
  const Letter letter = OneLetter();
  // Even with mallory's own cookies planted on the owner.
  owner.cookies = mallory.cookies;
  const std::string owners_form = portal::HiddenField(owner.Get("/recover").body, "form");
  EXPECT_EQ(owner.OpenLink(letter.link()).location(), "/recover/password");
  EXPECT_NE(owner.cookies["__Host-lk_form"], mallory.cookies["__Host-lk_form"]);
  EXPECT_NE(portal::HiddenField(owner.Get("/recover/password").body, "form"), owners_form);
  EXPECT_EQ(mallory.Get("/recover/password").status, 410);
  EXPECT_NE(mallory.SetPassword("mallory was here before").location(), "/recover/done");
  EXPECT_EQ(owner
                .Post("/recover/password",
                      portal::Encode({{"form", form_before}, {"new_password", "no such thing"}}))
                .status,
            403);
  // Two proofs by one link are two sessions, and signing in gives a third.
  v1::OpenLinkRequest open = OpenBy(letter.link());
  Caller web = Web("owner");
  const auto first = web.Call(&v1::Recovery::Stub::OpenLink, open);
  const auto second = web.Call(&v1::Recovery::Stub::OpenLink, open);
  EXPECT_NE(first.value().recovery_session(), second.value().recovery_session());
  v1::GetSessionRequest as_session;
  as_session.set_session_token(first.value().recovery_session());
  EXPECT_EQ(web.Call(&v1::SignIn::Stub::GetSession, as_session).reason(),
            v1::REFUSAL_REASON_EXPIRED);
}

// S05. Fails without: SentFromHere in Portal::HandlePost (seen: the password was set); either of
// its two headers (seen each).
TEST_F(Flow, S05_NoOtherSiteSendsOurForms) {
  Visitor victim = Proven(anna_, "victim");
  const Effort before = A().effort();
  const portal::Fields hidden = victim.HiddenOf("/recover/password");
  portal::Fields fields = hidden;
  fields.emplace_back("new_password", "a password of another site");
  const std::string body = portal::Encode(fields);
  const std::string ours = "https://" + std::string(kPortalHost);
  struct Foreign {
    const char* what;
    std::string origin, site;
  };
  const Foreign every[] = {
      {"another site", "https://evil.example", "cross-site"},
      {"a sister site", "https://evil.harbour.example", "same-site"},
      {"without TLS", "http://" + std::string(kPortalHost), "cross-site"},
      {"another port", ours + ":8443", "same-site"},
      {"ours in front", ours + ".evil.example", "cross-site"},
      {"ours behind", "https://evil.example/" + ours, "cross-site"},
      {"a sandboxed frame", "null", "cross-site"},
  };
  const auto post = [&](const std::string& origin, const std::string& site) {
    return victim.Post("/recover/password", body, {{"Origin", origin}, {"Sec-Fetch-Site", site}})
        .status;
  };
  for (const Foreign& foreign : every) {
    EXPECT_EQ(post(foreign.origin, foreign.site), 403) << foreign.what;
    EXPECT_EQ(post("", foreign.site), 403) << foreign.what;
    // A browser too old for the other header says "null" of our own forms too: the token alone.
    if (foreign.origin != "null") {
      EXPECT_EQ(post(foreign.origin, ""), 403) << foreign.what;
    }
  }
  for (const char* type : {"text/plain", "application/json", "multipart/form-data; boundary=x", ""})
    EXPECT_EQ(victim.Post("/recover/password", body, {{"Content-Type", type}}).status, 415) << type;
  Visitor stranger = Browser("stranger");
  const std::string foreign_form = portal::HiddenField(stranger.Get("/").body, "form");
  for (const std::string& form : {std::string(), foreign_form, hidden[0].second + "A"}) {
    fields[0].second = form;
    EXPECT_EQ(victim.Post("/recover/password", portal::Encode(fields)).status, 403) << form;
  }
  // Signing somebody in as somebody else is a form like any other.
  EXPECT_EQ(stranger
                .Post("/", portal::Encode({{"form", hidden[0].second},
                                           {"identifier", "anna"},
                                           {"password", "whatever it may be"}}))
                .status,
            403);
  EXPECT_EQ(A().effort().hashes, before.hashes);
  for (const char* path : {"/", "/recover", "/recover/code", "/recover/start", "/stop", "/help",
                           "/branch-token", "/account", "/locked", "/nope", "/static/nope"}) {
    const Page page = stranger.Get(path);
    EXPECT_EQ(page.Find("X-Frame-Options"), "DENY") << path;
    EXPECT_NE(page.Find("Content-Security-Policy").find("frame-ancestors 'none'"),
              std::string::npos)
        << path;
  }
}

// S06. Fails without: the closed list in FindRoute for `place` (seen: the place was followed).
TEST_F(Flow, S06_NoRedirectLeavesThePortal) {
  Visitor browser = Browser();
  std::set<std::string> seen;
  auto expect_here = [&](const Page& page, const std::string& what) {
    if (page.status != 303) return;
    const std::string to = page.location();
    EXPECT_TRUE(to.size() > 0 && to[0] == '/' &&
                (to.size() == 1 || (to[1] != '/' && to[1] != '\\')))
        << what << " leads to " << to;
    seen.insert(to);
  };
  for (const std::string& evil :
       {std::string("//evil.example"), std::string("/\\evil.example"),
        std::string("https:evil.example"), std::string("https://evil.example"),
        std::string("/////evil.example"), std::string("%2f%2fevil.example"),
        std::string("https://access.harbour.example@evil.example"),
        std::string("/help\r\nLocation: //evil"), std::string("javascript:alert(1)"),
        std::string("/help//evil.example")}) {
    const std::string form = portal::HiddenField(browser.Get("/help").body, "form");
    expect_here(browser.Post("/language",
                             portal::Encode({{"form", form}, {"language", "de"}, {"place", evil}})),
                "place=" + evil);
    const Headers pointing = {{"Referer", "https://evil.example/"},
                              {"X-Forwarded-Host", "evil.example"}};
    for (const char* path :
         {"/account", "/.well-known/change-password", "/recover/done", "/stop/done"}) {
      std::string query = evil;
      std::erase_if(query, [](char c) { return c == '\r' || c == '\n' || c == ' '; });
      expect_here(
          browser.Get(std::string(path) + "?return_to=" + query + "&next=" + query, pointing),
          path);
    }
  }
  expect_here(browser.AskForMessage("anna", "reset", {{"Referer", "https://evil.example/"}}),
              "start");
  EXPECT_TRUE(seen.contains("/recover/code")) << "the probe sees redirects";
  Letters();
}

// S07. Fails without: `contact_settled` in RecordEvidence (seen: the removed address still
// counted). Contacts cannot be changed through this system yet: they are moved in the ledger
// here.
TEST_F(Flow, S07_ALinkProvesTheOneContactItWentTo) {
  Caller web = Web();
  web.Call(&v1::Recovery::Stub::Begin, BeginFor(anna_.email, "192.0.2.1"));
  const Letter letter = OneLetter();
  ASSERT_EQ(letter.to(), anna_.email);
  Write([&](ledger::Transaction& tx) -> Done {
    LATCHKEY_TRY(
        tx.Run("UPDATE contacts SET removed_at = $2 WHERE id = (SELECT MIN(id) FROM "
               "contacts WHERE account_id = $1)",
               anna_.id, clock_.Now()));
    return {};
  });
  const auto proof = web.Call(&v1::Recovery::Stub::OpenLink, OpenBy(letter.link()));
  ASSERT_TRUE(proof.ok());
  EXPECT_FALSE(proof.value().may_set_password());
  EXPECT_FALSE(proof.value().may_unlock());
  EXPECT_EQ(web.Call(&v1::Recovery::Stub::SetPassword,
                     SetBy(proof.value().recovery_session(), kNewPassword))
                .reason(),
            v1::REFUSAL_REASON_MORE_PROOF);
  // What is asked for next goes to the address that is left, typed or not.
  web.Call(&v1::Recovery::Stub::Begin, BeginFor(anna_.email, "192.0.2.1"));
  EXPECT_EQ(OneLetter().to(), anna_.second_email);
}

// S08. Fails without: TellEverybody in SetPassword's transaction (seen: nobody was told).
TEST_F(Flow, S08_EveryAddressIsToldAndCanStopIt) {
  Write([&](ledger::Transaction& tx) -> Done {
    LATCHKEY_TRY(
        tx.Run("UPDATE contacts SET removed_at = $2 WHERE id = (SELECT MAX(id) FROM "
               "contacts WHERE account_id = $1)",
               anna_.id, clock_.Now()));
    return {};
  });
  clock_.Advance(std::chrono::days(30));
  const std::string session = [&] {
    Caller web = Web();
    web.Call(&v1::Recovery::Stub::Begin, BeginFor("anna", "192.0.2.1"));
    return web.Call(&v1::Recovery::Stub::OpenLink, OpenBy(OneLetter().link()))
        .value()
        .recovery_session();
  }();
  MayChange(anna_);
  // The node that takes the password dies before it has sent anything; another one sends it.
  ASSERT_TRUE(
      Web("web", &B()).Call(&v1::Recovery::Stub::SetPassword, SetBy(session, kNewPassword)).ok());
  B().Stop();
  std::set<std::string> told;
  std::string stop;
  for (const Letter& letter : Letters()) {
    told.insert(letter.to());
    EXPECT_NE(letter.stop_link(), "");
    EXPECT_EQ(letter.link(), "") << "what stops is never beside what opens";
    stop = letter.stop_link();
  }
  EXPECT_EQ(told, (std::set<std::string>{anna_.email, anna_.second_email}));
  EXPECT_EQ(Browser().StopByLink(stop).location(), "/stop/done");
  EXPECT_EQ(Load(anna_).state, model::AccountState::kFrozen);
  EXPECT_FALSE(
      Web().Call(&v1::SignIn::Stub::SignIn, SignInAs("anna", kNewPassword, "192.0.2.1")).ok());
  EXPECT_EQ(Letters().size(), 2u) << "and told that it is frozen";
}

}  // namespace
}  // namespace latchkey::attacks
