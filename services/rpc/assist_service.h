// SPDX-License-Identifier: Apache-2.0
// What staff do beside a customer.
#pragma once

#include "latchkey/v1/assist.grpc.pb.h"
#include "services/assist/assist.h"
#include "services/rpc/edge.h"

namespace latchkey::rpc {

class AssistService final : public v1::Assist::CallbackService {
 public:
  AssistService(Edge& edge, assist::Assist& assist) : edge_(edge), assist_(assist) {}

  grpc::ServerUnaryReactor* FindCustomer(grpc::CallbackServerContext* context,
                                         const v1::FindCustomerRequest* request,
                                         v1::Case* response) override;
  grpc::ServerUnaryReactor* RecordInspection(grpc::CallbackServerContext* context,
                                             const v1::RecordInspectionRequest* request,
                                             v1::Case* response) override;
  grpc::ServerUnaryReactor* SendCode(grpc::CallbackServerContext* context,
                                     const v1::SendCodeRequest* request,
                                     v1::Case* response) override;
  grpc::ServerUnaryReactor* CheckCode(grpc::CallbackServerContext* context,
                                      const v1::CheckCodeRequest* request,
                                      v1::Case* response) override;
  grpc::ServerUnaryReactor* IssueToken(grpc::CallbackServerContext* context,
                                       const v1::IssueTokenRequest* request,
                                       v1::IssueTokenResponse* response) override;
  grpc::ServerUnaryReactor* UnlockAccount(grpc::CallbackServerContext* context,
                                          const v1::UnlockAccountRequest* request,
                                          v1::Case* response) override;
  grpc::ServerUnaryReactor* LiftFreeze(grpc::CallbackServerContext* context,
                                       const v1::LiftFreezeRequest* request,
                                       v1::Case* response) override;

 private:
  Edge& edge_;
  assist::Assist& assist_;
};

}  // namespace latchkey::rpc
