// SPDX-License-Identifier: Apache-2.0
// A bank's own small certificate authority, for `latchkey init` and for tests (OpenSSL, ECDSA
// P-256).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "crypto/identity.h"
#include "crypto/secret.h"
#include "services/base/clock.h"
#include "services/base/result.h"

namespace latchkey::crypto {

struct IssuedCertificate {
  std::string certificate_pem;
  Secret key_pem;
};

// A self-signed authority, valid for ten years from `now`.
Result<IssuedCertificate> IssueAuthority(std::string_view bank, TimePoint now);

// A leaf for one identity: exactly one URI name, clientAuth (and serverAuth with `dns_names` for
// Role::kService).
Result<IssuedCertificate> IssueLeaf(const IssuedCertificate& authority, const Identity& identity,
                                    const std::vector<std::string>& dns_names, TimePoint now,
                                    int valid_days);

// A server certificate without any identity, for the demonstration's mail server: DNS names and
// serverAuth only.
Result<IssuedCertificate> IssueServer(const IssuedCertificate& authority,
                                      const std::vector<std::string>& dns_names, TimePoint now,
                                      int valid_days);

// When a PEM certificate ends, for `latchkey doctor`.
Result<TimePoint> ExpiresAt(std::string_view certificate_pem);

}  // namespace latchkey::crypto
