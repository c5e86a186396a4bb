// SPDX-License-Identifier: Apache-2.0
// Who of the staff is at a terminal.
#pragma once

#include "latchkey/v1/staff.grpc.pb.h"
#include "services/assist/assist.h"
#include "services/rpc/edge.h"

namespace latchkey::rpc {

class StaffService final : public v1::Staff::CallbackService {
 public:
  StaffService(Edge& edge, assist::Assist& assist) : edge_(edge), assist_(assist) {}

  grpc::ServerUnaryReactor* SignInStaff(grpc::CallbackServerContext* context,
                                        const v1::SignInStaffRequest* request,
                                        v1::SignInStaffResponse* response) override;
  grpc::ServerUnaryReactor* SignOutStaff(grpc::CallbackServerContext* context,
                                         const v1::SignOutStaffRequest* request,
                                         v1::SignOutStaffResponse* response) override;

 private:
  Edge& edge_;
  assist::Assist& assist_;
};

}  // namespace latchkey::rpc
