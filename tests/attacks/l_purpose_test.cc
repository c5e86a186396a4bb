// SPDX-License-Identifier: Apache-2.0
// Attacks that take a token to another door, or keep it beyond what it was made for.
#include <functional>
#include <map>

#include "crypto/token.h"
#include "services/ledger/accounts.h"
#include "tests/attacks/bank.h"

namespace latchkey::attacks {
namespace {

class PurposeAttack : public Attack {
 protected:
  struct Staff {
    std::string session, reference;
  };
  // A teller with Anna's case open at terminal one.
  Staff AtTheDesk() {
    const Teller tessa = AddTeller("tessa");
    v1::SignInStaffRequest enter;
    enter.set_staff_login(tessa.login);
    enter.set_password(tessa.password);
    enter.set_totp(Totp(tessa));
    const auto entered = Terminal().Call(&v1::Staff::Stub::SignInStaff, enter);
    Staff staff{.session = entered.value().staff_session(), .reference = {}};
    v1::FindCustomerRequest find;
    find.set_staff_session(staff.session);
    find.set_customer_number(anna_.number);
    find.set_reason(v1::REASON_LOCKED);
    staff.reference = Terminal().Call(&v1::Assist::Stub::FindCustomer, find).value().reference();
    return staff;
  }
  template <typename Request>
  Request Of(const Staff& staff) {
    Request request;
    request.set_staff_session(staff.session);
    request.set_case_reference(staff.reference);
    if constexpr (requires { request.idempotency_key(); }) request.set_idempotency_key(Key());
    return request;
  }
  bool Inspect(const Staff& staff) {
    auto request = Of<v1::RecordInspectionRequest>(staff);
    request.set_document_kind(v1::DOCUMENT_KIND_PASSPORT);
    request.set_document_number_tail("47AB");
    return Terminal().Call(&v1::Assist::Stub::RecordInspection, request).ok();
  }
  bool SendCode(const Staff& staff) {
    auto request = Of<v1::SendCodeRequest>(staff);
    request.set_contact_index(1);
    return Terminal().Call(&v1::Assist::Stub::SendCode, request).ok();
  }
  Said<v1::Case> CheckCode(const Staff& staff, const std::string& code) {
    auto request = Of<v1::CheckCodeRequest>(staff);
    request.set_code(code);
    return Terminal().Call(&v1::Assist::Stub::CheckCode, request);
  }
};

// L12: each token at each door; only its own opens.
// Fails without: the purpose in FindToken together with that in TokenDigest (seen).
TEST_F(PurposeAttack, ATokenOpensNoDoorButItsOwn) {
  Caller web = Web();
  // One of each kind, all alive.
  const Staff staff = AtTheDesk();
  ASSERT_TRUE(Inspect(staff));
  ASSERT_TRUE(
      Terminal().Call(&v1::Assist::Stub::UnlockAccount, Of<v1::UnlockAccountRequest>(staff)).ok());
  const std::vector<Letter> notices = Letters();
  ASSERT_EQ(notices.size(), 2u);
  const auto signed_in =
      web.Call(&v1::SignIn::Stub::SignIn, SignInAs("anna", anna_.password, NextAddress()));
  const auto begun = web.Call(&v1::Recovery::Stub::Begin, BeginFor("anna", NextAddress()));
  const Letter letter = OneLetter();
  const auto proof = web.Call(&v1::Recovery::Stub::OpenLink, OpenBy(letter.link()));
  std::map<std::string, std::string> tokens = {
      {"link", *crypto::FromBase64Url(letter.link())},
      {"stop link", *crypto::FromBase64Url(notices[0].stop_link())},
      {"recovery session", proof.value().recovery_session()},
      {"handle", begun.value().handle()},
      {"session", signed_in.value().session_token()},
      {"device", signed_in.value().device_token()},
      {"staff session", staff.session}};
  using Door = std::function<bool(const std::string&)>;
  const auto look = [&](const std::string& token) {
    v1::GetSessionRequest request;
    request.set_session_token(token);
    return web.Call(&v1::SignIn::Stub::GetSession, request).ok();
  };
  const std::vector<std::pair<std::string, Door>> doors = {
      {"link",
       [&](const std::string& token) {
         v1::OpenLinkRequest request = OpenBy("");
         request.set_link_token(token);
         return web.Call(&v1::Recovery::Stub::OpenLink, request).ok();
       }},
      {"recovery session",
       [&](const std::string& token) {
         v1::GetRecoveryRequest request;
         request.set_recovery_session(token);
         return web.Call(&v1::Recovery::Stub::GetRecovery, request).ok();
       }},
      {"session", look},
      {"staff session",
       [&](const std::string& token) {
         return Terminal()
             .Call(&v1::Cases::Stub::GetCase, Of<v1::GetCaseRequest>({token, staff.reference}))
             .ok();
       }},
  };
  for (const auto& [own, opens] : doors) {
    for (const auto& [kind, token] : tokens)
      EXPECT_EQ(opens(token), kind == own) << "a " << kind << " where a " << own << " belongs";
  }
  for (const auto& [kind, token] : tokens) {
    if (kind == "recovery session") continue;
    EXPECT_EQ(web.Call(&v1::Recovery::Stub::SetPassword, SetBy(token, kNewPassword)).reason(),
              v1::REFUSAL_REASON_EXPIRED)
        << kind;
    v1::FreezeRequest freeze;
    *freeze.mutable_source() = From(NextAddress());
    freeze.set_recovery_session(token);
    EXPECT_FALSE(web.Call(&v1::Recovery::Stub::Freeze, freeze).ok()) << kind;
    freeze.set_link_token(token);
    if (kind != "stop link") {
      EXPECT_FALSE(web.Call(&v1::Recovery::Stub::Freeze, freeze).ok()) << kind;
    }
    if (kind != "handle") {
      EXPECT_NE(
          web.Call(&v1::Recovery::Stub::SubmitCode, CodeBy(token, letter.code(), NextAddress()))
              .reason(),
          v1::REFUSAL_REASON_UNSPECIFIED)
          << kind;
    }
  }
  EXPECT_TRUE(look(tokens["session"]));
}

// C06: a code is for the action that its message names: said in the branch, the code of a recovery
// proves nothing, and the branch's opens nothing on the web.
// Fails without: `purpose = $2` in ReserveTries, the purpose in TokenDigest and the case in
// CheckCode together (seen: the web's code proved something in the branch). The branch's opened
// nothing on the web even without OnlyOf: it belongs to no recovery.
TEST_F(PurposeAttack, ACodeOfOneActionIsNoCodeOfAnother) {
  Caller web = Web();
  const Staff staff = AtTheDesk();
  web.Call(&v1::Recovery::Stub::Begin, BeginFor("anna", NextAddress()));
  const Letter for_web = OneLetter();
  ASSERT_TRUE(SendCode(staff));
  const Letter for_branch = OneLetter();
  EXPECT_NE(for_web.subject(), for_branch.subject());
  EXPECT_EQ(CheckCode(staff, for_web.code()).reason(), v1::REFUSAL_REASON_WRONG);
  EXPECT_EQ(
      web.Call(&v1::Recovery::Stub::SubmitCode, CodeFor("anna", for_branch.code(), NextAddress()))
          .reason(),
      v1::REFUSAL_REASON_WRONG);
  EXPECT_TRUE(CheckCode(staff, for_branch.code()).ok());
  EXPECT_TRUE(
      web.Call(&v1::Recovery::Stub::SubmitCode, CodeFor("anna", for_web.code(), NextAddress()))
          .ok());
}

// L14: what ends a recovery ends its link, its code and its session, by whichever door it comes. A
// new kind of event must be sorted here: does it move the security epoch, or end what waits?
// Fails without: CheckLive, the epoch and `used_at` in Hold, SaysEnded and the check of `after` in
// AcceptProof together (seen: after a reset and an unlocking the link opened).
TEST_F(PurposeAttack, ALinkDiesWithWhatItWasMadeFor) {
  struct Case {
    std::function<void(const Letter&, const std::string& session)> happen;
    v1::RefusalReason answered;
    size_t letters;
  };
  Caller web = Web();
  const auto complete = [&](auto method, auto request, const std::string& session) {
    request.set_recovery_session(session);
    request.set_idempotency_key(Key());
    *request.mutable_source() = From(NextAddress());
    EXPECT_TRUE(web.Call(method, request).ok());
  };
  std::map<v1::ActivityKind, Case> ends;
  ends[v1::ACTIVITY_KIND_PASSWORD_RESET] = {
      [&](const Letter&, const std::string& session) {
        MayChange(anna_);
        EXPECT_TRUE(web.Call(&v1::Recovery::Stub::SetPassword, SetBy(session, kNewPassword)).ok());
      },
      v1::REFUSAL_REASON_USED, 2};
  ends[v1::ACTIVITY_KIND_UNLOCKED] = {[&](const Letter&, const std::string& session) {
                                        complete(&v1::Recovery::Stub::Unlock, v1::UnlockRequest(),
                                                 session);
                                      },
                                      v1::REFUSAL_REASON_USED, 2};
  ends[v1::ACTIVITY_KIND_FROZEN] = {
      [&](const Letter&, const std::string& session) {
        v1::FreezeRequest freeze;
        freeze.set_recovery_session(session);
        *freeze.mutable_source() = From(NextAddress());
        EXPECT_TRUE(web.Call(&v1::Recovery::Stub::Freeze, freeze).ok());
      },
      v1::REFUSAL_REASON_STOPPED, 2};
  // Nothing that a recovery was made for is over with these; FREEZE_LIFTED comes after FROZEN,
  // which ended everything; of RESTORED d_test.cc tells.
  const std::set<v1::ActivityKind> ends_nothing = {
      v1::ACTIVITY_KIND_UNSPECIFIED,        v1::ACTIVITY_KIND_IMPORTED,
      v1::ACTIVITY_KIND_SIGNED_IN,          v1::ACTIVITY_KIND_SIGN_IN_FAILED,
      v1::ACTIVITY_KIND_SIGN_IN_RESTING,    v1::ACTIVITY_KIND_RECOVERY_STARTED,
      v1::ACTIVITY_KIND_PROOF_GIVEN,        v1::ACTIVITY_KIND_PROOF_FAILED,
      v1::ACTIVITY_KIND_FREEZE_LIFTED,      v1::ACTIVITY_KIND_STAFF_VIEWED,
      v1::ACTIVITY_KIND_DOCUMENT_INSPECTED, v1::ACTIVITY_KIND_ASSISTED_TOKEN_ISSUED,
      v1::ACTIVITY_KIND_MESSAGE_QUEUED,     v1::ACTIVITY_KIND_MESSAGE_ACCEPTED,
      v1::ACTIVITY_KIND_MESSAGE_FAILED,     v1::ACTIVITY_KIND_NOTE,
      v1::ACTIVITY_KIND_CALL_BACK_ASKED,    v1::ACTIVITY_KIND_SIGNED_OUT,
      v1::ACTIVITY_KIND_VERIFIER_UPGRADED,  v1::ACTIVITY_KIND_CASE_OPENED,
      v1::ACTIVITY_KIND_CASE_CLOSED,        v1::ACTIVITY_KIND_PASSWORD_DISABLED,
      v1::ACTIVITY_KIND_MESSAGE_WITHHELD,   v1::ACTIVITY_KIND_RESTORED};
  const auto* kinds = v1::ActivityKind_descriptor();
  for (int i = 0; i < kinds->value_count(); ++i) {
    const auto kind = static_cast<v1::ActivityKind>(kinds->value(i)->number());
    if (ends_nothing.contains(kind)) continue;
    ASSERT_TRUE(ends.contains(kind)) << kinds->value(i)->name() << " is not sorted here";
    clock_.Advance(std::chrono::hours(2));
    const auto begun = web.Call(&v1::Recovery::Stub::Begin, BeginFor("anna", NextAddress()));
    const Letter letter = OneLetter();
    const auto first = web.Call(&v1::Recovery::Stub::OpenLink, OpenBy(letter.link()));
    const auto second = web.Call(&v1::Recovery::Stub::OpenLink, OpenBy(letter.link()));
    ends[kind].happen(letter, first.value().recovery_session());
    EXPECT_EQ(Letters().size(), ends[kind].letters) << kinds->value(i)->name();
    EXPECT_EQ(web.Call(&v1::Recovery::Stub::OpenLink, OpenBy(letter.link())).reason(),
              ends[kind].answered)
        << kinds->value(i)->name();
    EXPECT_EQ(web.Call(&v1::Recovery::Stub::SubmitCode,
                       CodeBy(begun.value().handle(), letter.code(), NextAddress()))
                  .reason(),
              v1::REFUSAL_REASON_WRONG)
        << kinds->value(i)->name();
    EXPECT_EQ(web.Call(&v1::Recovery::Stub::SetPassword,
                       SetBy(second.value().recovery_session(), "four other words entirely"))
                  .reason(),
              ends[kind].answered)
        << kinds->value(i)->name();
  }
}

}  // namespace
}  // namespace latchkey::attacks
