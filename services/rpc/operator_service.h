// SPDX-License-Identifier: Apache-2.0
// What an operator may ask of the running service.
#pragma once

#include <functional>

#include "latchkey/v1/operator.grpc.pb.h"
#include "services/rpc/edge.h"

namespace latchkey::rpc {

// `status` fills an answer from the stores; it runs on a worker.
class OperatorService final : public v1::Operator::CallbackService {
 public:
  using Status = std::function<Done(v1::GetStatusResponse&)>;
  OperatorService(Edge& edge, Status status) : edge_(edge), status_(std::move(status)) {}

  grpc::ServerUnaryReactor* GetStatus(grpc::CallbackServerContext* context,
                                      const v1::GetStatusRequest* request,
                                      v1::GetStatusResponse* response) override {
    return edge_.Handle(context, "/latchkey.v1.Operator/GetStatus", Edge::Pool::kOrdinary, request,
                        response,
                        [this](const Call&, const v1::GetStatusRequest&,
                               v1::GetStatusResponse& answer) { return status_(answer); });
  }

 private:
  Edge& edge_;
  Status status_;
};

}  // namespace latchkey::rpc
