// SPDX-License-Identifier: Apache-2.0
// Attacks by what is left out, and by saying it twice.
#include <google/protobuf/descriptor.h>

#include <latch>
#include <thread>

#include "tests/attacks/limits.h"

namespace latchkey::attacks {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Fills every field of a request with something of the right shape.
void FillWhole(Message& message) {
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *message.GetDescriptor()->field(i);
    const auto& reflection = *message.GetReflection();
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      FillWhole(*reflection.MutableMessage(&message, &field));
    } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
      reflection.SetEnumValue(&message, &field, 1);
    } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      const std::string& name = field.name();
      const std::string value = name == "idempotency_key"   ? std::string(16, 'k')
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

// P07. Fails without: IntentOf's refusal of zero, CheckSignInRequest and HasForbiddenUnknownFields
// (seen for the first two), or CheckKey in SendLink (seen).
TEST_F(Limits, P07_WhatIsLeftOutOrUnknownIsNotGuessedAt) {
  const auto portal = Wire(), phone = Wire(crypto::Role::kIvr);
  portal->Greet();
  phone->Greet();
  auto try_all = [&](const std::string& path, Message&& whole, RawH2* wire = nullptr) {
    if (wire == nullptr) wire = portal.get();
    FillWhole(whole);
    const auto status = [&](const Message& message) {
      return wire->Ask(RawH2::Call(path), message.SerializeAsString()).grpc_status.value_or(-1);
    };
    ASSERT_NE(status(whole), kInvalidArgument) << path << " as a whole";
    const auto& reflection = *whole.GetReflection();
    for (int i = 0; i < whole.GetDescriptor()->field_count(); ++i) {
      const FieldDescriptor& field = *whole.GetDescriptor()->field(i);
      // A oneof's other member is filled last; dropping the first one drops nothing.
      if (field.containing_oneof() && !reflection.HasField(whole, &field)) continue;
      if (field.name() == "new_password") continue;  // none is one that is too short: S10
      if (field.name() == "source" && wire == phone.get()) continue;  // a number may be withheld
      std::unique_ptr<Message> poorer(whole.New());
      poorer->CopyFrom(whole);
      reflection.ClearField(poorer.get(), &field);
      EXPECT_EQ(status(*poorer), kInvalidArgument) << path << " without " << field.name();
      if (field.cpp_type() != FieldDescriptor::CPPTYPE_ENUM) continue;
      reflection.SetEnumValue(poorer.get(), &field, 99);
      EXPECT_EQ(status(*poorer), kInvalidArgument) << path << ": 99 for " << field.name();
    }
    const std::string bytes = whole.SerializeAsString();
    EXPECT_EQ(wire->Ask(RawH2::Call(path), bytes + "\xf8\x3f\x01").grpc_status, kInvalidArgument)
        << path << " with a field of a newer version";
  };
  try_all("/latchkey.v1.SignIn/SignIn", v1::SignInRequest());
  try_all("/latchkey.v1.Recovery/Begin", v1::BeginRequest());
  try_all("/latchkey.v1.Recovery/OpenLink", v1::OpenLinkRequest());
  try_all("/latchkey.v1.Recovery/SubmitCode", v1::SubmitCodeRequest());
  try_all("/latchkey.v1.Recovery/RedeemAssisted", v1::RedeemAssistedRequest());
  try_all("/latchkey.v1.Recovery/SendLink", v1::SendLinkRequest(), phone.get());
  try_all("/latchkey.v1.Recovery/SetPassword", v1::SetPasswordRequest());
  try_all("/latchkey.v1.Recovery/Unlock", v1::UnlockRequest());
  try_all("/latchkey.v1.Recovery/Freeze", v1::FreezeRequest());
  try_all("/latchkey.v1.Recovery/AskForPerson", v1::AskForPersonRequest());
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
