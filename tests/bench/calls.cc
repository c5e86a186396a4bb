// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/calls.h"

#include <grpcpp/create_channel.h>
#include <sodium.h>

#include <fstream>
#include <iterator>

#include "clients/common/call.h"
#include "tests/bench/bank.h"

namespace latchkey::bench {
namespace {

constexpr size_t kKeyBytes = 16;
// Longer than any queue in front of the slots, so that what was started also ends.
constexpr std::chrono::milliseconds kPatience{20'000};

std::string ReadAll(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::shared_ptr<grpc::Channel> Connect(const std::filesystem::path& bank, uint16_t port) {
  grpc::SslCredentialsOptions tls;
  tls.pem_root_certs = ReadAll(bank / "ca/authority.crt");
  tls.pem_cert_chain = ReadAll(bank / "tls/portal.crt");
  tls.pem_private_key = ReadAll(bank / "tls/portal.key");
  grpc::ChannelArguments arguments;
  arguments.SetSslTargetNameOverride("localhost");
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  // Or gRPC would put all of them onto one connection.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  auto channel = grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(port),
                                           grpc::SslCredentials(tls), arguments);
  // The last channel takes gRPC's threads with it, and must not end on one of them, as it would
  // when an answered call still holds it for a moment. So the first one stays for good.
  static const auto& first = *new std::shared_ptr<grpc::Channel>(channel);
  static_cast<void>(first);
  return channel;
}

std::string RandomBytes(size_t size) {
  std::string bytes(size, '\0');
  randombytes_buf(bytes.data(), bytes.size());
  return bytes;
}

}  // namespace

Lines::Lines(const std::filesystem::path& bank, uint16_t port, size_t lines)
    : key_start_(RandomBytes(kKeyBytes - sizeof(uint64_t))) {
  for (size_t i = 0; i < lines; ++i) {
    auto channel = Connect(bank, port);
    lines_.push_back({v1::SignIn::NewStub(channel), v1::Recovery::NewStub(channel)});
  }
}

template <typename Response, typename Request, typename Start>
void Lines::Ask(Request request, Start start, Then<Response> then) {
  client::AskAsync<Response>(
      std::move(request), start,
      [this, then = std::move(then)](client::Answer<Response> answer) {
        if (answer.ok()) return then(std::move(answer.value()));
        {
          std::lock_guard lock(mutex_);
          last_refusal_ = v1::RefusalReason_Name(answer.refused().reason());
          if (answer.refused().unreachable) last_refusal_ += ", no answer";
        }
        then(std::nullopt);
      },
      kPatience);
}

std::string Lines::LastRefusal() const {
  std::lock_guard lock(mutex_);
  return last_refusal_;
}

std::string Lines::NewKey() {
  const uint64_t number = keys_++;
  std::string key = key_start_;
  key.append(reinterpret_cast<const char*>(&number), sizeof number);
  return key;
}

void Lines::SignIn(const SignInAs& who, Then<v1::SignInResponse> then) {
  v1::SignInRequest request;
  request.set_identifier(who.login);
  request.set_password(who.password.empty() ? kPassword : who.password);
  request.mutable_source()->set_address(who.address);
  request.mutable_source()->set_device_token(who.device);
  Ask<v1::SignInResponse>(
      std::move(request),
      [&stub = *Next().sign_in](auto* context, auto* in, auto* out, auto on_done) {
        stub.async()->SignIn(context, in, out, std::move(on_done));
      },
      std::move(then));
}

void Lines::Begin(const std::string& identifier, const std::string& address,
                  Then<v1::BeginResponse> then) {
  v1::BeginRequest request;
  request.set_identifier(identifier);
  request.set_intent(v1::INTENT_RESET);
  request.set_idempotency_key(NewKey());
  request.mutable_source()->set_address(address);
  Ask<v1::BeginResponse>(
      std::move(request),
      [&stub = *Next().recovery](auto* context, auto* in, auto* out, auto on_done) {
        stub.async()->Begin(context, in, out, std::move(on_done));
      },
      std::move(then));
}

void Lines::SubmitCode(const std::string& identifier, const std::string& code,
                       const std::string& address, Then<v1::ProofResponse> then) {
  v1::SubmitCodeRequest request;
  request.set_identifier(identifier);
  request.set_code(code);
  request.set_idempotency_key(NewKey());
  request.mutable_source()->set_address(address);
  Ask<v1::ProofResponse>(
      std::move(request),
      [&stub = *Next().recovery](auto* context, auto* in, auto* out, auto on_done) {
        stub.async()->SubmitCode(context, in, out, std::move(on_done));
      },
      std::move(then));
}

void Lines::OpenLink(const std::string& token, const std::string& address,
                     Then<v1::ProofResponse> then) {
  v1::OpenLinkRequest request;
  request.set_link_token(token);
  request.mutable_source()->set_address(address);
  Ask<v1::ProofResponse>(
      std::move(request),
      [&stub = *Next().recovery](auto* context, auto* in, auto* out, auto on_done) {
        stub.async()->OpenLink(context, in, out, std::move(on_done));
      },
      std::move(then));
}

void Lines::SetPassword(const std::string& session, const std::string& password,
                        const std::string& address, Then<v1::SetPasswordResponse> then) {
  v1::SetPasswordRequest request;
  request.set_recovery_session(session);
  request.set_new_password(password);
  request.set_idempotency_key(NewKey());
  request.mutable_source()->set_address(address);
  Ask<v1::SetPasswordResponse>(
      std::move(request),
      [&stub = *Next().recovery](auto* context, auto* in, auto* out, auto on_done) {
        stub.async()->SetPassword(context, in, out, std::move(on_done));
      },
      std::move(then));
}

void Lines::GetSession(const std::string& session, Then<v1::GetSessionResponse> then) {
  v1::GetSessionRequest request;
  request.set_session_token(session);
  Ask<v1::GetSessionResponse>(
      std::move(request),
      [&stub = *Next().sign_in](auto* context, auto* in, auto* out, auto on_done) {
        stub.async()->GetSession(context, in, out, std::move(on_done));
      },
      std::move(then));
}

}  // namespace latchkey::bench
