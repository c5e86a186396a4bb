// SPDX-License-Identifier: Apache-2.0
// A customer's case for staff.
#pragma once

#include "latchkey/v1/cases.grpc.pb.h"
#include "services/assist/assist.h"
#include "services/cases/cases.h"
#include "services/rpc/edge.h"

namespace latchkey::rpc {

class CasesService final : public v1::Cases::CallbackService {
 public:
  CasesService(Edge& edge, assist::Assist& assist, cases::Cases& cases)
      : edge_(edge), assist_(assist), cases_(cases) {}

  grpc::ServerUnaryReactor* GetCase(grpc::CallbackServerContext* context,
                                    const v1::GetCaseRequest* request, v1::Case* response) override;
  grpc::ServerUnaryReactor* AddNote(grpc::CallbackServerContext* context,
                                    const v1::AddNoteRequest* request, v1::Case* response) override;
  grpc::ServerUnaryReactor* ListWaiting(grpc::CallbackServerContext* context,
                                        const v1::ListWaitingRequest* request,
                                        v1::ListWaitingResponse* response) override;

 private:
  Edge& edge_;
  assist::Assist& assist_;
  cases::Cases& cases_;
};

}  // namespace latchkey::rpc
