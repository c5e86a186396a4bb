// SPDX-License-Identifier: Apache-2.0
// What is asked of a peer's certificate besides its name and its signature (attack P03).
#pragma once

#include <string>
#include <string_view>

#include "services/base/result.h"

namespace latchkey::crypto {

struct PeerCertificate {
  std::string fingerprint;   // SHA-256 of the certificate, lower-case hex
  bool for_clients = false;  // names clientAuth: silence about uses is not enough
  bool for_servers = false;  // names serverAuth, or no use at all: callers take both
};

// Of the first certificate of a PEM text. kMalformed when there is none.
Result<PeerCertificate> ReadPeerCertificate(std::string_view pem);

}  // namespace latchkey::crypto
