// SPDX-License-Identifier: Apache-2.0
// Any message of the contract, sent to a whole node over mutual TLS, is answered or refused with a
// reason: never with silence, an error of the library, or an end of the service (attacks P05, P07).
//
// An input is the method's name on a line, such as "Recovery/Begin", and then the message. Where a
// session, handle, link or case reference is "live", one that is takes its place: no fuzzer finds
// 32 right bytes, and what lies behind them is to be reached.
#include <google/protobuf/descriptor.h>
#include <google/protobuf/dynamic_message.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/byte_buffer.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "services/base/log.h"
#include "services/rpc/caller.h"
#include "tests/attacks/bank.h"

namespace latchkey::attacks {
namespace {

class Bank : public Attack {
 public:
  Bank() {
    SetUpTestSuite();
    SetUp();
    tessa_ = AddTeller("tessa");
    web_.emplace(Web());
    terminal_.emplace(Terminal());
    log::CaptureForTest(&heard_);
  }
  void TestBody() override {}

  // Puts what is alive where the message says "live".
  void Enliven(google::protobuf::Message& message) {
    const auto& fields = *message.GetReflection();
    const google::protobuf::Descriptor& type = *message.GetDescriptor();
    for (int i = 0; i < type.field_count(); ++i) {
      const auto* field = type.field(i);
      if (field->is_repeated() ||
          field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_STRING ||
          fields.GetString(message, field) != kLive)
        continue;
      if (uses_++ % kUsesOfALife == 0) Renew();
      const auto alive = alive_.find(std::string(field->name()));
      if (alive != alive_.end()) fields.SetString(&message, field, alive->second);
    }
  }

  // What was alive may have ended by this call.
  void Forget() { uses_ = 0; }

  grpc::Status Send(const std::string& method, const std::string& message) {
    // So that nothing rests for long, and what was asked for is worked on.
    clock_.Advance(std::chrono::minutes(1));
    if (++calls_ % 64 == 0) {
      A().Drain();
      heard_.clear();
    }
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    const grpc::Slice slice(message);
    const grpc::ByteBuffer request(&slice, 1);
    grpc::ByteBuffer response;
    std::promise<grpc::Status> answered;
    StubFor(method).UnaryCall(&context, method, {}, &request, &response,
                              [&](grpc::Status status) { answered.set_value(std::move(status)); });
    return answered.get_future().get();
  }

 private:
  grpc::GenericStub& StubFor(const std::string& method) {
    const crypto::Role role = rpc::RolesOf(method).at(0);
    std::unique_ptr<grpc::GenericStub>& stub = stubs_[role];
    if (!stub) {
      const bool branch = role == crypto::Role::kBranch;
      stub = std::make_unique<grpc::GenericStub>(Channel(
          Leaf({std::string(kBankDomain), role, branch ? "west" : "", branch ? "one" : ""})));
    }
    return *stub;
  }

  // A recovery of anna's that was proven, her session, and a teller's with her case. Whatever the
  // calls before made of her account, it is open again.
  void Renew() {
    canaries_.Forget();  // hours of them would fill the memory
    SetState(anna_, model::AccountState::kActive);
    clock_.Advance(std::chrono::hours(1));  // the hour's messages
    web_->Call(&v1::Recovery::Stub::Begin, BeginFor("anna", NextAddress()));
    for (const Letter& letter : Letters()) {
      if (letter.link().empty()) continue;
      const auto link = OpenBy(letter.link());
      const auto proof = web_->Call(&v1::Recovery::Stub::OpenLink, link);
      if (!proof.ok()) continue;
      alive_["link_token"] = link.link_token();
      alive_["recovery_session"] = proof.value().recovery_session();
      alive_["code"] = letter.code();
    }
    alive_["identifier"] = "anna";
    alive_["customer_number"] = anna_.number;
    v1::SignInStaffRequest in;
    in.set_staff_login(tessa_.login);
    in.set_password(tessa_.password);
    in.set_totp(Totp(tessa_));
    const auto staff = terminal_->Call(&v1::Staff::Stub::SignInStaff, in);
    if (!staff.ok()) return;
    alive_["staff_session"] = staff.value().staff_session();
    v1::FindCustomerRequest find;
    find.set_staff_session(staff.value().staff_session());
    find.set_customer_number(anna_.number);
    find.set_reason(v1::REASON_FORGOT_PASSWORD);
    const auto found = terminal_->Call(&v1::Assist::Stub::FindCustomer, find);
    if (found.ok()) alive_["case_reference"] = found.value().reference();
  }

  static constexpr std::string_view kLive = "live";
  static constexpr uint64_t kUsesOfALife = 100;
  std::map<crypto::Role, std::unique_ptr<grpc::GenericStub>> stubs_;
  std::map<std::string, std::string> alive_;  // by the field that it is for
  Teller tessa_;
  std::optional<Caller> web_, terminal_;
  std::string heard_;  // the log
  uint64_t calls_ = 0, uses_ = 0;
};

// The request of "Recovery/Begin"; nullptr when there is no such method.
const google::protobuf::Descriptor* RequestOf(std::string_view name) {
  const size_t slash = name.find('/');
  if (slash == std::string_view::npos) return nullptr;
  const auto* service = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
      "latchkey.v1." + std::string(name.substr(0, slash)));
  if (service == nullptr) return nullptr;
  const auto* method = service->FindMethodByName(std::string(name.substr(slash + 1)));
  return method == nullptr ? nullptr : method->input_type();
}

// nullptr when these bytes are none of the type's.
std::unique_ptr<google::protobuf::Message> Parse(const google::protobuf::Descriptor& type,
                                                 const std::string& bytes) {
  const auto* prototype =
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(&type);
  std::unique_ptr<google::protobuf::Message> message(prototype->New());
  if (!message->ParseFromString(bytes)) message.reset();
  return message;
}

}  // namespace
}  // namespace latchkey::attacks

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace latchkey::attacks;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t line = input.find('\n');
  if (line == std::string_view::npos) return 0;
  const std::string name(input.substr(0, line));
  const auto* type = RequestOf(name);
  // What is no message never reaches a handler: gRPC refuses it.
  const auto message =
      type == nullptr ? nullptr : Parse(*type, std::string(input.substr(line + 1)));
  if (!message) return 0;

  // For good: the process ends with it.
  static Bank* const bank = new Bank;
  bank->Enliven(*message);
  const grpc::Status status = bank->Send("/latchkey.v1." + name, message->SerializeAsString());
  if (status.ok()) {
    for (const char* ends : {"Recovery/SetPassword", "Recovery/Unlock", "Recovery/Freeze",
                             "Staff/SignOutStaff", "Assist/UnlockAccount"})
      if (name == ends) bank->Forget();
    return 0;
  }
  // No store is away here: "unavailable" is what an error of our own looks like from outside.
  latchkey::v1::Refusal refusal;
  if (status.error_code() == grpc::StatusCode::UNAVAILABLE || status.error_details().empty() ||
      !refusal.ParseFromString(status.error_details()) ||
      refusal.reason() == latchkey::v1::REFUSAL_REASON_UNSPECIFIED) {
    std::fprintf(stderr, "%s: %d %s\n", name.c_str(), status.error_code(),
                 status.error_message().c_str());
    std::abort();
  }
  return 0;
}
