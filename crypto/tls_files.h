// SPDX-License-Identifier: Apache-2.0
// A certificate and its key, as a configuration names them: read together and known to belong
// together, because the TLS library's own words for a mistake name neither file.
#pragma once

#include <filesystem>
#include <string>

#include "crypto/secret.h"
#include "services/base/result.h"

namespace latchkey::crypto {

struct TlsFiles {
  std::filesystem::path certificate;  // PEM, the chain's leaf first
  std::filesystem::path key;          // PEM without a passphrase, mode 0600 or 0400
};

struct TlsPair {
  std::string certificate_pem;
  Secret key_pem;
};

// A file of certificates as it stands. kMalformed with the field "certificate" when it cannot be
// read, is empty or far too long.
Result<std::string> ReadCertificateFile(const std::filesystem::path& path);

// kMalformed with the field "certificate" or "key" and a line that names the files and what to do:
// one cannot be read or is no PEM, others may read the key, or it is the key of another
// certificate.
Result<TlsPair> ReadTlsPair(const TlsFiles& files);
// The same for a service, whose callers refuse a certificate that is for clients only.
Result<TlsPair> ReadServerPair(const TlsFiles& files);

}  // namespace latchkey::crypto
