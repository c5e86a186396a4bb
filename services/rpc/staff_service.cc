// SPDX-License-Identifier: Apache-2.0
#include "services/rpc/staff_service.h"

namespace latchkey::rpc {

grpc::ServerUnaryReactor* StaffService::SignInStaff(grpc::CallbackServerContext* context,
                                                    const v1::SignInStaffRequest* request,
                                                    v1::SignInStaffResponse* response) {
  return edge_.Handle(
      context, "/latchkey.v1.Staff/SignInStaff", Edge::Pool::kHashing, request, response,
      [this](const Call& call, const v1::SignInStaffRequest& asked,
             v1::SignInStaffResponse& answer) -> Done {
        const Secret password(asked.password());
        const Secret totp(asked.totp());
        LATCHKEY_ASSIGN(
            const auto session,
            assist_.SignIn(call.caller,
                           {.login = asked.staff_login(), .password = password, .totp = totp},
                           call.deadline));
        answer.set_staff_session(std::string(session.token.Reveal()));
        answer.set_display_name(session.display_name);
        answer.set_idle_expires_at_unix_ms(ToUnixMillis(session.idle_expires_at));
        return {};
      });
}

grpc::ServerUnaryReactor* StaffService::SignOutStaff(grpc::CallbackServerContext* context,
                                                     const v1::SignOutStaffRequest* request,
                                                     v1::SignOutStaffResponse* response) {
  return edge_.Handle(
      context, "/latchkey.v1.Staff/SignOutStaff", Edge::Pool::kOrdinary, request, response,
      [this](const Call& call, const v1::SignOutStaffRequest& asked, v1::SignOutStaffResponse&) {
        return assist_.SignOut(call.caller, Secret(asked.staff_session()));
      });
}

}  // namespace latchkey::rpc
