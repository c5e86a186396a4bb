// SPDX-License-Identifier: Apache-2.0
// Attacks by those who are trusted: a talked-over teller, a crooked one, a gateway that wants more.
#include <google/protobuf/descriptor.h>
#include <grpcpp/impl/client_unary_call.h>

#include "crypto/token.h"
#include "services/ledger/accounts.h"
#include "services/ledger/journal.h"
#include "tests/attacks/bank.h"
#include "tests/contract/ledger/redate.h"

namespace latchkey::attacks {
namespace {

using google::protobuf::MethodDescriptor;

class Staff : public Attack {
 protected:
  void SetUp() override {
    Attack::SetUp();
    tessa_ = AddTeller("tessa");
    session_ = SignInStaff(tessa_);
  }
  Said<v1::SignInStaffResponse> TrySignIn(const Teller& teller, Caller terminal) {
    clock_.Advance(std::chrono::seconds(30));  // a TOTP is good once
    v1::SignInStaffRequest request;
    request.set_staff_login(teller.login);
    request.set_password(teller.password);
    request.set_totp(Totp(teller));
    return terminal.Call(&v1::Staff::Stub::SignInStaff, request);
  }
  std::string SignInStaff(const Teller& teller) {
    return TrySignIn(teller, Terminal()).value().staff_session();
  }
  Said<v1::Case> Find(const std::string& number, const std::string& session) {
    v1::FindCustomerRequest request;
    request.set_staff_session(session);
    request.set_customer_number(number);
    request.set_reason(v1::REASON_FORGOT_PASSWORD);
    return Terminal().Call(&v1::Assist::Stub::FindCustomer, request);
  }
  template <typename Request>
  Request On(const std::string& session, const std::string& reference) {
    Request request;
    request.set_staff_session(session);
    request.set_case_reference(reference);
    if constexpr (requires { request.idempotency_key(); }) request.set_idempotency_key(Key());
    return request;
  }
  v1::RecordInspectionRequest Inspection(const std::string& session, const std::string& reference) {
    auto request = On<v1::RecordInspectionRequest>(session, reference);
    request.set_document_kind(v1::DOCUMENT_KIND_PASSPORT);
    request.set_document_number_tail("47Ab");
    return request;
  }
  v1::SendCodeRequest Send(const std::string& reference, uint32_t index = 1) {
    auto request = On<v1::SendCodeRequest>(session_, reference);
    request.set_contact_index(index);
    return request;
  }
  v1::CheckCodeRequest Check(const std::string& reference, const std::string& code) {
    auto request = On<v1::CheckCodeRequest>(session_, reference);
    request.set_code(code);
    return request;
  }
  // The customer stands at the desk with a document and a telephone.
  void Prove(const std::string& reference) {
    Caller desk = Terminal();
    ASSERT_TRUE(
        desk.Call(&v1::Assist::Stub::RecordInspection, Inspection(session_, reference)).ok());
    ASSERT_TRUE(desk.Call(&v1::Assist::Stub::SendCode, Send(reference)).ok());
    ASSERT_TRUE(desk.Call(&v1::Assist::Stub::CheckCode, Check(reference, OneLetter().code())).ok());
  }
  Said<v1::IssueTokenResponse> Issue(const std::string& reference) {
    return Terminal().Call(&v1::Assist::Stub::IssueToken,
                           On<v1::IssueTokenRequest>(session_, reference));
  }

  // Of Anna's newest entry of this kind.
  StaffId WhoDid(model::Event event) {
    return Write([&](ledger::Transaction& tx) {
             return ledger::LoadRecent(tx, keys_, anna_.id, 1, event);
           })
        .at(0)
        .entry.staff_id;
  }

  Teller tessa_;
  std::string session_;
};

// A01. Fails without: the demand for both proofs in IssueToken (seen).
TEST_F(Staff, A01_AVoiceOnTheTelephoneOpensNothing) {
  Caller desk = Terminal();
  const std::string reference = Find(anna_.number, session_).value().reference();
  EXPECT_EQ(Issue(reference).reason(), v1::REFUSAL_REASON_MORE_PROOF);
  EXPECT_EQ(
      desk.Call(&v1::Assist::Stub::UnlockAccount, On<v1::UnlockAccountRequest>(session_, reference))
          .reason(),
      v1::REFUSAL_REASON_MORE_PROOF);
  SetState(anna_, model::AccountState::kFrozen);
  EXPECT_EQ(desk.Call(&v1::Assist::Stub::LiftFreeze, On<v1::LiftFreezeRequest>(session_, reference))
                .reason(),
            v1::REFUSAL_REASON_MORE_PROOF);
  SetState(anna_, model::AccountState::kActive);
  // A document alone is the teller's word; a code alone is whoever has the telephone.
  desk.Call(&v1::Assist::Stub::RecordInspection, Inspection(session_, reference));
  EXPECT_EQ(Issue(reference).reason(), v1::REFUSAL_REASON_MORE_PROOF);
  clock_.Advance(std::chrono::minutes(31));
  session_ = SignInStaff(tessa_);
  Find(anna_.number, session_);
  desk.Call(&v1::Assist::Stub::SendCode, Send(reference));
  ASSERT_TRUE(desk.Call(&v1::Assist::Stub::CheckCode, Check(reference, OneLetter().code())).ok());
  EXPECT_EQ(Issue(reference).reason(), v1::REFUSAL_REASON_MORE_PROOF);
}

// A02. Fails without: the rule itself: with `mothers_maiden_name` in FindCustomerRequest it was
// found (seen). No code reads an answer.
TEST_F(Attack, A02_KnowingAllAboutACustomerProvesNothing) {
  for (const auto* file :
       {v1::BeginRequest::descriptor()->file(), v1::FindCustomerRequest::descriptor()->file(),
        v1::SignInRequest::descriptor()->file(), v1::GetCaseRequest::descriptor()->file()}) {
    for (int i = 0; i < file->message_type_count(); ++i) {
      for (int k = 0; k < file->message_type(i)->field_count(); ++k) {
        const std::string& name = file->message_type(i)->field(k)->name();
        for (const char* word : {"answer", "question", "birth", "maiden", "hint", "score", "voice"})
          EXPECT_EQ(name.find(word), std::string::npos)
              << file->message_type(i)->field(k)->full_name();
      }
    }
  }
  // Number, name, address and the right caller's number: the telephone still asks for a code.
  PhoneCall call(Phone("knowing"), canaries_, "+491701234567");
  call.Press(anna_.number + "#");
  call.Press("1");
  call.Press("1");
  EXPECT_EQ(call.Press("01011970").front(), "wrong");
  EXPECT_EQ(call.spoken().find("Annabel"), std::string::npos);
  EXPECT_EQ(call.spoken().find("example.org"), std::string::npos);
  call.HangUp();
}

// A03. Fails without: RefuseOwnAccount, JournalOwnAccount (seen for both), and the terminal in
// TouchStaffSession.
// Two logins of one person, and maker and checker, wait for approvals.
TEST_F(Staff, A03_NobodyServesThemselvesOrFromElsewhere) {
  const std::string reference = Find(anna_.number, session_).value().reference();
  Prove(reference);
  Teller ada = AddTeller("ada", "west", anna_.id);
  const std::string own = SignInStaff(ada);
  Caller desk = Terminal();
  const auto refused = v1::REFUSAL_REASON_OWN_ACCOUNT;
  const int looks = Count(anna_, model::Event::kStaffViewed);
  EXPECT_EQ(Find(anna_.number, own).reason(), refused);
  EXPECT_EQ(desk.Call(&v1::Assist::Stub::RecordInspection, Inspection(own, reference)).reason(),
            refused);
  auto send = Send(reference);
  send.set_staff_session(own);
  EXPECT_EQ(desk.Call(&v1::Assist::Stub::SendCode, send).reason(), refused);
  auto check = Check(reference, "12345678");
  check.set_staff_session(own);
  EXPECT_EQ(desk.Call(&v1::Assist::Stub::CheckCode, check).reason(), refused);
  EXPECT_EQ(
      desk.Call(&v1::Assist::Stub::IssueToken, On<v1::IssueTokenRequest>(own, reference)).reason(),
      refused);
  EXPECT_EQ(
      desk.Call(&v1::Assist::Stub::UnlockAccount, On<v1::UnlockAccountRequest>(own, reference))
          .reason(),
      refused);
  EXPECT_EQ(
      desk.Call(&v1::Assist::Stub::LiftFreeze, On<v1::LiftFreezeRequest>(own, reference)).reason(),
      refused);
  EXPECT_EQ(desk.Call(&v1::Cases::Stub::GetCase, On<v1::GetCaseRequest>(own, reference)).reason(),
            refused);
  auto note = On<v1::AddNoteRequest>(own, reference);
  note.set_text("let me in");
  note.clear_idempotency_key();
  EXPECT_EQ(desk.Call(&v1::Cases::Stub::AddNote, note).reason(), v1::REFUSAL_REASON_MALFORMED)
      << "without a key";
  note.set_idempotency_key(Key());
  EXPECT_EQ(desk.Call(&v1::Cases::Stub::AddNote, note).reason(), refused);
  EXPECT_EQ(Count(anna_, model::Event::kStaffViewed), looks + 9) << "each try is on record";
  // A session is good at its own terminal, a person in their own branch, and both only while there.
  for (Caller other : {Terminal("west", "two"), Terminal("east", "one")}) {
    EXPECT_EQ(
        other.Call(&v1::Cases::Stub::GetCase, On<v1::GetCaseRequest>(session_, reference)).reason(),
        v1::REFUSAL_REASON_EXPIRED);
  }
  EXPECT_EQ(TrySignIn(tessa_, Terminal("east")).reason(), v1::REFUSAL_REASON_WRONG);
  Write([&](ledger::Transaction& tx) -> Done {
    LATCHKEY_TRY(
        tx.Run("UPDATE staff SET disabled_at = $2 WHERE id = $1", tessa_.id, clock_.Now()));
    return {};
  });
  EXPECT_EQ(Issue(reference).reason(), v1::REFUSAL_REASON_EXPIRED);
  EXPECT_EQ(TrySignIn(tessa_, Terminal()).reason(), v1::REFUSAL_REASON_WRONG);
}

// D07. Fails without: IsGenuine in LoadEvidence (seen: the token was issued), SessionMac's
// comparison (seen), and what SealCredentials binds to (seen: own account).
TEST_F(Staff, D07_ATellerWhoWritesToTheDatabaseGainsNothing) {
  Teller ada = AddTeller("ada", "west", anna_.id);
  const std::string own = SignInStaff(ada);
  session_ = SignInStaff(tessa_);
  const std::string reference = Find(anna_.number, session_).value().reference();
  Caller desk = Terminal();
  ASSERT_TRUE(desk.Call(&v1::Assist::Stub::RecordInspection, Inspection(session_, reference)).ok());
  // The document is made a code, and a second piece, that no customer gave, stands beside it.
  Tamper(
      "INSERT INTO evidence SELECT id + 1, account_id, security_epoch, recovery_id, case_id, 1, "
      "contact_id, 1,"
      " channel, staff_id, at, fresh_until, mac FROM evidence");
  EXPECT_EQ(Issue(reference).reason(), v1::REFUSAL_REASON_MORE_PROOF);

  // Ada's own account is nobody's any more; she may be anywhere; and Tessa's session is hers.
  const std::string of_ada = " WHERE login = 'ada'", to_ada = std::to_string(ada.id.value);
  Tamper("UPDATE staff SET own_account_id = NULL" + of_ada);
  EXPECT_EQ(Find(anna_.number, own).reason(), v1::REFUSAL_REASON_EXPIRED);
  EXPECT_EQ(TrySignIn(ada, Terminal()).reason(), v1::REFUSAL_REASON_WRONG);
  Tamper("UPDATE staff SET own_account_id = " + std::to_string(anna_.id.value) + of_ada);
  Tamper("UPDATE staff SET branch = 'east'" + of_ada);
  EXPECT_EQ(TrySignIn(ada, Terminal("east")).reason(), v1::REFUSAL_REASON_WRONG);
  Tamper("UPDATE staff SET branch = 'west'" + of_ada);
  Tamper("UPDATE staff_sessions SET staff_id = " + to_ada);
  EXPECT_EQ(Find(anna_.number, session_).reason(), v1::REFUSAL_REASON_EXPIRED);
}

// A04. Fails without: MaskContact in the case's view (seen: the address stood on the screen).
TEST_F(Staff, A04_TheTellerLearnsNothingThatOpens) {
  const std::string reference = Find(anna_.number, session_).value().reference();
  Prove(reference);
  const auto issued = Issue(reference);
  ASSERT_TRUE(issued.ok());
  auto look = On<v1::GetCaseRequest>(session_, reference);
  const std::string seen = Terminal().Call(&v1::Cases::Stub::GetCase, look).Bytes() +
                           issued.value().updated().SerializeAsString();
  for (const std::string& hidden : {anna_.email, anna_.second_email, std::string("anna@"),
                                    issued.value().token(), anna_.password, VerifierOf(anna_.id)})
    EXPECT_EQ(seen.find(hidden), std::string::npos) << hidden;
  EXPECT_EQ(Letters().size(), 2u) << "every address was told of the token";
  // With the number and the teller's own eyes only: a code goes where the teller is not.
  Visitor teller = Browser("terminal west/one");
  EXPECT_EQ(teller.UseBranchToken(anna_.number, issued.value().token()).location(),
            "/recover/code");
  const Letter code = OneLetter();
  EXPECT_EQ(code.to(), anna_.email);
  for (int n = 1; n <= 5; ++n) EXPECT_NE(teller.TypeCode(WrongCode(code.code(), n)).status, 303);
  EXPECT_NE(teller.TypeCode(code.code()).status, 303) << "worn out";
}

// A05. Fails without: the demand for both proofs in IssueToken (seen: half an hour later the token
// was given). Evidence of a terminal with chip and PIN waits for such terminals.
TEST_F(Staff, A05_NobodyWasHere) {
  const std::string annas = Find(anna_.number, session_).value().reference();
  const std::string brunos = Find(bruno_.number, session_).value().reference();
  Caller desk = Terminal();
  desk.Call(&v1::Assist::Stub::SendCode, Send(brunos));
  const std::string code = OneLetter().code();
  EXPECT_EQ(desk.Call(&v1::Assist::Stub::CheckCode, Check(annas, code)).reason(),
            v1::REFUSAL_REASON_WRONG);
  EXPECT_TRUE(desk.Call(&v1::Assist::Stub::CheckCode, Check(brunos, code)).ok());
  EXPECT_EQ(desk.Call(&v1::Assist::Stub::CheckCode, Check(brunos, code)).reason(),
            v1::REFUSAL_REASON_WRONG)
      << "a code is good once";
  Prove(annas);
  clock_.Advance(std::chrono::minutes(31));
  session_ = SignInStaff(tessa_);
  Find(anna_.number, session_);
  EXPECT_EQ(Issue(annas).reason(), v1::REFUSAL_REASON_MORE_PROOF) << "half an hour ago is not now";
  Prove(annas);
  int issued = 0;
  while (Issue(annas).ok()) ++issued;
  EXPECT_EQ(issued, 12) << "each person has so many";
  EXPECT_EQ(Issue(annas).reason(), v1::REFUSAL_REASON_RESTING);
  Letters();
}

// A05: an inspection counts in every branch for its half hour, so that nobody is asked twice (Law
// 15); the journal names who inspected and who issued.
// Fails without: the staff of the entry, in RecordInspection or in IssueToken (seen each).
TEST_F(Staff, A05_WhoeverInspectedElsewhereIsNamedBesideWhoIssues) {
  const std::string annas = Find(anna_.number, session_).value().reference();
  Terminal().Call(&v1::Assist::Stub::RecordInspection, Inspection(session_, annas));
  const Teller willa = AddTeller("willa", "east");
  Caller east = Terminal("east");
  session_ = TrySignIn(willa, east).value().staff_session();
  v1::FindCustomerRequest find;
  find.set_staff_session(session_);
  find.set_customer_number(anna_.number);
  find.set_reason(v1::REASON_FORGOT_PASSWORD);
  ASSERT_TRUE(east.Call(&v1::Assist::Stub::FindCustomer, find).ok());
  const auto issue = [&] {
    return east.Call(&v1::Assist::Stub::IssueToken, On<v1::IssueTokenRequest>(session_, annas))
        .reason();
  };
  EXPECT_EQ(issue(), v1::REFUSAL_REASON_MORE_PROOF);
  east.Call(&v1::Assist::Stub::SendCode, Send(annas));
  ASSERT_TRUE(east.Call(&v1::Assist::Stub::CheckCode, Check(annas, OneLetter().code())).ok());
  EXPECT_EQ(issue(), v1::REFUSAL_REASON_UNSPECIFIED);
  EXPECT_EQ(Letters().size(), 2u);
  EXPECT_EQ(WhoDid(model::Event::kDocumentInspected), tessa_.id);
  EXPECT_EQ(WhoDid(model::Event::kAssistedTokenIssued), willa.id);
}

// K07: whoever knows a customer's number guesses from everywhere, without a pause, at the token
// that she carries home. Fails without: the exception of branch tokens in LanesOf (it rested, the
// token was not compared); its ten million tries in TriesOf (seen: five ended it).
TEST_F(Staff, K07_NoStrangerEndsABranchTokenOrMakesItRest) {
  const std::string annas = Find(anna_.number, session_).value().reference();
  Prove(annas);
  const std::string token = Issue(annas).value().token();
  Letters();
  Caller web = Web();
  const auto redeem = [&](const std::string& digits) {
    v1::RedeemAssistedRequest request;
    request.set_customer_number(anna_.number);
    request.set_token(digits);
    request.set_idempotency_key(Key());
    *request.mutable_source() = From(NextAddress());
    return web.Call(&v1::Recovery::Stub::RedeemAssisted, request).reason();
  };
  for (int i = 0; i < 1'100; ++i) {
    std::string wrong = std::to_string(100'000'000'000 + i);
    if (wrong == token) continue;
    EXPECT_NE(redeem(wrong), v1::REFUSAL_REASON_UNSPECIFIED) << "no stranger gets in";
  }
  EXPECT_EQ(redeem(token), v1::REFUSAL_REASON_UNSPECIFIED);
  EXPECT_FALSE(OneLetter().code().empty()) << "the code that goes with it";
}

// A06. Fails without: the hold in IsSettled (seen: the code and the message were sent).
TEST_F(Staff, A06_ANewContactReceivesNothingThatOpens) {
  clock_.Advance(std::chrono::days(400));
  session_ = SignInStaff(tessa_);
  Write([&](ledger::Transaction& tx) {
    return testing::RedateContacts(tx, A().store(), anna_.id, clock_.Now());
  });
  const std::string reference = Find(anna_.number, session_).value().reference();
  EXPECT_EQ(Terminal().Call(&v1::Assist::Stub::SendCode, Send(reference)).reason(),
            v1::REFUSAL_REASON_MORE_PROOF);
  Browser().AskForMessage(anna_.email);
  PhoneCall call(Phone(), canaries_);
  call.Press(anna_.number + "#");
  call.Press("1");
  call.Press("2");
  call.HangUp();
  EXPECT_TRUE(Letters().empty());
  clock_.Advance(std::chrono::days(7) - Millis(1));
  Browser().AskForMessage(anna_.email);
  EXPECT_TRUE(Letters().empty());
  clock_.Advance(Millis(1));
  Browser().AskForMessage(anna_.email);
  EXPECT_EQ(OneLetter().to(), anna_.email);
}

// A08. Fails without: the look at the caller's role in Edge::Admit (seen).
TEST_F(Staff, A08_EachGatewayHasItsOwnDoorsOnly) {
  const auto may_call = [&](Caller caller, const MethodDescriptor& method) {
    grpc::ClientContext context;
    std::string path = "/" + method.service()->full_name() + "/" + method.name();
    const grpc::internal::RpcMethod rpc(path.c_str(), grpc::internal::RpcMethod::NORMAL_RPC);
    v1::GetStatusRequest nothing;
    v1::GetStatusResponse answer;
    return grpc::internal::BlockingUnaryCall(caller.channel().get(), rpc, &context, nothing,
                                             &answer)
               .error_code() != grpc::StatusCode::PERMISSION_DENIED;
  };
  const std::map<std::string, std::string> doors = {{"SignIn", "web"},    {"Recovery", "web phone"},
                                                    {"Staff", "branch"},  {"Cases", "branch"},
                                                    {"Assist", "branch"}, {"Operator", "operator"}};
  const std::string not_by_phone = " OpenLink SetPassword ";
  int methods = 0;
  for (const auto* file :
       {v1::BeginRequest::descriptor()->file(), v1::FindCustomerRequest::descriptor()->file(),
        v1::SignInRequest::descriptor()->file(), v1::GetCaseRequest::descriptor()->file(),
        v1::SignInStaffRequest::descriptor()->file(), v1::GetStatusRequest::descriptor()->file()}) {
    for (int i = 0; i < file->service(0)->method_count(); ++i) {
      const MethodDescriptor& method = *file->service(0)->method(i);
      std::string who = doors.at(method.service()->name());
      if (not_by_phone.find(" " + method.name() + " ") != std::string::npos) who = "web";
      if (method.name() == "SendLink") who = "phone";
      EXPECT_EQ(may_call(Web(), method), who.find("web") != std::string::npos)
          << method.full_name();
      EXPECT_EQ(may_call(Phone(), method), who.find("phone") != std::string::npos)
          << method.full_name();
      EXPECT_EQ(may_call(Terminal(), method), who == "branch") << method.full_name();
      EXPECT_EQ(may_call(Operator(), method), who == "operator") << method.full_name();
      ++methods;
    }
  }
  EXPECT_GE(methods, 25);
}

}  // namespace
}  // namespace latchkey::attacks
