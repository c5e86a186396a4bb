// SPDX-License-Identifier: Apache-2.0
#include "services/rpc/assist_service.h"

#include "services/rpc/case_answer.h"
#include "services/rpc/key_shape.h"

namespace latchkey::rpc {
namespace {

// Enum zero and numbers of a newer contract are refused.
Result<assist::StatedReason> FromWire(v1::Reason reason) {
  if (reason < v1::REASON_FORGOT_PASSWORD || reason > v1::REASON_OTHER) return Malformed("reason");
  return static_cast<assist::StatedReason>(reason);
}

Result<assist::DocumentKind> FromWire(v1::DocumentKind kind) {
  if (kind < v1::DOCUMENT_KIND_PASSPORT || kind > v1::DOCUMENT_KIND_RESIDENCE_PERMIT)
    return Malformed("document_kind");
  return static_cast<assist::DocumentKind>(kind);
}

}  // namespace

grpc::ServerUnaryReactor* AssistService::FindCustomer(grpc::CallbackServerContext* context,
                                                      const v1::FindCustomerRequest* request,
                                                      v1::Case* response) {
  return edge_.Handle(
      context, "/latchkey.v1.Assist/FindCustomer", Edge::Pool::kOrdinary, request, response,
      [this](const Call& call, const v1::FindCustomerRequest& asked, v1::Case& answer) -> Done {
        LATCHKEY_ASSIGN(const auto reason, FromWire(asked.reason()));
        return AnswerWithCase(
            assist_, call, asked.staff_session(), answer, [&](const auto& person) {
              return assist_.FindCustomer(person, {.customer_number = asked.customer_number(),
                                                   .reason = reason,
                                                   .note = asked.note()});
            });
      });
}

grpc::ServerUnaryReactor* AssistService::RecordInspection(
    grpc::CallbackServerContext* context, const v1::RecordInspectionRequest* request,
    v1::Case* response) {
  return edge_.Handle(
      context, "/latchkey.v1.Assist/RecordInspection", Edge::Pool::kOrdinary, request, response,
      [this](const Call& call, const v1::RecordInspectionRequest& asked, v1::Case& answer) -> Done {
        LATCHKEY_TRY(CheckKey(asked.idempotency_key()));
        LATCHKEY_ASSIGN(const auto kind, FromWire(asked.document_kind()));
        return AnswerWithCase(assist_, call, asked.staff_session(), answer,
                              [&](const auto& person) {
                                return assist_.RecordInspection(
                                    person, ActOf(asked),
                                    {.kind = kind, .number_tail = asked.document_number_tail()});
                              });
      });
}

grpc::ServerUnaryReactor* AssistService::SendCode(grpc::CallbackServerContext* context,
                                                  const v1::SendCodeRequest* request,
                                                  v1::Case* response) {
  return edge_.Handle(
      context, "/latchkey.v1.Assist/SendCode", Edge::Pool::kOrdinary, request, response,
      [this](const Call& call, const v1::SendCodeRequest& asked, v1::Case& answer) -> Done {
        LATCHKEY_TRY(CheckKey(asked.idempotency_key()));
        return AnswerWithCase(
            assist_, call, asked.staff_session(), answer, [&](const auto& person) {
              return assist_.SendCode(person, ActOf(asked), asked.contact_index());
            });
      });
}

grpc::ServerUnaryReactor* AssistService::CheckCode(grpc::CallbackServerContext* context,
                                                   const v1::CheckCodeRequest* request,
                                                   v1::Case* response) {
  return edge_.Handle(
      context, "/latchkey.v1.Assist/CheckCode", Edge::Pool::kOrdinary, request, response,
      [this](const Call& call, const v1::CheckCodeRequest& asked, v1::Case& answer) -> Done {
        LATCHKEY_TRY(CheckKey(asked.idempotency_key()));
        return AnswerWithCase(
            assist_, call, asked.staff_session(), answer, [&](const auto& person) {
              return assist_.CheckCode(person, call.caller, ActOf(asked), Secret(asked.code()));
            });
      });
}

grpc::ServerUnaryReactor* AssistService::IssueToken(grpc::CallbackServerContext* context,
                                                    const v1::IssueTokenRequest* request,
                                                    v1::IssueTokenResponse* response) {
  return edge_.Handle(
      context, "/latchkey.v1.Assist/IssueToken", Edge::Pool::kOrdinary, request, response,
      [this](const Call& call, const v1::IssueTokenRequest& asked,
             v1::IssueTokenResponse& answer) -> Done {
        LATCHKEY_TRY(CheckKey(asked.idempotency_key()));
        return AsStaff(assist_, call, asked.staff_session(), [&](const auto& person) -> Done {
          LATCHKEY_ASSIGN(const auto issued, assist_.IssueToken(person, ActOf(asked)));
          answer.set_token(std::string(issued.digits.Reveal()));
          answer.set_expires_at_unix_ms(ToUnixMillis(issued.expires_at));
          FillCase(issued.updated, *answer.mutable_updated());
          return {};
        });
      });
}

grpc::ServerUnaryReactor* AssistService::UnlockAccount(grpc::CallbackServerContext* context,
                                                       const v1::UnlockAccountRequest* request,
                                                       v1::Case* response) {
  return edge_.Handle(
      context, "/latchkey.v1.Assist/UnlockAccount", Edge::Pool::kOrdinary, request, response,
      [this](const Call& call, const v1::UnlockAccountRequest& asked, v1::Case& answer) -> Done {
        LATCHKEY_TRY(CheckKey(asked.idempotency_key()));
        return AnswerWithCase(
            assist_, call, asked.staff_session(), answer,
            [&](const auto& person) { return assist_.Unlock(person, ActOf(asked)); });
      });
}

grpc::ServerUnaryReactor* AssistService::LiftFreeze(grpc::CallbackServerContext* context,
                                                    const v1::LiftFreezeRequest* request,
                                                    v1::Case* response) {
  return edge_.Handle(
      context, "/latchkey.v1.Assist/LiftFreeze", Edge::Pool::kOrdinary, request, response,
      [this](const Call& call, const v1::LiftFreezeRequest& asked, v1::Case& answer) -> Done {
        LATCHKEY_TRY(CheckKey(asked.idempotency_key()));
        return AnswerWithCase(
            assist_, call, asked.staff_session(), answer,
            [&](const auto& person) { return assist_.LiftFreeze(person, ActOf(asked)); });
      });
}

}  // namespace latchkey::rpc
