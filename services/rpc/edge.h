// SPDX-License-Identifier: Apache-2.0
// The edge: what happens to every call, in one place. Caller → roles → shape of the request → a
// worker → the handler → one answer or one refusal → one observation without secrets.
#pragma once

#include <google/protobuf/message.h>
#include <grpcpp/support/server_callback.h>

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crypto/identity.h"
#include "services/base/clock.h"
#include "services/base/result.h"
#include "services/base/workers.h"
#include "services/rpc/caller.h"

namespace latchkey::rpc {

// What a handler knows about the call besides the request.
struct Call {
  crypto::Identity caller;
  TimePoint deadline;  // on the service's own clock, wherever the wall clock stands
};

// What logs and metrics learn about a call.
struct Observation {
  std::string_view method;
  std::string caller;  // the certificate's URI name; empty when refused
  const Failure* failure = nullptr;
  std::chrono::microseconds took{};
};

// Threads: any. Lives as long as the server. Handlers run on the workers, so they may block on a
// store.
class Edge {
 public:
  struct Options {
    std::string bank;                       // DNS name in the callers' certificates
    std::vector<std::string> revoked = {};  // as Callers takes them
    Millis longest_call{10'000};  // a call without a deadline, or with a later one, ends here
    std::function<void(const Observation&)> observe = [](const Observation&) {};
  };
  enum class Pool { kOrdinary, kHashing };

  // `ordinary` runs what needs no password hash; `hashing` runs what does, so that a storm of
  // sign-ins cannot take the workers of everything else (limits.md).
  Edge(Options options, Clock& clock, Workers& ordinary, Workers& hashing)
      : options_(std::move(options)),
        callers_(options_.bank, options_.revoked),
        clock_(clock),
        ordinary_(ordinary),
        hashing_(hashing) {}

  // Answers `request` by `handler`: Done(const Call&, const Request&, Response&). `method` is the
  // full gRPC name, a literal. The request's secrets are wiped when the call ends. The reactor ends
  // by itself.
  template <typename Request, typename Response, typename Handler>
  grpc::ServerUnaryReactor* Handle(grpc::CallbackServerContext* context, std::string_view method,
                                   Pool pool, const Request* request, Response* response,
                                   Handler handler) {
    return Run(context, method, pool, *request,
               [handler = std::move(handler), request, response](const Call& call) -> Done {
                 return handler(call, *request, *response);
               });
  }

 private:
  grpc::ServerUnaryReactor* Run(grpc::CallbackServerContext* context, std::string_view method,
                                Pool pool, const google::protobuf::Message& request,
                                std::function<Done(const Call&)> handler);
  Result<Call> Admit(grpc::CallbackServerContext& context, std::string_view method,
                     const google::protobuf::Message& request);

  Options options_;
  Callers callers_;
  Clock& clock_;
  Workers& ordinary_;
  Workers& hashing_;
};

}  // namespace latchkey::rpc
