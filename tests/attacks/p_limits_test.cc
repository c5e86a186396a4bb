// SPDX-License-Identifier: Apache-2.0
// Attacks by what is left out, and by saying it twice.
#include <google/protobuf/descriptor.h>

#include <latch>
#include <map>
#include <set>
#include <string>
#include <thread>

#include "tests/attacks/limits.h"

namespace latchkey::attacks {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

using Texts = std::map<std::string, std::string>;

// Fills every field of a request with something of the right shape, which `own` may name by field.
void FillWhole(Message& message, const Texts& own = {}) {
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *message.GetDescriptor()->field(i);
    const auto& reflection = *message.GetReflection();
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      FillWhole(*reflection.MutableMessage(&message, &field), own);
    } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
      reflection.SetEnumValue(&message, &field, 1);
    } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_UINT32) {
      reflection.SetUInt32(&message, &field, 1);
    } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      const std::string& name = field.name();
      const std::string value = own.contains(name)          ? own.at(name)
                                : name == "idempotency_key" ? std::string(16, 'k')
                                : name == "address"         ? "192.0.2.77"
                                : name == "language"        ? "en"
                                : name == "code"            ? "10203040"
                                : name == "identifier"      ? "nobody-here"
                                : name == "customer_number" ? "99999999"
                                : name == "token"           ? "102030405060"
                                : name.find("password") != std::string::npos
                                    ? "never in force anywhere"
                                    : std::string(32, 'b');
      reflection.SetString(&message, &field, value);
    }
  }
}

class LeftOut : public Limits {
 protected:
  // Sends `whole`, filled, and then without each of its fields but `optional`; with each enum of a
  // newer version, and with a field of one.
  void TryAll(RawH2& wire, const std::string& path, Message&& whole,
              const std::set<std::string>& optional = {}) {
    FillWhole(whole, own_);
    const auto status = [&](const Message& message) {
      return wire.Ask(RawH2::Call(path), message.SerializeAsString()).grpc_status.value_or(-1);
    };
    ASSERT_NE(status(whole), kInvalidArgument) << path << " as a whole";
    const auto& reflection = *whole.GetReflection();
    for (int i = 0; i < whole.GetDescriptor()->field_count(); ++i) {
      const FieldDescriptor& field = *whole.GetDescriptor()->field(i);
      // A oneof's other member is filled last; dropping the first one drops nothing.
      if (field.containing_oneof() && !reflection.HasField(whole, &field)) continue;
      if (optional.contains(field.name())) continue;
      std::unique_ptr<Message> poorer(whole.New());
      poorer->CopyFrom(whole);
      // Not the request from before once more.
      if (const auto* key = whole.GetDescriptor()->FindFieldByName("idempotency_key"))
        reflection.SetString(poorer.get(), key, Key());
      reflection.ClearField(poorer.get(), &field);
      const auto other = answers_.find(field.name());
      EXPECT_EQ(status(*poorer), other == answers_.end() ? kInvalidArgument : other->second)
          << path << " without " << field.name();
      if (field.cpp_type() != FieldDescriptor::CPPTYPE_ENUM) continue;
      reflection.SetEnumValue(poorer.get(), &field, 99);
      EXPECT_EQ(status(*poorer), kInvalidArgument) << path << ": 99 for " << field.name();
    }
    const std::string bytes = whole.SerializeAsString();
    EXPECT_EQ(wire.Ask(RawH2::Call(path), bytes + "\xf8\x3f\x01").grpc_status, kInvalidArgument)
        << path << " with a field of a newer version";
  }

  Texts own_;
  std::map<std::string, int> answers_;  // to the absence of a field, where another is meant
};

// P07. Fails without: IntentOf's refusal of zero, CheckSignInRequest and HasForbiddenUnknownFields
// (seen for the first two), or CheckKey in SendLink (seen).
TEST_F(LeftOut, P07_WhatIsLeftOutOrUnknownIsNotGuessedAt) {
  const auto portal = Wire(), phone = Wire(crypto::Role::kIvr);
  portal->Greet();
  phone->Greet();
  TryAll(*portal, "/latchkey.v1.SignIn/SignIn", v1::SignInRequest());
  TryAll(*portal, "/latchkey.v1.Recovery/Begin", v1::BeginRequest());
  TryAll(*portal, "/latchkey.v1.Recovery/OpenLink", v1::OpenLinkRequest());
  TryAll(*portal, "/latchkey.v1.Recovery/SubmitCode", v1::SubmitCodeRequest());
  TryAll(*portal, "/latchkey.v1.Recovery/RedeemAssisted", v1::RedeemAssistedRequest());
  TryAll(*phone, "/latchkey.v1.Recovery/SendLink", v1::SendLinkRequest(),
         {"source"});  // a number may be withheld
  TryAll(*portal, "/latchkey.v1.Recovery/SetPassword", v1::SetPasswordRequest(),
         {"new_password"});  // none is one that is too short: S10
  TryAll(*portal, "/latchkey.v1.Recovery/Unlock", v1::UnlockRequest());
  TryAll(*portal, "/latchkey.v1.Recovery/Freeze", v1::FreezeRequest());
  TryAll(*portal, "/latchkey.v1.Recovery/AskForPerson", v1::AskForPersonRequest());
  // The same field twice is one field with the last value, for the one parser that there is.
  v1::BeginRequest first = BeginFor("anna", "192.0.2.77"),
                   second = BeginFor("nobody", "192.0.2.77");
  EXPECT_EQ(portal
                ->Ask(RawH2::Call("/latchkey.v1.Recovery/Begin"),
                      first.SerializeAsString() + second.SerializeAsString())
                .grpc_status,
            0);
  ExpectNoMail();
}

// P07, by staff: a branch's certificate, and a session at its terminal.
// Fails without: CheckKey in assist_service.cc (seen), or the refusals of zero and 99 in either
// FromWire: the process ended in a CHECK of Words (seen each).
TEST_F(LeftOut, P07_WhatStaffLeaveOutIsNotGuessedAt) {
  const Teller tessa = AddTeller("tessa");
  v1::SignInStaffRequest enter;
  enter.set_staff_login(tessa.login);
  enter.set_password(tessa.password);
  enter.set_totp(Totp(tessa));
  const auto entered = Terminal().Call(&v1::Staff::Stub::SignInStaff, enter);
  v1::FindCustomerRequest find;
  find.set_staff_session(entered.value().staff_session());
  find.set_customer_number(anna_.number);
  find.set_reason(v1::REASON_LOCKED);
  const auto found = Terminal().Call(&v1::Assist::Stub::FindCustomer, find);
  own_ = {{"staff_session", entered.value().staff_session()},
          {"case_reference", found.value().reference()},
          {"customer_number", anna_.number},
          {"document_number_tail", "47Ab"},
          {"totp", "123456"}};
  // No session is one that has ended, and no contact has the index 0.
  answers_ = {{"staff_session", kFailedPrecondition}, {"contact_index", kNotFound}};
  const auto branch = Wire(crypto::Role::kBranch);
  branch->Greet();
  const std::string assist = "/latchkey.v1.Assist/", cases = "/latchkey.v1.Cases/";
  TryAll(*branch, cases + "GetCase", v1::GetCaseRequest());
  TryAll(*branch, cases + "AddNote", v1::AddNoteRequest());
  TryAll(*branch, cases + "ListWaiting", v1::ListWaitingRequest());
  // A note is asked for with one reason only.
  TryAll(*branch, assist + "FindCustomer", v1::FindCustomerRequest(), {"note"});
  TryAll(*branch, assist + "RecordInspection", v1::RecordInspectionRequest());
  TryAll(*branch, assist + "SendCode", v1::SendCodeRequest());
  TryAll(*branch, assist + "CheckCode", v1::CheckCodeRequest());
  TryAll(*branch, assist + "IssueToken", v1::IssueTokenRequest());
  TryAll(*branch, assist + "UnlockAccount", v1::UnlockAccountRequest());
  TryAll(*branch, assist + "LiftFreeze", v1::LiftFreezeRequest());
  TryAll(*branch, "/latchkey.v1.Staff/SignInStaff", v1::SignInStaffRequest());
  answers_.clear();
  TryAll(*branch, "/latchkey.v1.Staff/SignOutStaff", v1::SignOutStaffRequest());
  Letters();
}

// P08. Fails without: AnswerAgain's comparison with the password that was set (seen: another one
// got the same answer), or TakeTurn in SetPassword (seen: two to eleven of sixteen were answered).
TEST_F(Limits, P08_WhatIsSaidTwiceIsDoneOnce) {
  Caller web = Web(), web_b = Web("web", &B());
  const v1::BeginRequest begin = BeginFor("anna", "192.0.2.1");
  const std::string handle = web.Call(&v1::Recovery::Stub::Begin, begin).value().handle();
  EXPECT_EQ(web_b.Call(&v1::Recovery::Stub::Begin, begin).value().handle(), handle);
  v1::BeginRequest other = begin;
  other.set_identifier("bruno");
  EXPECT_EQ(web.Call(&v1::Recovery::Stub::Begin, other).reason(), v1::REFUSAL_REASON_CONFLICT);
  B().Drain();
  const Letter letter = OneLetter();
  const std::string session =
      web.Call(&v1::Recovery::Stub::OpenLink, OpenBy(letter.link())).value().recovery_session();

  MayChange(anna_);
  // Two of the recovery's ten offers are left: one for each node, however many repetitions come.
  for (int i = 0; i < 8; ++i) {
    EXPECT_EQ(web.Call(&v1::Recovery::Stub::SetPassword, SetBy(session, "short")).reason(),
              v1::REFUSAL_REASON_PASSWORD_UNSUITABLE);
  }
  const v1::SetPasswordRequest set = SetBy(session, kNewPassword);
  std::atomic<int> answered = 0;
  std::latch start(16);
  std::vector<std::thread> clients;
  for (int i = 0; i < 16; ++i) {
    clients.emplace_back([&, i] {
      Caller each = i % 2 == 0 ? web : web_b;
      start.arrive_and_wait();
      answered += each.Call(&v1::Recovery::Stub::SetPassword, set).ok() ? 1 : 0;
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(answered, 16);
  EXPECT_EQ(Count(anna_, model::Event::kPasswordReset), 1);
  v1::SetPasswordRequest changed = set;
  changed.set_new_password("quite another herring");
  EXPECT_EQ(web.Call(&v1::Recovery::Stub::SetPassword, changed).reason(),
            v1::REFUSAL_REASON_CONFLICT);
  v1::UnlockRequest unlock;
  unlock.set_recovery_session(session);
  unlock.set_idempotency_key(set.idempotency_key());
  *unlock.mutable_source() = From("192.0.2.1");
  EXPECT_FALSE(web.Call(&v1::Recovery::Stub::Unlock, unlock).ok())
      << "a key is good for one method";
  EXPECT_TRUE(PasswordIs(anna_, kNewPassword));
  EXPECT_EQ(Letters().size(), 2u) << "each address was told once";
}

// P08. Fails without: KeepToken in SubmitCode's Accept, or the digits in RepeatableGuess (seen
// each).
TEST_F(Limits, P08_ACodeWhoseAnswerWasLostIsAnsweredAgainAndNoOtherCode) {
  const v1::BeginRequest begin = BeginFor("anna", "192.0.2.1");
  Caller web = Web(), web_b = Web("web", &B());
  const std::string handle = web.Call(&v1::Recovery::Stub::Begin, begin).value().handle();
  B().Drain();
  const std::string code = OneLetter().code();
  const v1::SubmitCodeRequest right = CodeBy(handle, code, NextAddress());
  const std::string session =
      web.Call(&v1::Recovery::Stub::SubmitCode, right).value().recovery_session();
  auto again = web_b.Call(&v1::Recovery::Stub::SubmitCode, right);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again.value().recovery_session(), session);
  // Whoever has seen the key and the handle, but not the code, has five guesses like anybody.
  Caller thief = Web("thief");
  for (int i = 1; i <= 6; ++i) {
    v1::SubmitCodeRequest guess = right;
    guess.set_code(WrongCode(code, i));
    *guess.mutable_source() = From(NextAddress());
    EXPECT_EQ(thief.Call(&v1::Recovery::Stub::SubmitCode, guess).reason(),
              i <= 5 ? v1::REFUSAL_REASON_WRONG : v1::REFUSAL_REASON_RESTING);
  }
}

}  // namespace
}  // namespace latchkey::attacks
