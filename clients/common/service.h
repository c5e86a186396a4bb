// SPDX-License-Identifier: Apache-2.0
// How a client reaches the service: address and certificates, and the channel made of them.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "services/base/result.h"
#include "services/base/settings.h"

namespace grpc {
class Channel;
}

namespace latchkey::client {

// What every client must be told. The certificate says who the client is (architecture.md,
// Processes).
struct ServiceOptions {
  std::string server;  // "host:port" or "unix:///path"
  std::string
      server_name;  // the DNS name in the service's certificate; empty: the host of `server`
  std::filesystem::path ca;           // the bank's certificate authority, PEM
  std::filesystem::path certificate;  // this client's, PEM
  std::filesystem::path key;          // this client's, PEM, mode 0600 or 0400
};

// Reads the table [service] of a client's configuration: server, server_name, ca, certificate, key.
// None is required here, because a flag may give it; Connect names what is missing. Mistakes are
// gathered by `root`'s Settings.
void ReadService(Section& root, ServiceOptions& options);

// What is set in `flags` wins over `file`.
ServiceOptions Override(ServiceOptions file, const ServiceOptions& flags);

// A channel with mutual TLS; it connects when it is first used and again whenever it was lost.
// Threads: any. kMalformed: something is missing, cannot be read, or does not belong together;
// `detail` is one line for whoever started the program.
Result<std::shared_ptr<grpc::Channel>> Connect(const ServiceOptions& options);

}  // namespace latchkey::client
