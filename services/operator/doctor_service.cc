// SPDX-License-Identifier: Apache-2.0
#include "services/operator/doctor_service.h"

#include <grpc/support/log.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "crypto/tls_files.h"
#include "latchkey/v1/operator.grpc.pb.h"

namespace latchkey::operate {
namespace {

constexpr std::chrono::seconds kPatience{5};

Result<std::string> ReadText(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  if (!file || !(text << file.rdbuf()))
    return Fail(Reason::kUnavailable, path.string() + ": cannot be read");
  return text.str();
}

// Where a client on this machine reaches a service that may listen on every address.
std::string Target(const Config::Listen& listen) {
  std::string host = listen.address == "0.0.0.0" ? "127.0.0.1"
                     : listen.address == "::"    ? "::1"
                                                 : listen.address;
  if (host.find(':') != host.npos) host = "[" + host + "]";
  return host + ":" + std::to_string(listen.port);
}

// What gRPC has to say comes back with the call and is told in our words. Whoever looks for a fault
// sets GRPC_VERBOSITY.
void QuietenGrpc() {
  if (std::getenv("GRPC_VERBOSITY") == nullptr) gpr_set_log_function([](gpr_log_func_args*) {});
}

Failure WhyNoStatus(const grpc::Status& status, const std::string& target,
                    const std::filesystem::path& own) {
  if (status.error_code() == grpc::StatusCode::PERMISSION_DENIED ||
      status.error_code() == grpc::StatusCode::UNAUTHENTICATED) {
    return Fail(Reason::kNotAllowed, "refuses the certificate " + own.string() +
                                         "; issue another: latchkey certificate --role operator");
  }
  if (status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED) {
    return Fail(Reason::kUnavailable,
                "takes calls at " + target + ", but is too busy to answer this one; ask again");
  }
  if (!status.error_details().empty()) {  // a refusal of the service itself
    return Fail(Reason::kUnavailable,
                "answers at " + target +
                    ", but cannot read its ledger; look at the ledger above and at the "
                    "service's log");
  }
  if (status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED) {
    return Fail(Reason::kUnavailable,
                "gave no answer at " + target + " within " + std::to_string(kPatience.count()) +
                    " seconds: latchkeyd, its ledger or the way there hangs; look at the ledger "
                    "above and at the service's log");
  }
  // gRPC tells in its message alone how far it came.
  const std::string message = status.error_message();
  if (message.find("andshake") != message.npos || message.find("losed") != message.npos ||
      message.find("reset") != message.npos) {
    return Fail(Reason::kUnavailable,
                "something answers at " + target + ", but it and " + own.string() +
                    " do not trust each other; is it latchkeyd with this configuration, and are "
                    "both certificates good and of the authority in [tls]?");
  }
  return Fail(Reason::kUnavailable,
              "does not answer at " + target + "; is latchkeyd running with this configuration?");
}

}  // namespace

Result<ServiceStatus> AskService(const Config& config, const std::filesystem::path& tls) {
  grpc::SslCredentialsOptions options;
  LATCHKEY_ASSIGN(options.pem_root_certs, ReadText(config.tls.authority));
  LATCHKEY_ASSIGN(crypto::TlsPair own,
                  crypto::ReadTlsPair({tls / "operator.crt", tls / "operator.key"}));
  options.pem_cert_chain = std::move(own.certificate_pem);
  options.pem_private_key = own.key_pem.Reveal();
  QuietenGrpc();
  grpc::ChannelArguments arguments;
  arguments.SetSslTargetNameOverride("localhost");  // `latchkey init` gives every service this name
  auto stub = v1::Operator::NewStub(
      grpc::CreateCustomChannel(Target(config.listen), grpc::SslCredentials(options), arguments));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kPatience);
  v1::GetStatusResponse response;
  grpc::Status status = stub->GetStatus(&context, {}, &response);
  if (!status.ok()) return WhyNoStatus(status, Target(config.listen), tls / "operator.crt");
  return ServiceStatus{
      .version = response.version(),
      .schema_version = response.schema_version(),
      .intakes_waiting = response.intakes_waiting(),
      .messages_waiting = response.messages_waiting(),
      .messages_set_aside = response.messages_set_aside(),
      .newest_keys = {response.newest_keys().begin(), response.newest_keys().end()}};
}

}  // namespace latchkey::operate
