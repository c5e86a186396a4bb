// SPDX-License-Identifier: Apache-2.0
#include "crypto/tls_files.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <fstream>

#include "crypto/openssl_handles.h"
#include "crypto/peer_certificate.h"
#include "crypto/private_file.h"

namespace latchkey::crypto {
namespace {

// A chain is far smaller, and a device file would never end.
constexpr size_t kLongestFile = size_t{256} * 1024;

KeyHandle ParseKey(const Secret& pem) {
  BioHandle bio(BIO_new_mem_buf(pem.Reveal().data(), static_cast<int>(pem.size())));
  // Without the callback OpenSSL would ask for a passphrase on the terminal.
  auto no_passphrase = [](char*, int, int, void*) { return -1; };
  return KeyHandle(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr));
}

// What is wrong with the two, before OpenSSL's queue of errors is emptied.
Done CheckPair(const TlsPair& pair, const TlsFiles& files) {
  BioHandle bio(
      BIO_new_mem_buf(pair.certificate_pem.data(), static_cast<int>(pair.certificate_pem.size())));
  CertificateHandle certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  if (certificate == nullptr) {
    return Malformed("certificate", files.certificate.string() +
                                        " holds no certificate in PEM; name the file that begins "
                                        "with -----BEGIN CERTIFICATE-----");
  }
  KeyHandle key = ParseKey(pair.key_pem);
  if (key == nullptr) {
    return Malformed("key", files.key.string() +
                                " holds no private key in PEM without a passphrase; name the file "
                                "that was made with " +
                                files.certificate.string());
  }
  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    return Malformed("key", files.key.string() + " is not the key of " +
                                files.certificate.string() +
                                "; name two that were made together, or have both issued anew");
  }
  return {};
}

}  // namespace

Result<std::string> ReadCertificateFile(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text;
  if (in) {
    text.resize(kLongestFile);
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<size_t>(in.gcount()));
  }
  if (text.empty() || text.size() == kLongestFile) {
    return Malformed(
        "certificate",
        path.string() + " cannot be read; check that it is there and that you may read it");
  }
  return text;
}

Result<TlsPair> ReadTlsPair(const TlsFiles& files) {
  TlsPair pair;
  LATCHKEY_ASSIGN(pair.certificate_pem, ReadCertificateFile(files.certificate));
  auto key = ReadPrivateFile(files.key, kLongestFile);
  if (!key.ok()) return Malformed("key", key.failure().detail);
  pair.key_pem = *std::move(key);
  Done checked = CheckPair(pair, files);
  ERR_clear_error();
  if (!checked.ok()) return checked.failure();
  return pair;
}

Result<TlsPair> ReadServerPair(const TlsFiles& files) {
  LATCHKEY_ASSIGN(TlsPair pair, ReadTlsPair(files));
  LATCHKEY_ASSIGN(const PeerCertificate certificate, ReadPeerCertificate(pair.certificate_pem));
  if (certificate.for_servers) return pair;
  return Malformed("certificate",
                   files.certificate.string() +
                       " is a client's certificate, which nobody takes from a service; name the "
                       "service's own, or issue one: latchkey certificate --role service");
}

}  // namespace latchkey::crypto
