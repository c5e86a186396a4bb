// SPDX-License-Identifier: Apache-2.0
// The listening side: mutual TLS, limits, health, and reflection where it is configured.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "crypto/secret.h"
#include "services/base/result.h"

namespace grpc {
class Server;
class Service;
}  // namespace grpc

namespace latchkey::rpc {

struct ServerOptions {
  std::string address;  // "127.0.0.1:7443"
  std::string ca_pem;   // who signs the callers' certificates
  std::string certificate_pem;
  Secret key_pem;
  bool reflection = false;
  int largest_message_kib = 16;
  int streams_per_connection = 1024;
};

// Starts to listen; the services must outlive the server. kUnavailable when the address is taken or
// the certificate and key do not fit; the detail says what to do.
Result<std::unique_ptr<grpc::Server>> StartServer(const ServerOptions& options,
                                                  const std::vector<grpc::Service*>& services);

// Lets calls in progress end for `patience`, then cuts them.
void StopServer(grpc::Server& server, Millis patience);

}  // namespace latchkey::rpc
