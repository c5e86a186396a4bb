// SPDX-License-Identifier: Apache-2.0
#include "clients/portal/grpc_backend.h"

#include "clients/common/call.h"
#include "latchkey/v1/recovery.grpc.pb.h"
#include "latchkey/v1/signin.grpc.pb.h"
#include "services/base/log.h"

namespace latchkey::portal {
namespace {

class GrpcBackend final : public Backend {
 public:
  GrpcBackend(std::shared_ptr<grpc::Channel> channel, std::chrono::milliseconds patience)
      : patience_(patience),
        sign_in_(v1::SignIn::NewStub(channel)),
        recovery_(v1::Recovery::NewStub(std::move(channel))) {}

  void SignIn(v1::SignInRequest request, Then<v1::SignInResponse> then) override {
    Call(*sign_in_->async(), &SignInCalls::SignIn, std::move(request), std::move(then));
  }
  void GetSession(v1::GetSessionRequest request, Then<v1::GetSessionResponse> then) override {
    Call(*sign_in_->async(), &SignInCalls::GetSession, std::move(request), std::move(then));
  }
  void SignOut(v1::SignOutRequest request, Then<v1::SignOutResponse> then) override {
    Call(*sign_in_->async(), &SignInCalls::SignOut, std::move(request), std::move(then));
  }
  void Begin(v1::BeginRequest request, Then<v1::BeginResponse> then) override {
    Call(*recovery_->async(), &RecoveryCalls::Begin, std::move(request), std::move(then));
  }
  void OpenLink(v1::OpenLinkRequest request, Then<v1::ProofResponse> then) override {
    Call(*recovery_->async(), &RecoveryCalls::OpenLink, std::move(request), std::move(then));
  }
  void SubmitCode(v1::SubmitCodeRequest request, Then<v1::ProofResponse> then) override {
    Call(*recovery_->async(), &RecoveryCalls::SubmitCode, std::move(request), std::move(then));
  }
  void RedeemAssisted(v1::RedeemAssistedRequest request,
                      Then<v1::RedeemAssistedResponse> then) override {
    Call(*recovery_->async(), &RecoveryCalls::RedeemAssisted, std::move(request), std::move(then));
  }
  void GetRecovery(v1::GetRecoveryRequest request, Then<v1::ProofResponse> then) override {
    Call(*recovery_->async(), &RecoveryCalls::GetRecovery, std::move(request), std::move(then));
  }
  void SetPassword(v1::SetPasswordRequest request, Then<v1::SetPasswordResponse> then) override {
    Call(*recovery_->async(), &RecoveryCalls::SetPassword, std::move(request), std::move(then));
  }
  void Unlock(v1::UnlockRequest request, Then<v1::UnlockResponse> then) override {
    Call(*recovery_->async(), &RecoveryCalls::Unlock, std::move(request), std::move(then));
  }
  void Freeze(v1::FreezeRequest request, Then<v1::FreezeResponse> then) override {
    Call(*recovery_->async(), &RecoveryCalls::Freeze, std::move(request), std::move(then));
  }
  void AskForPerson(v1::AskForPersonRequest request, Then<v1::AskForPersonResponse> then) override {
    Call(*recovery_->async(), &RecoveryCalls::AskForPerson, std::move(request), std::move(then));
  }

 private:
  using SignInCalls = class v1::SignIn::Stub::async;
  using RecoveryCalls = class v1::Recovery::Stub::async;

  template <typename Calls, typename Request, typename Response>
  void Call(Calls& calls,
            void (Calls::*method)(grpc::ClientContext*, const Request*, Response*,
                                  std::function<void(grpc::Status)>),
            Request request, Then<Response> then) {
    client::AskAsync<Response>(
        std::move(request),
        [&](grpc::ClientContext* context, const Request* in, Response* out,
            std::function<void(grpc::Status)> on_done) {
          (calls.*method)(context, in, out, std::move(on_done));
        },
        std::function<void(client::Answer<Response>)>(
            [then = std::move(then)](client::Answer<Response> answer) {
              if (answer.ok()) {
                then(std::move(answer.value()));
              } else {
                const client::Refused& refused = answer.refused();
                if (refused.unreachable)
                  log::Warning("portal.service_unreachable", {{"misfit", refused.misfit}});
                then(answer.refused());
              }
            }),
        patience_);
  }

  const std::chrono::milliseconds patience_;
  std::unique_ptr<v1::SignIn::Stub> sign_in_;
  std::unique_ptr<v1::Recovery::Stub> recovery_;
};

}  // namespace

std::unique_ptr<Backend> MakeGrpcBackend(std::shared_ptr<grpc::Channel> channel,
                                         std::chrono::milliseconds patience) {
  return std::make_unique<GrpcBackend>(std::move(channel), patience);
}

}  // namespace latchkey::portal
