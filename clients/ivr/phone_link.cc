// SPDX-License-Identifier: Apache-2.0
#include "clients/ivr/phone_link.h"

#include <utility>

#include "clients/common/call.h"
#include "latchkey/v1/recovery.grpc.pb.h"

namespace latchkey::ivr {
namespace {

template <typename Method, typename Message>
Reply Carried(v1::Recovery::Stub& stub, Method method, const Message& request) {
  auto answer = client::Ask(stub, method, request);
  if (!answer.ok()) return answer.refused();
  return std::move(answer.value());
}

}  // namespace

struct PhoneLink::Stub {
  explicit Stub(const std::shared_ptr<grpc::Channel>& channel) : recovery(channel) {}

  // One overload for each request; a request without one does not compile.
  Reply operator()(const v1::BeginRequest& request) {
    return Carried(recovery, &v1::Recovery::Stub::Begin, request);
  }
  Reply operator()(const v1::SubmitCodeRequest& request) {
    return Carried(recovery, &v1::Recovery::Stub::SubmitCode, request);
  }
  Reply operator()(const v1::RedeemAssistedRequest& request) {
    return Carried(recovery, &v1::Recovery::Stub::RedeemAssisted, request);
  }
  Reply operator()(const v1::UnlockRequest& request) {
    return Carried(recovery, &v1::Recovery::Stub::Unlock, request);
  }
  Reply operator()(const v1::SendLinkRequest& request) {
    return Carried(recovery, &v1::Recovery::Stub::SendLink, request);
  }
  Reply operator()(const v1::FreezeRequest& request) {
    return Carried(recovery, &v1::Recovery::Stub::Freeze, request);
  }
  Reply operator()(const v1::AskForPersonRequest& request) {
    return Carried(recovery, &v1::Recovery::Stub::AskForPerson, request);
  }

  v1::Recovery::Stub recovery;
};

PhoneLink::PhoneLink(const std::shared_ptr<grpc::Channel>& channel)
    : stub_(std::make_unique<Stub>(channel)) {}
PhoneLink::~PhoneLink() = default;

Reply PhoneLink::Carry(const Request& request) { return std::visit(*stub_, request); }

}  // namespace latchkey::ivr
