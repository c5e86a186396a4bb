// SPDX-License-Identifier: Apache-2.0
#include "services/rpc/server.h"

#include <dlfcn.h>
#include <grpc/compression.h>
#include <grpc/impl/codegen/grpc_types.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <chrono>

namespace latchkey::rpc {
namespace {

constexpr int kMaxMetadataBytes = 8 * 1024;
// Of all connections together: some thousand calls at once take a quarter of it.
constexpr size_t kMaxBufferBytes = size_t{128} << 20;
constexpr int kKeepaliveMillis = 60'000;

std::shared_ptr<grpc::ServerCredentials> Credentials(const ServerOptions& options) {
  grpc::SslServerCredentialsOptions tls(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  tls.pem_root_certs = options.ca_pem;
  tls.pem_key_cert_pairs.push_back(
      {std::string(options.key_pem.Reveal()), options.certificate_pem});
  return grpc::SslServerCredentials(tls);
}

// A request holds at most a password of 1 KiB, a note of 2 KiB and some tokens (attacks P05, P06).
void SetLimits(const ServerOptions& options, grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(options.largest_message_kib * 1024);
  // gRPC compares a message with its limit when it has all of it: what has no end would be kept.
  builder.SetResourceQuota(grpc::ResourceQuota("callers").Resize(kMaxBufferBytes));
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMaxMetadataBytes);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, options.streams_per_connection);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMillis);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             kKeepaliveMillis / 2);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PING_STRIKES, 2);
  // Two services on one port would share its callers at random.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.SetDefaultCompressionAlgorithm(GRPC_COMPRESS_NONE);
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
}

// gRPC's reflection library switches itself on when it is loaded, so it is not linked: a service
// that is not told to reflect has no reflection in it (attack P04).
Done LoadReflection() {
  if (dlopen(LATCHKEY_REFLECTION_LIBRARY, RTLD_NOW | RTLD_GLOBAL) != nullptr) return {};
  return Fail(Reason::kUnavailable,
              "[listen] reflection needs " LATCHKEY_REFLECTION_LIBRARY
              ": install it (Debian: libgrpc++1.51), or switch reflection off");
}

}  // namespace

Result<std::unique_ptr<grpc::Server>> StartServer(const ServerOptions& options,
                                                  const std::vector<grpc::Service*>& services) {
  grpc::EnableDefaultHealthCheckService(true);
  if (options.reflection) LATCHKEY_TRY(LoadReflection());
  grpc::ServerBuilder builder;
  SetLimits(options, builder);
  int bound_port = 0;
  builder.AddListeningPort(options.address, Credentials(options), &bound_port);
  for (grpc::Service* service : services) builder.RegisterService(service);
  std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr || bound_port == 0) {
    return Fail(Reason::kUnavailable,
                "cannot listen on " + options.address +
                    ": is another program using it, and do [tls] certificate and key "
                    "belong together?");
  }
  return server;
}

void StopServer(grpc::Server& server, Millis patience) {
  if (auto* health = server.GetHealthCheckService()) health->SetServingStatus(false);
  server.Shutdown(std::chrono::system_clock::now() + patience);
}

}  // namespace latchkey::rpc
