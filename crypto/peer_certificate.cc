// SPDX-License-Identifier: Apache-2.0
#include "crypto/peer_certificate.h"

#include <openssl/pem.h>

#include <array>

#include "crypto/openssl_handles.h"
#include "services/base/bytes.h"

namespace latchkey::crypto {

Result<PeerCertificate> ReadPeerCertificate(std::string_view pem) {
  BioHandle bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  CertificateHandle certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  if (certificate == nullptr ||
      X509_digest(certificate.get(), EVP_sha256(), digest.data(), &size) != 1) {
    return Fail(Reason::kMalformed, "no certificate");
  }
  // OpenSSL answers "every use" for a certificate that names none.
  const bool names_uses = (X509_get_extension_flags(certificate.get()) & EXFLAG_XKUSAGE) != 0;
  const bool clients = (X509_get_extended_key_usage(certificate.get()) & XKU_SSL_CLIENT) != 0;
  const bool servers = (X509_get_extended_key_usage(certificate.get()) & XKU_SSL_SERVER) != 0;
  return PeerCertificate{.fingerprint = ToHex({reinterpret_cast<const char*>(digest.data()), size}),
                         .for_clients = names_uses && clients,
                         .for_servers = servers};
}

}  // namespace latchkey::crypto
