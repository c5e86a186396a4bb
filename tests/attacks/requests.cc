// SPDX-License-Identifier: Apache-2.0
// The requests of a bank's own gateways, with all that a good one has.
#include "crypto/token.h"
#include "tests/attacks/bank.h"

namespace latchkey::attacks {

v1::Source Attack::From(const std::string& address) {
  v1::Source source;
  source.set_address(address);
  source.set_language("en");
  return source;
}

v1::SignInRequest Attack::SignInAs(const std::string& identifier, std::string_view password,
                                   const std::string& address) {
  v1::SignInRequest request;
  request.set_identifier(identifier);
  request.set_password(std::string(password));
  *request.mutable_source() = From(address);
  return request;
}

v1::BeginRequest Attack::BeginFor(const std::string& identifier, const std::string& address,
                                  v1::Intent intent) {
  v1::BeginRequest request;
  request.set_identifier(identifier);
  request.set_intent(intent);
  *request.mutable_source() = From(address);
  request.set_idempotency_key(Key());
  return request;
}

v1::OpenLinkRequest Attack::OpenBy(const std::string& link_token) {
  v1::OpenLinkRequest request;
  request.set_link_token(crypto::FromBase64Url(link_token).value_or(""));
  *request.mutable_source() = From("192.0.2.1");
  return request;
}

v1::SubmitCodeRequest Attack::CodeBy(const std::string& handle, const std::string& code,
                                     const std::string& address) {
  v1::SubmitCodeRequest request;
  request.set_handle(handle);
  request.set_code(code);
  request.set_idempotency_key(Key());
  *request.mutable_source() = From(address);
  return request;
}

v1::SubmitCodeRequest Attack::CodeFor(const std::string& identifier, const std::string& code,
                                      const std::string& address) {
  v1::SubmitCodeRequest request;
  request.set_identifier(identifier);
  request.set_code(code);
  request.set_idempotency_key(Key());
  *request.mutable_source() = From(address);
  return request;
}

v1::SetPasswordRequest Attack::SetBy(const std::string& session, std::string_view password) {
  v1::SetPasswordRequest request;
  request.set_recovery_session(session);
  request.set_new_password(std::string(password));
  request.set_idempotency_key(Key());
  *request.mutable_source() = From("192.0.2.1");
  return request;
}

std::string Attack::WrongCode(const std::string& code, int n) {
  const std::string text = std::to_string((std::stoll(code) + n) % 100'000'000);
  return std::string(8 - text.size(), '0') + text;
}

}  // namespace latchkey::attacks
