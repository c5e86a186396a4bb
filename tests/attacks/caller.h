// SPDX-License-Identifier: Apache-2.0
// Whoever calls the service by gRPC: a certificate, a node, and a record of all that was answered.
#pragma once

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "clients/common/refusal.h"
#include "services/base/check.h"
#include "tests/attacks/canaries.h"

namespace latchkey::attacks {

// Every secret in a message becomes a canary that `party` has rightly.
void PlantSecrets(Canaries& canaries, const google::protobuf::Message& message,
                  std::string_view party);

// What came back, down to the trailers.
template <typename Response>
struct Said {
  grpc::Status status;
  Response response;
  std::multimap<std::string, std::string> headers, trailers;

  bool ok() const { return status.ok(); }
  client::Refused refused() const { return client::RefusalOf(status); }
  // UNSPECIFIED when it was no refusal.
  v1::RefusalReason reason() const {
    return ok() ? v1::REFUSAL_REASON_UNSPECIFIED : refused().reason();
  }
  const Response& value() const {
    LATCHKEY_CHECK(ok());
    return response;
  }
  // All of it in one text, for comparing answers byte by byte.
  std::string Bytes() const {
    std::string all = std::to_string(status.error_code()) + "|" + status.error_message() + "|" +
                      status.error_details() + "|" + response.SerializeAsString();
    for (const auto* side : {&headers, &trailers}) {
      for (const auto& [name, value] : *side) all += "|" + name + "=" + value;
    }
    return all;
  }
};

// Threads: any.
class Caller {
 public:
  Caller(std::string party, std::shared_ptr<grpc::Channel> channel, Canaries& canaries)
      : party_(std::move(party)), channel_(std::move(channel)), canaries_(canaries) {}

  // caller.Call(&v1::Recovery::Stub::Begin, request)
  template <typename Stub, typename Request, typename Response>
  Said<Response> Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                      const Request& request,
                      const std::multimap<std::string, std::string>& metadata = {}) {
    Stub stub(channel_);
    grpc::ClientContext context;
    // Far beyond anything that works; a hang must end.
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    for (const auto& [name, value] : metadata) context.AddMetadata(name, value);
    Said<Response> said;
    PlantSecrets(canaries_, request, party_);
    said.status = (stub.*method)(&context, request, &said.response);
    for (const auto& [name, value] : context.GetServerInitialMetadata())
      said.headers.emplace(std::string(name.data(), name.size()),
                           std::string(value.data(), value.size()));
    for (const auto& [name, value] : context.GetServerTrailingMetadata())
      said.trailers.emplace(std::string(name.data(), name.size()),
                            std::string(value.data(), value.size()));
    PlantSecrets(canaries_, said.response, party_);
    canaries_.Hear(party_, said.Bytes());
    return said;
  }

  const std::string& party() const { return party_; }
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

 private:
  const std::string party_;
  const std::shared_ptr<grpc::Channel> channel_;
  Canaries& canaries_;
};

}  // namespace latchkey::attacks
