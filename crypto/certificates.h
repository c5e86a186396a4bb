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

// A certificate and its key, PEM; the key is PKCS #8 without a passphrase: write it with
// WritePrivateFile only.
struct IssuedCertificate {
  std::string certificate_pem;
  Secret key_pem;
};

// A self-signed authority that signs leaves only, valid for ten years from `now`. `bank` is shown
// in its name and has 1 to 64 bytes.
Result<IssuedCertificate> IssueAuthority(std::string_view bank, TimePoint now);

// A leaf for one identity: exactly one URI name, clientAuth. For Role::kService also serverAuth
// and, so that clients on the same machine can check it, the names "localhost", 127.0.0.1 and ::1
// before those of `dns_names` (DNS names or addresses; empty for every other role). It never
// outlives its authority. kMalformed for an identity that ParseIdentity would refuse, an impossible
// name, days outside 1 to 3660, or an authority that is none.
Result<IssuedCertificate> IssueLeaf(const IssuedCertificate& authority, const Identity& identity,
                                    const std::vector<std::string>& dns_names, TimePoint now,
                                    int valid_days);

// A server certificate without any identity, for the demonstration's mail server: the names as
// above, serverAuth only.
Result<IssuedCertificate> IssueServer(const IssuedCertificate& authority,
                                      const std::vector<std::string>& dns_names, TimePoint now,
                                      int valid_days);

// When the first certificate of a PEM text ends, for `latchkey doctor`.
Result<TimePoint> ExpiresAt(std::string_view certificate_pem);

}  // namespace latchkey::crypto
