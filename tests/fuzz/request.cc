// SPDX-License-Identifier: Apache-2.0
// Any message of the contract, sent to a whole node over mutual TLS, is answered or refused with a
// reason: never with silence, an error of the library, or an end of the service (attacks P05, P07).
//
// An input is the method's name on a line, such as "Recovery/Begin", and then the message.
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
#include <string>
#include <string_view>

#include "services/rpc/caller.h"
#include "tests/attacks/bank.h"

namespace latchkey::attacks {
namespace {

class Bank : public Attack {
 public:
  Bank() {
    SetUpTestSuite();
    SetUp();
  }
  void TestBody() override {}

  grpc::Status Send(const std::string& method, const std::string& message) {
    // So that nothing rests for long, and what was asked for is worked on.
    clock_.Advance(std::chrono::minutes(1));
    if (++calls_ % 64 == 0) A().Drain();
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

  std::map<crypto::Role, std::unique_ptr<grpc::GenericStub>> stubs_;
  uint64_t calls_ = 0;
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

bool IsMessage(const google::protobuf::Descriptor& type, const std::string& bytes) {
  const auto* prototype =
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(&type);
  const std::unique_ptr<google::protobuf::Message> message(prototype->New());
  return message->ParseFromString(bytes);
}

}  // namespace
}  // namespace latchkey::attacks

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace latchkey::attacks;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t line = input.find('\n');
  if (line == std::string_view::npos) return 0;
  const std::string name(input.substr(0, line)), message(input.substr(line + 1));
  const auto* type = RequestOf(name);
  // What is no message never reaches a handler: gRPC refuses it.
  if (type == nullptr || !IsMessage(*type, message)) return 0;

  // For good: the process ends with it.
  static Bank* const bank = new Bank;
  const grpc::Status status = bank->Send("/latchkey.v1." + name, message);
  if (status.ok()) return 0;
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
