// SPDX-License-Identifier: Apache-2.0
#include "clients/common/service.h"

#include <grpc/support/log.h>
#include <grpcpp/grpcpp.h>

#include <cstdlib>
#include <string_view>
#include <utility>

#include "crypto/tls_files.h"

namespace latchkey::client {
namespace {

namespace fs = std::filesystem;

constexpr int kLongestMessage = 1 << 20;  // a case with 100 entries of 2000 bytes fits

// What gRPC has to say comes back with the call and is told in our words; its own lines would stand
// between those of a dialogue. Whoever looks for a fault sets GRPC_VERBOSITY.
void QuietenGrpc() {
  if (std::getenv("GRPC_VERBOSITY") != nullptr) return;
  gpr_set_log_function([](gpr_log_func_args*) {});
}

Done NeedPath(const fs::path& path, std::string_view what, std::string_view setting) {
  if (!path.empty()) return {};
  return Malformed(std::string(setting), std::string(what) + " is not given: set \"" +
                                             std::string(setting) +
                                             "\" in [service] or give it as a flag");
}

}  // namespace

void ReadService(Section& root, ServiceOptions& options) {
  Section service = root.In("service");
  service.Read("server", options.server);
  service.Read("server_name", options.server_name);
  service.Read("ca", options.ca);
  service.Read("certificate", options.certificate);
  service.Read("key", options.key);
}

ServiceOptions Override(ServiceOptions file, const ServiceOptions& flags) {
  if (!flags.server.empty()) file.server = flags.server;
  if (!flags.server_name.empty()) file.server_name = flags.server_name;
  if (!flags.ca.empty()) file.ca = flags.ca;
  if (!flags.certificate.empty()) file.certificate = flags.certificate;
  if (!flags.key.empty()) file.key = flags.key;
  return file;
}

Result<std::shared_ptr<grpc::Channel>> Connect(const ServiceOptions& options) {
  if (options.server.empty()) {
    return Malformed(
        "server",
        "the service's address is not given: set \"server\" in [service] or give --server");
  }
  grpc::SslCredentialsOptions tls;
  LATCHKEY_TRY(NeedPath(options.ca, "the certificate authority", "ca"));
  auto authority = crypto::ReadCertificateFile(options.ca);
  if (!authority.ok())
    return Malformed("ca", "the certificate authority " + authority.failure().detail);
  tls.pem_root_certs = *std::move(authority);
  LATCHKEY_TRY(NeedPath(options.certificate, "this client's certificate", "certificate"));
  LATCHKEY_TRY(NeedPath(options.key, "this client's key", "key"));
  LATCHKEY_ASSIGN(crypto::TlsPair own, crypto::ReadTlsPair({options.certificate, options.key}));
  tls.pem_cert_chain = std::move(own.certificate_pem);
  tls.pem_private_key = own.key_pem.Reveal();
  std::shared_ptr<grpc::ChannelCredentials> credentials = grpc::SslCredentials(tls);
  sodium_memzero(tls.pem_private_key.data(), tls.pem_private_key.size());

  QuietenGrpc();
  grpc::ChannelArguments arguments;
  if (!options.server_name.empty()) arguments.SetSslTargetNameOverride(options.server_name);
  // An environment's http_proxy must not come between a bank's gateway and its service.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetMaxReceiveMessageSize(kLongestMessage);
  // After a restart of the service the next person should not wait for a long pause to end.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 200);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 3'000);
  return grpc::CreateCustomChannel(options.server, credentials, arguments);
}

}  // namespace latchkey::client
