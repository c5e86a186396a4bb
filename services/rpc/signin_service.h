// SPDX-License-Identifier: Apache-2.0
// Sign-in and sessions on the wire: shapes are checked here, decisions are made in services/signin.
#pragma once

#include "latchkey/v1/signin.grpc.pb.h"
#include "services/rpc/edge.h"
#include "services/signin/sign_in.h"

namespace latchkey::rpc {

class SignInService final : public v1::SignIn::CallbackService {
 public:
  SignInService(Edge& edge, signin::SignIn& sign_in) : edge_(edge), sign_in_(sign_in) {}

  grpc::ServerUnaryReactor* SignIn(grpc::CallbackServerContext* context,
                                   const v1::SignInRequest* request,
                                   v1::SignInResponse* response) override;
  grpc::ServerUnaryReactor* GetSession(grpc::CallbackServerContext* context,
                                       const v1::GetSessionRequest* request,
                                       v1::GetSessionResponse* response) override;
  grpc::ServerUnaryReactor* SignOut(grpc::CallbackServerContext* context,
                                    const v1::SignOutRequest* request,
                                    v1::SignOutResponse* response) override;

 private:
  Edge& edge_;
  signin::SignIn& sign_in_;
};

}  // namespace latchkey::rpc
