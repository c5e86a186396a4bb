// SPDX-License-Identifier: Apache-2.0
// One call and its answer. Includes gRPC: keep it to the few files that make calls.
#pragma once

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <functional>
#include <memory>
#include <utility>
#include <variant>

#include "clients/common/refusal.h"
#include "services/base/check.h"

namespace latchkey::client {

// Longer than the service's own bound would be pointless; a person waits no longer than this.
inline constexpr std::chrono::milliseconds kPatience{10'000};

// A response, or why there is none.
template <typename Response>
class [[nodiscard]] Answer {
 public:
  Answer(Response response) : state_(std::move(response)) {}  // NOLINT: implicit on purpose
  Answer(Refused refused) : state_(std::move(refused)) {}     // NOLINT: implicit on purpose
  bool ok() const { return state_.index() == 0; }
  Response& value() {
    LATCHKEY_CHECK(ok());
    return std::get<0>(state_);
  }
  const Refused& refused() const {
    LATCHKEY_CHECK(!ok());
    return std::get<1>(state_);
  }

 private:
  std::variant<Response, Refused> state_;
};

// Calls and waits: Ask(*stub, &v1::Cases::Stub::GetCase, request).
template <typename Stub, typename Request, typename Response>
Answer<Response> Ask(Stub& stub,
                     grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                     const Request& request, std::chrono::milliseconds patience = kPatience) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + patience);
  Response response;
  grpc::Status status = (stub.*method)(&context, request, &response);
  if (!status.ok()) return RefusalOf(status);
  return response;
}

// The same without waiting: `done(Answer<Response>)` runs on one of gRPC's threads and must not
// block.
//   AskAsync<v1::BeginResponse>(request, [&](auto* context, auto* in, auto* out, auto on_done) {
//     stub.async()->Begin(context, in, out, std::move(on_done)); }, done);
template <typename Response, typename Request, typename Start>
void AskAsync(Request request, Start start, std::function<void(Answer<Response>)> done,
              std::chrono::milliseconds patience = kPatience) {
  struct State {
    grpc::ClientContext context;
    Request request;
    Response response;
    std::function<void(Answer<Response>)> done;
  };
  auto state = std::make_shared<State>();
  state->request = std::move(request);
  state->done = std::move(done);
  state->context.set_deadline(std::chrono::system_clock::now() + patience);
  start(&state->context, &state->request, &state->response,
        std::function<void(grpc::Status)>([state](const grpc::Status& status) {
          if (status.ok()) {
            state->done(std::move(state->response));
          } else {
            state->done(RefusalOf(status));
          }
        }));
}

}  // namespace latchkey::client
