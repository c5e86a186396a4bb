// SPDX-License-Identifier: Apache-2.0
#include "services/rpc/recovery_service.h"

#include <string>
#include <utility>

#include "crypto/token.h"
#include "services/model/canonical.h"
#include "services/rpc/caller.h"
#include "services/rpc/key_shape.h"
#include "services/rpc/source.h"

namespace latchkey::rpc {
namespace {

// Codes are compared as they come; longer texts are not worth carrying to the comparison.
constexpr size_t kLongestCode = 64;

// Shapes before any other work, so that long input costs nothing (attack R01) and what is absent
// cannot be looked up (L11).
Done CheckToken(const std::string& token, const char* field) {
  return token.size() == crypto::kTokenBytes ? Done() : Done(Malformed(field));
}
Done CheckName(const std::string& name, const char* field) {
  const bool good = !name.empty() && name.size() <= model::kMaxIdentifierBytes;
  return good ? Done() : Done(Malformed(field));
}
Done CheckCode(const std::string& code, const char* field) {
  return !code.empty() && code.size() <= kLongestCode ? Done() : Done(Malformed(field));
}

Result<model::Intent> IntentOf(v1::Intent intent) {
  // Zero is unspecified, and a number from a later version is not guessed at (attack P07).
  if (intent == v1::INTENT_RESET) return model::Intent::kReset;
  if (intent == v1::INTENT_UNLOCK) return model::Intent::kUnlock;
  return Malformed("intent");
}

void Fill(const recovery::Proof& proof, v1::ProofResponse& answer) {
  answer.set_recovery_session(std::string(proof.session.Reveal()));
  answer.set_expires_at_unix_ms(ToUnixMillis(proof.expires_at));
  answer.set_reference(proof.reference);
  answer.set_may_set_password(proof.may_set_password);
  answer.set_may_unlock(proof.may_unlock);
  answer.set_min_password_characters(proof.min_password_characters);
  answer.set_customer_number_tail(proof.customer_number_tail);
  answer.set_intent(proof.intent == model::Intent::kReset ? v1::INTENT_RESET : v1::INTENT_UNLOCK);
}

Done CheckCodeRequest(const v1::SubmitCodeRequest& asked) {
  switch (asked.target_case()) {
    case v1::SubmitCodeRequest::kHandle:
      LATCHKEY_TRY(CheckToken(asked.handle(), "handle"));
      break;
    case v1::SubmitCodeRequest::kIdentifier:
      LATCHKEY_TRY(CheckName(asked.identifier(), "identifier"));
      break;
    case v1::SubmitCodeRequest::TARGET_NOT_SET:
      return Malformed("target");
  }
  LATCHKEY_TRY(CheckCode(asked.code(), "code"));
  return CheckKey(asked.idempotency_key());
}

Done CheckFreezeRequest(const v1::FreezeRequest& asked) {
  switch (asked.proof_case()) {
    case v1::FreezeRequest::kLinkToken:
      return CheckToken(asked.link_token(), "link_token");
    case v1::FreezeRequest::kRecoverySession:
      return CheckToken(asked.recovery_session(), "recovery_session");
    case v1::FreezeRequest::PROOF_NOT_SET:
      break;
  }
  return Malformed("proof");
}

}  // namespace

grpc::ServerUnaryReactor* RecoveryService::Begin(grpc::CallbackServerContext* context,
                                                 const v1::BeginRequest* request,
                                                 v1::BeginResponse* response) {
  return edge_.Handle(
      context, "/latchkey.v1.Recovery/Begin", Edge::Pool::kOrdinary, request, response,
      [this](const Call& call, const v1::BeginRequest& asked, v1::BeginResponse& answer) -> Done {
        LATCHKEY_TRY(CheckName(asked.identifier(), "identifier"));
        LATCHKEY_TRY(CheckKey(asked.idempotency_key()));
        LATCHKEY_ASSIGN(const model::Intent intent, IntentOf(asked.intent()));
        LATCHKEY_ASSIGN(model::Source source, SourceOf(call, asked.source()));
        LATCHKEY_ASSIGN(const recovery::Begun begun,
                        recovery::Begin(parts_, {.identifier = asked.identifier(),
                                                 .intent = intent,
                                                 .source = std::move(source),
                                                 .idempotency_key = asked.idempotency_key()}));
        answer.set_handle(std::string(begun.handle.Reveal()));
        answer.set_expires_at_unix_ms(ToUnixMillis(begun.expires_at));
        return {};
      });
}

grpc::ServerUnaryReactor* RecoveryService::OpenLink(grpc::CallbackServerContext* context,
                                                    const v1::OpenLinkRequest* request,
                                                    v1::ProofResponse* response) {
  return edge_.Handle(
      context, "/latchkey.v1.Recovery/OpenLink", Edge::Pool::kOrdinary, request, response,
      [this](const Call& call, const v1::OpenLinkRequest& asked,
             v1::ProofResponse& answer) -> Done {
        LATCHKEY_TRY(CheckToken(asked.link_token(), "link_token"));
        LATCHKEY_ASSIGN(const model::Source source, SourceOf(call, asked.source()));
        LATCHKEY_ASSIGN(const recovery::Proof proof,
                        recovery::OpenLink(parts_, Secret(asked.link_token()), source));
        Fill(proof, answer);
        return {};
      });
}

grpc::ServerUnaryReactor* RecoveryService::SubmitCode(grpc::CallbackServerContext* context,
                                                      const v1::SubmitCodeRequest* request,
                                                      v1::ProofResponse* response) {
  return edge_.Handle(
      context, "/latchkey.v1.Recovery/SubmitCode", Edge::Pool::kOrdinary, request, response,
      [this](const Call& call, const v1::SubmitCodeRequest& asked,
             v1::ProofResponse& answer) -> Done {
        LATCHKEY_TRY(CheckCodeRequest(asked));
        LATCHKEY_ASSIGN(model::Source source, SourceOf(call, asked.source()));
        LATCHKEY_ASSIGN(
            const recovery::Proof proof,
            recovery::SubmitCode(parts_, {.handle = Secret(asked.handle()),
                                          .identifier = asked.identifier(),
                                          .code = Secret(asked.code()),
                                          .idempotency_key = asked.idempotency_key(),
                                          .source = std::move(source),
                                          .device_token = Secret(asked.source().device_token())}));
        Fill(proof, answer);
        return {};
      });
}

grpc::ServerUnaryReactor* RecoveryService::RedeemAssisted(grpc::CallbackServerContext* context,
                                                          const v1::RedeemAssistedRequest* request,
                                                          v1::RedeemAssistedResponse* response) {
  return edge_.Handle(
      context, "/latchkey.v1.Recovery/RedeemAssisted", Edge::Pool::kOrdinary, request, response,
      [this](const Call& call, const v1::RedeemAssistedRequest& asked,
             v1::RedeemAssistedResponse& answer) -> Done {
        LATCHKEY_TRY(CheckName(asked.customer_number(), "customer_number"));
        LATCHKEY_TRY(CheckCode(asked.token(), "token"));
        LATCHKEY_TRY(CheckKey(asked.idempotency_key()));
        LATCHKEY_ASSIGN(model::Source source, SourceOf(call, asked.source()));
        LATCHKEY_ASSIGN(const recovery::Begun begun,
                        recovery::RedeemAssisted(
                            parts_, {.customer_number = asked.customer_number(),
                                     .token = Secret(asked.token()),
                                     .idempotency_key = asked.idempotency_key(),
                                     .source = std::move(source),
                                     .device_token = Secret(asked.source().device_token())}));
        answer.set_handle(std::string(begun.handle.Reveal()));
        answer.set_expires_at_unix_ms(ToUnixMillis(begun.expires_at));
        return {};
      });
}

grpc::ServerUnaryReactor* RecoveryService::GetRecovery(grpc::CallbackServerContext* context,
                                                       const v1::GetRecoveryRequest* request,
                                                       v1::ProofResponse* response) {
  return edge_.Handle(
      context, "/latchkey.v1.Recovery/GetRecovery", Edge::Pool::kOrdinary, request, response,
      [this](const Call&, const v1::GetRecoveryRequest& asked, v1::ProofResponse& answer) -> Done {
        LATCHKEY_TRY(CheckToken(asked.recovery_session(), "recovery_session"));
        LATCHKEY_ASSIGN(const recovery::Proof proof,
                        recovery::GetRecovery(parts_, Secret(asked.recovery_session())));
        Fill(proof, answer);
        return {};
      });
}

grpc::ServerUnaryReactor* RecoveryService::SendLink(grpc::CallbackServerContext* context,
                                                    const v1::SendLinkRequest* request,
                                                    v1::SendLinkResponse* response) {
  return edge_.Handle(
      context, "/latchkey.v1.Recovery/SendLink", Edge::Pool::kOrdinary, request, response,
      [this](const Call& call, const v1::SendLinkRequest& asked,
             v1::SendLinkResponse& answer) -> Done {
        LATCHKEY_TRY(CheckToken(asked.recovery_session(), "recovery_session"));
        LATCHKEY_TRY(CheckKey(asked.idempotency_key()));
        LATCHKEY_ASSIGN(model::Source source, SourceOf(call, asked.source()));
        LATCHKEY_ASSIGN(recovery::SentLink sent,
                        recovery::SendLink(parts_, {.session = Secret(asked.recovery_session()),
                                                    .idempotency_key = asked.idempotency_key(),
                                                    .source = std::move(source)}));
        answer.set_reference(std::move(sent.reference));
        answer.set_message_queued(sent.queued);
        return {};
      });
}

grpc::ServerUnaryReactor* RecoveryService::SetPassword(grpc::CallbackServerContext* context,
                                                       const v1::SetPasswordRequest* request,
                                                       v1::SetPasswordResponse* response) {
  return edge_.Handle(
      context, "/latchkey.v1.Recovery/SetPassword", Edge::Pool::kHashing, request, response,
      [this](const Call& call, const v1::SetPasswordRequest& asked,
             v1::SetPasswordResponse& answer) -> Done {
        LATCHKEY_TRY(CheckToken(asked.recovery_session(), "recovery_session"));
        LATCHKEY_TRY(CheckKey(asked.idempotency_key()));
        LATCHKEY_ASSIGN(model::Source source, SourceOf(call, asked.source()));
        LATCHKEY_ASSIGN(std::string reference,
                        recovery::SetPassword(parts_, {.session = Secret(asked.recovery_session()),
                                                       .new_password = Secret(asked.new_password()),
                                                       .idempotency_key = asked.idempotency_key(),
                                                       .source = std::move(source),
                                                       .deadline = call.deadline}));
        answer.set_reference(std::move(reference));
        return {};
      });
}

grpc::ServerUnaryReactor* RecoveryService::Unlock(grpc::CallbackServerContext* context,
                                                  const v1::UnlockRequest* request,
                                                  v1::UnlockResponse* response) {
  return edge_.Handle(
      context, "/latchkey.v1.Recovery/Unlock", Edge::Pool::kOrdinary, request, response,
      [this](const Call& call, const v1::UnlockRequest& asked, v1::UnlockResponse& answer) -> Done {
        LATCHKEY_TRY(CheckToken(asked.recovery_session(), "recovery_session"));
        LATCHKEY_TRY(CheckKey(asked.idempotency_key()));
        LATCHKEY_ASSIGN(model::Source source, SourceOf(call, asked.source()));
        LATCHKEY_ASSIGN(std::string reference,
                        recovery::Unlock(parts_, {.session = Secret(asked.recovery_session()),
                                                  .idempotency_key = asked.idempotency_key(),
                                                  .source = std::move(source)}));
        answer.set_reference(std::move(reference));
        return {};
      });
}

grpc::ServerUnaryReactor* RecoveryService::Freeze(grpc::CallbackServerContext* context,
                                                  const v1::FreezeRequest* request,
                                                  v1::FreezeResponse* response) {
  return edge_.Handle(
      context, "/latchkey.v1.Recovery/Freeze", Edge::Pool::kOrdinary, request, response,
      [this](const Call& call, const v1::FreezeRequest& asked, v1::FreezeResponse& answer) -> Done {
        LATCHKEY_TRY(CheckFreezeRequest(asked));
        LATCHKEY_ASSIGN(model::Source source, SourceOf(call, asked.source()));
        LATCHKEY_ASSIGN(std::string reference,
                        recovery::Freeze(parts_, {.link_token = Secret(asked.link_token()),
                                                  .session = Secret(asked.recovery_session()),
                                                  .source = std::move(source)}));
        answer.set_reference(std::move(reference));
        return {};
      });
}

grpc::ServerUnaryReactor* RecoveryService::AskForPerson(grpc::CallbackServerContext* context,
                                                        const v1::AskForPersonRequest* request,
                                                        v1::AskForPersonResponse* response) {
  return edge_.Handle(
      context, "/latchkey.v1.Recovery/AskForPerson", Edge::Pool::kOrdinary, request, response,
      [this](const Call& call, const v1::AskForPersonRequest& asked,
             v1::AskForPersonResponse&) -> Done {
        LATCHKEY_TRY(CheckName(asked.customer_number(), "customer_number"));
        LATCHKEY_TRY(CheckKey(asked.idempotency_key()));
        LATCHKEY_ASSIGN(model::Source source, SourceOf(call, asked.source()));
        return recovery::AskForPerson(parts_, {.customer_number = asked.customer_number(),
                                               .source = std::move(source),
                                               .idempotency_key = asked.idempotency_key()});
      });
}

}  // namespace latchkey::rpc
