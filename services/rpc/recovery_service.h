// SPDX-License-Identifier: Apache-2.0
// Recovery on the wire: shapes are checked here, decisions are made in services/recovery.
#pragma once

#include "latchkey/v1/recovery.grpc.pb.h"
#include "services/recovery/recovery.h"
#include "services/rpc/edge.h"

namespace latchkey::rpc {

class RecoveryService final : public v1::Recovery::CallbackService {
 public:
  RecoveryService(Edge& edge, const recovery::Parts& parts) : edge_(edge), parts_(parts) {}

  grpc::ServerUnaryReactor* Begin(grpc::CallbackServerContext* context,
                                  const v1::BeginRequest* request,
                                  v1::BeginResponse* response) override;
  grpc::ServerUnaryReactor* OpenLink(grpc::CallbackServerContext* context,
                                     const v1::OpenLinkRequest* request,
                                     v1::ProofResponse* response) override;
  grpc::ServerUnaryReactor* SubmitCode(grpc::CallbackServerContext* context,
                                       const v1::SubmitCodeRequest* request,
                                       v1::ProofResponse* response) override;
  grpc::ServerUnaryReactor* RedeemAssisted(grpc::CallbackServerContext* context,
                                           const v1::RedeemAssistedRequest* request,
                                           v1::RedeemAssistedResponse* response) override;
  grpc::ServerUnaryReactor* GetRecovery(grpc::CallbackServerContext* context,
                                        const v1::GetRecoveryRequest* request,
                                        v1::ProofResponse* response) override;
  grpc::ServerUnaryReactor* SendLink(grpc::CallbackServerContext* context,
                                     const v1::SendLinkRequest* request,
                                     v1::SendLinkResponse* response) override;
  grpc::ServerUnaryReactor* SetPassword(grpc::CallbackServerContext* context,
                                        const v1::SetPasswordRequest* request,
                                        v1::SetPasswordResponse* response) override;
  grpc::ServerUnaryReactor* Unlock(grpc::CallbackServerContext* context,
                                   const v1::UnlockRequest* request,
                                   v1::UnlockResponse* response) override;
  grpc::ServerUnaryReactor* Freeze(grpc::CallbackServerContext* context,
                                   const v1::FreezeRequest* request,
                                   v1::FreezeResponse* response) override;
  grpc::ServerUnaryReactor* AskForPerson(grpc::CallbackServerContext* context,
                                         const v1::AskForPersonRequest* request,
                                         v1::AskForPersonResponse* response) override;

 private:
  Edge& edge_;
  const recovery::Parts& parts_;
};

}  // namespace latchkey::rpc
