// SPDX-License-Identifier: Apache-2.0
// Attacks on how a link gets to its owner: who gets the mail, what stands in it, what opens it.
#include <set>

#include "services/ledger/tokens.h"
#include "tests/attacks/bank.h"

namespace latchkey::attacks {
namespace {

// A recovery by message, and everything that a stranger can put around the request for one.
class LinkAttack : public Attack {
 protected:
  // Every letter has one recipient, and it is one of Anna's own.
  void ExpectOnlyAnna(const std::vector<Letter>& letters, const std::string& what) {
    EXPECT_LE(letters.size(), 1u) << what;
    for (const Letter& letter : letters) {
      EXPECT_EQ(letter.recipients.size(), 1u) << what;
      EXPECT_EQ(letter.to(), anna_.email) << what;
    }
  }
  // As if nothing had been asked yet: a message says what time it is, so time must not pass.
  void StartAgain() {
    LATCHKEY_CHECK(A().ledger()
                       .Commit([](ledger::Transaction& tx) -> Done {
                         LATCHKEY_TRY(tx.Run("DELETE FROM tokens"));
                         return {};
                       })
                       .ok());
  }

  // What is new in each letter by design, taken out.
  static std::string Masked(const Letter& letter) {
    std::string text = letter.data;
    // Soft line breaks move with the bytes of a token.
    for (size_t at; (at = text.find("=\r\n")) != std::string::npos;) text.erase(at, 3);
    const std::string code = letter.code();
    for (const std::string& secret :
         {letter.link(), code.substr(0, 4) + " " + code.substr(4), letter.read["Message-ID"],
          letter.read["Date"], ReferenceIn(letter)}) {
      for (size_t at = text.find(secret); !secret.empty() && at != std::string::npos;
           at = text.find(secret, at))
        text.replace(at, secret.size(), "*");
    }
    const std::string boundary = BoundaryOf(letter);
    for (size_t at = text.find(boundary); at != std::string::npos; at = text.find(boundary, at))
      text.replace(at, boundary.size(), "*");
    return text;
  }
  static std::string ReferenceIn(const Letter& letter) {
    const std::string mark = "Reference: ";  // a token may hold "R-" too
    const size_t at = letter.read.text.find(mark);
    return at == std::string::npos ? std::string() : letter.read.text.substr(at + mark.size(), 11);
  }
  static std::string BoundaryOf(const Letter& letter) {
    const std::string type = letter.read["Content-Type"];
    const size_t at = type.find("boundary=\"") + 10;
    return type.substr(at, type.find('"', at) - at);
  }
};

// L01: an array or a list of addresses reaches one account or none, and its own address.
// Fails without: the check for repeated fields in Form::Parse: the list was mailed for (seen).
TEST_F(LinkAttack, AListOfRecipientsReachesNobodyElse) {
  const std::string evil = "mallory%40evil.example", own = "anna%40example.org";
  for (const std::string& fields :
       {"identifier=" + own + "&identifier=" + evil, "identifier=" + evil + "&identifier=" + own,
        "identifier%5B%5D=" + own + "&identifier%5B%5D=" + evil,
        "identifier=" + own + "&email=" + evil, "identifier=" + own + "&to=" + evil,
        "identifier=" + own + "%00" + evil, "identifier=" + own + "%0d%0aBcc:" + evil}) {
    Visitor thief = Browser("thief", NextLoopback());
    const Page page =
        thief.Post("/recover/start",
                   portal::Encode(thief.HiddenOf("/recover/start")) + "&intent=reset&" + fields);
    EXPECT_GE(page.status, 400) << fields;
    EXPECT_TRUE(Letters().empty()) << fields;
  }
  for (const std::string& typed : {std::string("anna@example.org,mallory@evil.example"),
                                   std::string("anna@example.org;mallory@evil.example"),
                                   std::string("anna@example.org mallory@evil.example"),
                                   std::string("<anna@example.org>mallory@evil.example"),
                                   std::string("[\"anna@example.org\",\"mallory@evil.example\"]"),
                                   std::string("{\"$ne\":\"\"}")}) {
    Browser("thief", NextLoopback()).AskForMessage(typed);
    EXPECT_TRUE(Letters().empty()) << typed;
  }
  Visitor thief = Browser("thief", NextLoopback());
  thief.Get("/recover/start");
  EXPECT_EQ(thief
                .Post("/recover/start", "{\"identifier\":[\"anna\",\"mallory@evil.example\"]}",
                      {{"Content-Type", "application/json"}})
                .status,
            415);
}

// L01: the same on the wire below the portal, where a field may come twice.
// Fails without: one name in a request: with `repeated string identifier` and a recovery for each
// it sent mail (seen). Of a scalar that comes twice protobuf takes the last.
TEST_F(LinkAttack, AFieldThatComesTwiceOnTheWireReachesOneAccount) {
  v1::BeginRequest twice = BeginFor("anna@example.org", NextAddress());
  twice.GetReflection()->MutableUnknownFields(&twice)->AddLengthDelimited(1,
                                                                          "mallory@evil.example");
  EXPECT_TRUE(Web("thief").Call(&v1::Recovery::Stub::Begin, twice).ok());
  EXPECT_TRUE(Letters().empty());
  v1::BeginRequest back = BeginFor("mallory@evil.example", NextAddress());
  back.GetReflection()->MutableUnknownFields(&back)->AddLengthDelimited(1, anna_.email);
  EXPECT_TRUE(Web("thief").Call(&v1::Recovery::Stub::Begin, back).ok());
  ExpectOnlyAnna(Letters(), "the last one");
}

// L02: whatever looks like an address on file, or folds into one, is another address.
// Fails without: the rule itself: with NFKC and case folding in ReadTyped look-alikes brought mail
// (seen). canonical_properties_test.cc looks at every code point.
TEST_F(LinkAttack, WhatOnlyLooksLikeAnAddressGetsNoMail) {
  AddCustomer("Kissfin Kissfin", "kissfin", "10000009");
  const std::pair<char, std::vector<std::string>> lookalikes[] = {
      {'k', {"\u212a", "\uff4b", "\u1d4f", "\U0001d424", "\u24da", "\u043a"}},
      {'i', {"\u0131", "\u0130", "\uff49", "\u2071", "\u2170", "\u00ed", "\u0456", "\U0001d422"}},
      {'s', {"\u017f", "\uff53", "\u02e2", "\u015b", "\u0455", "\U0001d42c"}},
      {'f', {"\uff46", "\U0001d41f", "\u1da0"}},
      {'n', {"\uff4e", "\u207f", "\u00f1", "\u0578", "\U0001d427"}},
      {'e', {"\uff45", "\u2091", "\u00e9", "\u0435", "\u212f"}},
      {'o', {"\uff4f", "\u2092", "\u00f6", "\u043e", "\u2134"}},
      {'.', {"\uff0e", "\u3002", "\uff61", "\u2024"}},
      {'@', {"\uff20", "\ufe6b"}}};
  std::set<std::string> typed = {
      "\ufb01ssk@example.org",      "kiss\ufb01n@example.org",   "kissfin@ex\u00e4mple.org",
      "kissfin@xn--exmple-cua.org", "kissfin@xn--example-.org",  "kissfin@example.org.",
      "kissfin@example.org\u200b",  "kissfin\u00ad@example.org", "kissfin@example\u200d.org",
      "\u202ekissfin@example.org",  "ki\u0307ssfin@example.org", "kissfin+x@example.org",
      "k.issfin@example.org"};
  for (const auto& [plain, others] : lookalikes) {
    for (const std::string name : {"kissfin@example.org", "kissfin"}) {
      for (size_t at = name.find(plain); at != std::string::npos; at = name.find(plain, at + 1)) {
        for (const std::string& other : others)
          typed.insert(name.substr(0, at) + other + name.substr(at + 1));
      }
    }
  }
  // A domain is compared by what DNS makes of it: these are no other address (IDNA2008).
  for (const char* dot : {"\uff0e", "\u3002", "\uff61"})
    typed.erase("kissfin@example" + std::string(dot) + "org");
  EXPECT_GT(typed.size(), 90u);
  Caller thief = Web("thief");
  for (const std::string& each : typed) {
    thief.Call(&v1::Recovery::Stub::Begin, BeginFor(each, NextAddress()));
    for (const Letter& letter : Letters())
      ADD_FAILURE() << "'" << each << "' brought mail to " << letter.to();
  }
}

// L03: a message is made of the account, the bank and the token; nothing of the request is in it.
// Fails without: IsOurHost in Portal::Handle: a foreign host was served and mailed for (seen).
TEST_F(LinkAttack, NoHeaderOfARequestGetsIntoTheMessage) {
  const std::string ours(kPortalHost);
  std::set<std::string> bodies;
  for (const Headers& headers : std::vector<Headers>{
           {},
           {{"X-Forwarded-Host", "evil.example"}, {"X-Forwarded-Proto", "http"}},
           {{"Forwarded", "for=\"x;host=evil.example\""}, {"X-Host", "evil.example"}},
           {{"X-Original-URL", "https://evil.example/"}, {"X-Rewrite-URL", "//evil.example"}},
           {{"Referer", "https://evil.example/"}, {"Accept-Language", "en;evil.example"}},
           {{"X-Forwarded-For", "evil.example"}, {"From", "evil@evil.example"}},
           {{"User-Agent", "<a href=//evil.example>"}, {"Via", "1.1 evil.example"}}}) {
    Visitor thief = Browser("thief", NextLoopback());
    EXPECT_EQ(thief.AskForMessage("anna", "reset", headers).status, 303);
    const Letter letter = OneLetter();
    ExpectOnlyAnna({letter}, "headers");
    EXPECT_EQ(letter.from, "access@mail.harbour.example");
    EXPECT_EQ(letter.data.find("evil"), std::string::npos) << letter.data;
    bodies.insert(Masked(letter));
    StartAgain();
  }
  EXPECT_EQ(bodies.size(), 1u);
  for (const std::string& host :
       {std::string("evil.example"), ours + ".evil.example", ours + "@evil.example", "evil@" + ours,
        ours + ":8443", ours + "\tevil.example", ours + ",evil.example", std::string("localhost"),
        std::string("127.0.0.1")}) {
    Visitor thief = Browser("thief", NextLoopback());
    const Page page = thief.AskForMessage("anna", "reset", {{"Host", host}});
    EXPECT_GE(page.status, 400) << host;
    EXPECT_FALSE(page.Says("evil.example")) << host;
    EXPECT_TRUE(Letters().empty()) << host;
  }
  Visitor thief = Browser("thief", NextLoopback());
  EXPECT_EQ(thief
                .Raw("GET https://evil.example/recover HTTP/1.1\r\nHost: " + ours +
                     "\r\nConnection: close\r\n\r\n")
                .status,
            404);
}

// L04: no page tells another site where it was, is kept, or leads elsewhere; the token is in no
// URL.
// Fails without: the Referrer-Policy in AddGuards (seen).
TEST_F(LinkAttack, NoPageGivesTheTokenAway) {
  Visitor browser = Browser();
  browser.AskForMessage("anna");
  const std::string link = OneLetter().link();
  std::vector<Page> pages;
  for (const char* path :
       {"/", "/recover", "/recover/open", "/recover/start", "/recover/code", "/recover/password",
        "/recover/unlock", "/recover/done", "/locked", "/stop", "/stop/done", "/branch-token",
        "/help", "/privacy", "/account", "/nothing-here", "/recover/open?t=x"})
    pages.push_back(browser.Get(path));
  pages.push_back(browser.Raw("NONSENSE\r\n\r\n"));
  pages.push_back(browser.Post("/recover/open", "t=" + link));  // without a form token
  const Page opened = browser.OpenLink(link);
  EXPECT_EQ(opened.location(), "/recover/password");
  pages.push_back(opened);
  pages.push_back(browser.Get("/recover/password"));
  for (const Page& page : pages) {
    EXPECT_EQ(page.Find("Referrer-Policy"), "no-referrer") << page.raw.substr(0, 200);
    EXPECT_EQ(page.Find("Cache-Control"), "no-store") << page.raw.substr(0, 200);
    EXPECT_NE(page.Find("Content-Security-Policy").find("default-src 'none'"), std::string::npos);
    EXPECT_EQ(page.raw.find(link), std::string::npos);
    for (size_t at = page.body.find("://"); at != std::string::npos;
         at = page.body.find("://", at + 1))
      EXPECT_EQ(page.body.substr(at + 3, 10), "www.w3.org") << page.body.substr(at - 20, 80);
  }
}

// L06: where a bank asks for more than one proof, the mail alone sets no password.
// Fails without: `standing.reset.enough` in SetPassword, both places: the thief set it (seen).
TEST_F(LinkAttack, WhoeverReadsTheMailOfAStrongAccountSetsNoPassword) {
  const Customer carla = AddCustomer("Carla Corvus", "carla", "10000003", "strong");
  EXPECT_EQ(Browser("owner").AskForMessage("carla").status, 303);
  const Letter letter = OneLetter();
  Visitor thief = Browser("thief", NextLoopback());
  thief.OpenLink(letter.link());
  EXPECT_NE(thief.SetPassword(kNewPassword).location(), "/recover/done");
  Caller web = Web("thief");
  const auto proof = web.Call(&v1::Recovery::Stub::OpenLink, OpenBy(letter.link()));
  ASSERT_TRUE(proof.ok());
  EXPECT_FALSE(proof.response.may_set_password());
  EXPECT_EQ(web.Call(&v1::Recovery::Stub::SetPassword,
                     SetBy(proof.response.recovery_session(), kNewPassword))
                .reason(),
            v1::REFUSAL_REASON_MORE_PROOF);
  const auto by_code =
      web.Call(&v1::Recovery::Stub::SubmitCode, CodeFor("carla", letter.code(), NextAddress()));
  ASSERT_TRUE(by_code.ok());
  EXPECT_EQ(web.Call(&v1::Recovery::Stub::SetPassword,
                     SetBy(by_code.response.recovery_session(), kNewPassword))
                .reason(),
            v1::REFUSAL_REASON_MORE_PROOF)
      << "link and code of one mail are one proof";
  EXPECT_EQ(Count(carla, model::Event::kPasswordReset), 0);
}

// L07: what opens, prefetches, renders and submits a link leaves it good; it then works once.
// Fails without: with ConsumeToken in OpenLink the owner comes too late (seen).
TEST_F(LinkAttack, ScannersLeaveTheLinkGoodForOneUse) {
  Caller web = Web();
  web.Call(&v1::Recovery::Stub::Begin, BeginFor("anna", NextAddress()));
  const std::string link = OneLetter().link();
  const Effort before = A().effort();
  Visitor scanner = Browser("owner", NextLoopback());
  for (const char* path : {"/recover", "/recover/open", "/stop", "/recover/password"}) {
    for (int i = 0; i < 50; ++i) scanner.Get(path);
    scanner.Get(path, {{"Sec-Purpose", "prefetch;prerender"}});
    scanner.Get(std::string(path) + "?t=" + link);
    for (const char* verb : {"HEAD", "OPTIONS", "PUT", "DELETE"})
      scanner.Raw(std::string(verb) + " " + path + " HTTP/1.1\r\nHost: " +
                  std::string(kPortalHost) + "\r\nConnection: close\r\n\r\n");
  }
  EXPECT_EQ(scanner.Post("/recover/open", "t=" + link).status, 403);
  EXPECT_EQ(A().effort().commits, before.commits) << "looking writes nothing";
  EXPECT_EQ(Count(anna_, model::Event::kProofGiven), 0);
  for (int i = 0; i < 20; ++i)  // one that runs scripts and presses buttons
    EXPECT_EQ(Browser("owner", NextLoopback()).OpenLink(link).status, 303);
  EXPECT_EQ(Count(anna_, model::Event::kProofGiven), 1);
  Visitor owner = Browser("owner", NextLoopback());
  owner.OpenLink(link);
  MayChange(anna_);
  EXPECT_EQ(owner.SetPassword(kNewPassword).location(), "/recover/done");
  EXPECT_EQ(web.Call(&v1::Recovery::Stub::OpenLink, OpenBy(link)).reason(),
            v1::REFUSAL_REASON_USED);
  EXPECT_EQ(Letters().size(), 2u);
}

}  // namespace
}  // namespace latchkey::attacks
