// SPDX-License-Identifier: Apache-2.0
#include "services/rpc/cases_service.h"

#include "services/rpc/case_answer.h"
#include "services/rpc/key_shape.h"

namespace latchkey::rpc {

grpc::ServerUnaryReactor* CasesService::GetCase(grpc::CallbackServerContext* context,
                                                const v1::GetCaseRequest* request,
                                                v1::Case* response) {
  return edge_.Handle(
      context, "/latchkey.v1.Cases/GetCase", Edge::Pool::kOrdinary, request, response,
      [this](const Call& call, const v1::GetCaseRequest& asked, v1::Case& answer) {
        return AnswerWithCase(
            assist_, call, asked.staff_session(), answer,
            [&](const auto& person) { return cases_.Get(person, asked.case_reference()); });
      });
}

grpc::ServerUnaryReactor* CasesService::AddNote(grpc::CallbackServerContext* context,
                                                const v1::AddNoteRequest* request,
                                                v1::Case* response) {
  return edge_.Handle(
      context, "/latchkey.v1.Cases/AddNote", Edge::Pool::kOrdinary, request, response,
      [this](const Call& call, const v1::AddNoteRequest& asked, v1::Case& answer) -> Done {
        LATCHKEY_TRY(CheckKey(asked.idempotency_key()));
        return AnswerWithCase(
            assist_, call, asked.staff_session(), answer,
            [&](const auto& person) { return cases_.AddNote(person, ActOf(asked), asked.text()); });
      });
}

grpc::ServerUnaryReactor* CasesService::ListWaiting(grpc::CallbackServerContext* context,
                                                    const v1::ListWaitingRequest* request,
                                                    v1::ListWaitingResponse* response) {
  return edge_.Handle(
      context, "/latchkey.v1.Cases/ListWaiting", Edge::Pool::kOrdinary, request, response,
      [this](const Call& call, const v1::ListWaitingRequest& asked,
             v1::ListWaitingResponse& answer) {
        return AsStaff(
            assist_, call, asked.staff_session(), [&](const model::Staff& person) -> Done {
              LATCHKEY_ASSIGN(const auto list, cases_.ListWaiting(person));
              answer.set_more(list.more);
              for (const model::Case& one : list.cases) {
                auto& out = *answer.add_waiting();
                out.set_case_reference(one.reference);
                out.set_since_unix_ms(ToUnixMillis(one.waiting_since));
                out.set_why(
                    static_cast<v1::ActivityKind>(one.waiting_for));  // equal numbers by contract
              }
              return {};
            });
      });
}

}  // namespace latchkey::rpc
