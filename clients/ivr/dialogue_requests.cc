// SPDX-License-Identifier: Apache-2.0
// What the dialogue asks of the service.
#include <string>
#include <utility>

#include "clients/ivr/dialogue.h"

namespace latchkey::ivr {
namespace {

constexpr size_t kIdempotencyBytes = 16;

}  // namespace

// One key for each request, which it keeps when it is sent again.
template <typename Message>
Step Dialogue::SendOnce(Message request) {
  request.set_idempotency_key(random_.Take(kIdempotencyBytes));
  FillSource(*request.mutable_source());
  return Send(std::move(request));
}

Step Dialogue::BeginRecovery() {
  v1::BeginRequest request;
  request.set_identifier(number_);
  // Allows both: unlocking here, or a new password on the web.
  request.set_intent(v1::INTENT_RESET);
  return SendOnce(std::move(request));
}

Step Dialogue::AskForPerson() {
  v1::AskForPersonRequest request;
  request.set_customer_number(number_);
  return SendOnce(std::move(request));
}

Step Dialogue::SubmitCode(const std::string& digits) {
  v1::SubmitCodeRequest request;
  if (handle_.empty()) {
    request.set_identifier(number_);
  } else {
    request.set_handle(std::string(handle_.Reveal()));
  }
  request.set_code(digits);
  return SendOnce(std::move(request));
}

Step Dialogue::RedeemToken(const std::string& digits) {
  v1::RedeemAssistedRequest request;
  request.set_customer_number(number_);
  request.set_token(digits);
  return SendOnce(std::move(request));
}

Step Dialogue::Unlock() {
  v1::UnlockRequest request;
  request.set_recovery_session(std::string(session_.Reveal()));
  return SendOnce(std::move(request));
}

Step Dialogue::SendLink() {
  v1::SendLinkRequest request;
  request.set_recovery_session(std::string(session_.Reveal()));
  return SendOnce(std::move(request));
}

Step Dialogue::Freeze() {
  v1::FreezeRequest request;
  request.set_recovery_session(std::string(session_.Reveal()));
  FillSource(*request.mutable_source());
  return Send(std::move(request));
}

Step Dialogue::Send(Request request) {
  asked_from_ = std::exchange(state_, State::kAnswer);
  sent_ = request;
  repeated_ = false;
  Step step;
  step.request = std::move(request);
  return step;
}

void Dialogue::FillSource(v1::Source& source) const {
  source.set_address(facts_.caller_number);
  source.set_language(std::string(TagOf(facts_.language)));
}

}  // namespace latchkey::ivr
