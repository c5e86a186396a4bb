// SPDX-License-Identifier: Apache-2.0
// What the portal asks of the service. The portal decides nothing: each page makes at most one of
// these calls.
#pragma once

#include <functional>
#include <utility>
#include <variant>

#include "clients/common/refusal.h"
#include "latchkey/v1/recovery.pb.h"
#include "latchkey/v1/signin.pb.h"
#include "services/base/check.h"

namespace latchkey::portal {

// A response, or why there is none.
template <typename Response>
class [[nodiscard]] Outcome {
 public:
  Outcome(Response response) : state_(std::move(response)) {}       // NOLINT: implicit on purpose
  Outcome(client::Refused refused) : state_(std::move(refused)) {}  // NOLINT: implicit on purpose
  bool ok() const { return state_.index() == 0; }
  const Response& value() const {
    LATCHKEY_CHECK(ok());
    return std::get<0>(state_);
  }
  const client::Refused& refused() const {
    LATCHKEY_CHECK(!ok());
    return std::get<1>(state_);
  }

 private:
  std::variant<Response, client::Refused> state_;
};

template <typename Response>
using Then = std::function<void(Outcome<Response>)>;

// Threads: any. No call blocks; `then` is called once, later, on any thread.
class Backend {
 public:
  virtual ~Backend() = default;
  virtual void SignIn(v1::SignInRequest request, Then<v1::SignInResponse> then) = 0;
  virtual void GetSession(v1::GetSessionRequest request, Then<v1::GetSessionResponse> then) = 0;
  virtual void SignOut(v1::SignOutRequest request, Then<v1::SignOutResponse> then) = 0;
  virtual void Begin(v1::BeginRequest request, Then<v1::BeginResponse> then) = 0;
  virtual void OpenLink(v1::OpenLinkRequest request, Then<v1::ProofResponse> then) = 0;
  virtual void SubmitCode(v1::SubmitCodeRequest request, Then<v1::ProofResponse> then) = 0;
  virtual void RedeemAssisted(v1::RedeemAssistedRequest request,
                              Then<v1::RedeemAssistedResponse> then) = 0;
  virtual void GetRecovery(v1::GetRecoveryRequest request, Then<v1::ProofResponse> then) = 0;
  virtual void SetPassword(v1::SetPasswordRequest request, Then<v1::SetPasswordResponse> then) = 0;
  virtual void Unlock(v1::UnlockRequest request, Then<v1::UnlockResponse> then) = 0;
  virtual void Freeze(v1::FreezeRequest request, Then<v1::FreezeResponse> then) = 0;
  virtual void AskForPerson(v1::AskForPersonRequest request,
                            Then<v1::AskForPersonResponse> then) = 0;
};

}  // namespace latchkey::portal
