// SPDX-License-Identifier: Apache-2.0
// Certificates that nobody should accept, and the few that somebody should: built as objects, so
// that a name may hold any byte.
#pragma once

#include <openssl/pem.h>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crypto/certificates.h"
#include "crypto/openssl_handles.h"
#include "services/base/check.h"

namespace latchkey::attacks {

struct ZooPlan {
  std::string common_name = "odd";
  std::vector<std::pair<int, std::string>> names = {};  // GEN_URI, GEN_DNS, GEN_EMAIL, …
  const char* usage = "clientAuth";                     // empty: no such extension
  const char* constraints = "critical,CA:FALSE";
  int from_days = -1;
  int until_days = 30;
  int critical_extension = 0;  // a NID that nobody knows how to read, marked critical; 0: none
};

inline crypto::IssuedCertificate PemOf(X509* certificate, EVP_PKEY* key) {
  auto text = [](auto write) {
    crypto::BioHandle bio(BIO_new(BIO_s_mem()));
    LATCHKEY_CHECK(write(bio.get()) == 1);
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &bytes);
    return std::string(bytes, static_cast<size_t>(size));
  };
  crypto::IssuedCertificate issued;
  issued.certificate_pem = text([&](BIO* bio) { return PEM_write_bio_X509(bio, certificate); });
  issued.key_pem = Secret(text([&](BIO* bio) {
    return PEM_write_bio_PKCS8PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
  }));
  return issued;
}

inline void Extend(X509* certificate, X509* issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  crypto::OpensslHandle<X509_EXTENSION, X509_EXTENSION_free> extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value));
  LATCHKEY_CHECK(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1);
}

inline void AddNames(X509* certificate, const ZooPlan& plan) {
  crypto::NamesHandle names(GENERAL_NAMES_new());
  for (const auto& [type, bytes] : plan.names) {
    GENERAL_NAME* name = GENERAL_NAME_new();
    ASN1_STRING* value = ASN1_IA5STRING_new();
    ASN1_STRING_set(value, bytes.data(), static_cast<int>(bytes.size()));
    GENERAL_NAME_set0_value(name, type, value);
    sk_GENERAL_NAME_push(names.get(), name);
  }
  if (plan.names.empty()) return;
  LATCHKEY_CHECK(X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(), 0,
                                   X509V3_ADD_DEFAULT) == 1);
}

// Signed by `signer`, or by its own key when there is none.
inline crypto::IssuedCertificate Breed(const crypto::IssuedCertificate* signer,
                                       const ZooPlan& plan) {
  using namespace crypto;
  static long serial = 1;
  KeyHandle key(EVP_EC_gen("P-256"));
  CertificateHandle leaf(X509_new());
  CertificateHandle issuer;
  KeyHandle issuer_key;
  if (signer != nullptr) {
    const std::string secret(signer->key_pem.Reveal());
    BioHandle bio(BIO_new_mem_buf(signer->certificate_pem.data(), -1));
    issuer.reset(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    bio.reset(BIO_new_mem_buf(secret.data(), static_cast<int>(secret.size())));
    issuer_key.reset(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
  }
  X509* by = issuer ? issuer.get() : leaf.get();
  const time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  X509_set_version(leaf.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(leaf.get()), ++serial);
  ASN1_TIME_set(X509_getm_notBefore(leaf.get()), now + plan.from_days * 86'400L);
  ASN1_TIME_set(X509_getm_notAfter(leaf.get()), now + plan.until_days * 86'400L);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(leaf.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(plan.common_name.data()),
                             static_cast<int>(plan.common_name.size()), -1, 0);
  X509_set_issuer_name(leaf.get(), X509_get_subject_name(by));
  X509_set_pubkey(leaf.get(), key.get());
  if (*plan.constraints != 0) Extend(leaf.get(), by, NID_basic_constraints, plan.constraints);
  if (*plan.usage != 0) Extend(leaf.get(), by, NID_ext_key_usage, plan.usage);
  if (plan.critical_extension != 0)
    Extend(leaf.get(), by, plan.critical_extension, "critical,DER:0500");
  AddNames(leaf.get(), plan);
  LATCHKEY_CHECK(X509_sign(leaf.get(), issuer_key ? issuer_key.get() : key.get(), EVP_sha256()) >
                 0);
  return PemOf(leaf.get(), key.get());
}

}  // namespace latchkey::attacks
