// SPDX-License-Identifier: Apache-2.0
#include "services/rpc/edge.h"

#include <grpcpp/server_context.h>

#include <algorithm>
#include <chrono>
#include <memory>

#include "services/rpc/caller.h"
#include "services/rpc/errors.h"
#include "services/rpc/messages.h"

namespace latchkey::rpc {

Result<Call> Edge::Admit(grpc::CallbackServerContext& context, std::string_view method,
                         const google::protobuf::Message& request) {
  LATCHKEY_ASSIGN(crypto::Identity caller, callers_.Identify(context.auth_context().get()));
  const std::vector<crypto::Role>& roles = RolesOf(method);
  if (std::find(roles.begin(), roles.end(), caller.role) == roles.end()) {
    return Fail(Reason::kNotAllowed, "the role may not call this method");
  }
  if (HasForbiddenUnknownFields(request)) {
    return Malformed("", "unknown fields in a message that authenticates");
  }
  // gRPC gives the deadline on the wall clock, which may be far from ours (attack D06): only what
  // is left of it counts. Asked at once, because a jump in between would count too.
  const auto left =
      std::chrono::duration_cast<Millis>(context.deadline() - std::chrono::system_clock::now());
  return Call{std::move(caller),
              clock_.Now() + std::clamp(left, Millis::zero(), options_.longest_call)};
}

grpc::ServerUnaryReactor* Edge::Run(grpc::CallbackServerContext* context, std::string_view method,
                                    Pool pool, const google::protobuf::Message& request,
                                    std::function<Done(const Call&)> handler) {
  const auto started = std::chrono::steady_clock::now();
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  auto end = [this, method, started, reactor, &request](const std::string& caller,
                                                        const Done& done) {
    // gRPC hands the request over as const, but it is this call's own and nobody reads it after
    // this line.
    WipeSecrets(const_cast<google::protobuf::Message&>(request));
    options_.observe({.method = method,
                      .caller = caller,
                      .failure = done.ok() ? nullptr : &done.failure(),
                      .took = std::chrono::duration_cast<std::chrono::microseconds>(
                          std::chrono::steady_clock::now() - started)});
    reactor->Finish(done.ok() ? grpc::Status::OK : ToStatus(done.failure()));
  };

  Result<Call> call = Admit(*context, method, request);
  if (!call.ok()) {
    end({}, call.failure());
    return reactor;
  }
  const std::string caller = crypto::ToUri(call->caller);
  Workers& workers = pool == Pool::kHashing ? hashing_ : ordinary_;
  bool accepted = workers.Submit([this, end, caller, call = *call, handler = std::move(handler)] {
    // Nobody waits for the answer any more: the work would be for nothing, and would count a guess.
    if (clock_.Now() >= call.deadline)
      return end(caller, Fail(Reason::kBusy, "the deadline passed in the queue"));
    end(caller, handler(call));
  });
  if (!accepted) {
    Failure busy = Fail(Reason::kBusy, "the queue is full");
    busy.retry_at = clock_.Now() + Millis(1000);
    end(caller, busy);
  }
  return reactor;
}

}  // namespace latchkey::rpc
