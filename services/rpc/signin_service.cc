// SPDX-License-Identifier: Apache-2.0
#include "services/rpc/signin_service.h"

#include <string>
#include <utility>

#include "crypto/token.h"
#include "services/model/canonical.h"
#include "services/rpc/caller.h"
#include "services/rpc/source.h"

namespace latchkey::rpc {
namespace {

// Before any other work, so that long input costs nothing (attack R01).
Done CheckSignInRequest(const v1::SignInRequest& asked) {
  if (asked.identifier().empty() || asked.identifier().size() > model::kMaxIdentifierBytes) {
    return Malformed("identifier");
  }
  if (asked.password().empty() || asked.password().size() > crypto::kMaxPasswordBytes) {
    return Malformed("password");
  }
  return {};
}

Done CheckSessionToken(const std::string& token) {
  if (token.size() != crypto::kTokenBytes) return Malformed("session_token");
  return {};
}

void FillRecent(const signin::SessionView& view, v1::GetSessionResponse& answer) {
  for (const model::JournalLine& line : view.recent) {
    v1::Activity& activity = *answer.add_recent();
    activity.set_at_unix_ms(ToUnixMillis(line.at));
    // The numbers of model::Event and ActivityKind, and of both Channels, are the same by contract.
    activity.set_kind(static_cast<v1::ActivityKind>(line.entry.event));
    activity.set_channel(static_cast<v1::Channel>(line.entry.channel));
    activity.set_message(std::string(model::MessageOf(line.entry)));
  }
}

}  // namespace

grpc::ServerUnaryReactor* SignInService::SignIn(grpc::CallbackServerContext* context,
                                                const v1::SignInRequest* request,
                                                v1::SignInResponse* response) {
  return edge_.Handle(
      context, "/latchkey.v1.SignIn/SignIn", Edge::Pool::kHashing, request, response,
      [this](const Call& call, const v1::SignInRequest& asked, v1::SignInResponse& answer) -> Done {
        LATCHKEY_TRY(CheckSignInRequest(asked));
        LATCHKEY_ASSIGN(model::Source source, SourceOf(call, asked.source()));
        LATCHKEY_ASSIGN(
            const signin::SignedIn made,
            sign_in_.SignInByPassword({.identifier = asked.identifier(),
                                       .password = Secret(asked.password()),
                                       .source = std::move(source),
                                       .device_token = Secret(asked.source().device_token()),
                                       .deadline = call.deadline}));
        answer.set_session_token(std::string(made.session_token.Reveal()));
        answer.set_device_token(std::string(made.device_token.Reveal()));
        answer.set_idle_expires_at_unix_ms(ToUnixMillis(made.idle_expires_at));
        answer.set_expires_at_unix_ms(ToUnixMillis(made.expires_at));
        return {};
      });
}

grpc::ServerUnaryReactor* SignInService::GetSession(grpc::CallbackServerContext* context,
                                                    const v1::GetSessionRequest* request,
                                                    v1::GetSessionResponse* response) {
  return edge_.Handle(context, "/latchkey.v1.SignIn/GetSession", Edge::Pool::kOrdinary, request,
                      response,
                      [this](const Call&, const v1::GetSessionRequest& asked,
                             v1::GetSessionResponse& answer) -> Done {
                        LATCHKEY_TRY(CheckSessionToken(asked.session_token()));
                        LATCHKEY_ASSIGN(const signin::SessionView view,
                                        sign_in_.GetSession(Secret(asked.session_token())));
                        answer.set_display_name(view.display_name);
                        answer.set_login_name(view.login_name);
                        FillRecent(view, answer);
                        answer.set_idle_expires_at_unix_ms(ToUnixMillis(view.idle_expires_at));
                        answer.set_expires_at_unix_ms(ToUnixMillis(view.expires_at));
                        return {};
                      });
}

grpc::ServerUnaryReactor* SignInService::SignOut(grpc::CallbackServerContext* context,
                                                 const v1::SignOutRequest* request,
                                                 v1::SignOutResponse* response) {
  return edge_.Handle(
      context, "/latchkey.v1.SignIn/SignOut", Edge::Pool::kOrdinary, request, response,
      [this](const Call& call, const v1::SignOutRequest& asked, v1::SignOutResponse&) -> Done {
        LATCHKEY_TRY(CheckSessionToken(asked.session_token()));
        return sign_in_.SignOut(Secret(asked.session_token()), ChannelOf(call.caller.role));
      });
}

}  // namespace latchkey::rpc
