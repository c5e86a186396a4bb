// SPDX-License-Identifier: Apache-2.0
#include "clients/branch/teller_link.h"

#include <sodium.h>

#include <utility>

#include "clients/common/call.h"
#include "latchkey/v1/assist.grpc.pb.h"
#include "latchkey/v1/cases.grpc.pb.h"
#include "latchkey/v1/staff.grpc.pb.h"

namespace latchkey::branch {
namespace {

void Wipe(std::string* text) { sodium_memzero(text->data(), text->size()); }

template <typename Stub, typename Method, typename Message>
Reply Carried(Stub& stub, Method method, const Message& request) {
  auto answer = client::Ask(stub, method, request);
  if (!answer.ok()) return answer.refused();
  return std::move(answer.value());
}

}  // namespace

struct TellerLink::Stubs {
  explicit Stubs(const std::shared_ptr<grpc::Channel>& channel)
      : staff(channel), assist(channel), cases(channel) {}

  // One overload for each request; a request without one does not compile.
  Reply Carry(v1::SignInStaffRequest& request) {
    Reply reply = Carried(staff, &v1::Staff::Stub::SignInStaff, request);
    Wipe(request.mutable_password());
    Wipe(request.mutable_totp());
    return reply;
  }
  Reply Carry(v1::SignOutStaffRequest& request) {
    return Carried(staff, &v1::Staff::Stub::SignOutStaff, request);
  }
  Reply Carry(v1::FindCustomerRequest& request) {
    return Carried(assist, &v1::Assist::Stub::FindCustomer, request);
  }
  Reply Carry(v1::GetCaseRequest& request) {
    return Carried(cases, &v1::Cases::Stub::GetCase, request);
  }
  Reply Carry(v1::RecordInspectionRequest& request) {
    return Carried(assist, &v1::Assist::Stub::RecordInspection, request);
  }
  Reply Carry(v1::SendCodeRequest& request) {
    return Carried(assist, &v1::Assist::Stub::SendCode, request);
  }
  Reply Carry(v1::CheckCodeRequest& request) {
    Reply reply = Carried(assist, &v1::Assist::Stub::CheckCode, request);
    Wipe(request.mutable_code());
    return reply;
  }
  Reply Carry(v1::IssueTokenRequest& request) {
    return Carried(assist, &v1::Assist::Stub::IssueToken, request);
  }
  Reply Carry(v1::UnlockAccountRequest& request) {
    return Carried(assist, &v1::Assist::Stub::UnlockAccount, request);
  }
  Reply Carry(v1::LiftFreezeRequest& request) {
    return Carried(assist, &v1::Assist::Stub::LiftFreeze, request);
  }
  Reply Carry(v1::AddNoteRequest& request) {
    return Carried(cases, &v1::Cases::Stub::AddNote, request);
  }
  Reply Carry(v1::ListWaitingRequest& request) {
    return Carried(cases, &v1::Cases::Stub::ListWaiting, request);
  }

  v1::Staff::Stub staff;
  v1::Assist::Stub assist;
  v1::Cases::Stub cases;
};

TellerLink::TellerLink(const std::shared_ptr<grpc::Channel>& channel)
    : stubs_(std::make_unique<Stubs>(channel)) {}
TellerLink::~TellerLink() = default;

Reply TellerLink::Carry(Request request) {
  return std::visit(
      [&](auto& message) {
        Reply reply = stubs_->Carry(message);
        if constexpr (requires { message.mutable_staff_session(); })
          Wipe(message.mutable_staff_session());
        return reply;
      },
      request);
}

}  // namespace latchkey::branch
