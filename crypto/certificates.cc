// SPDX-License-Identifier: Apache-2.0
#include "crypto/certificates.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>
#include <ctime>

#include "crypto/openssl_handles.h"

namespace latchkey::crypto {
namespace {

constexpr int kAuthorityDays = 3652;
constexpr int kMostDays = 3660;
constexpr Millis kClockSkew =
    std::chrono::minutes(5);               // so that a machine that is slow can use it at once
constexpr size_t kLongestCommonName = 64;  // RFC 5280, appendix A.1

// What OpenSSL says went wrong; takes its whole error queue.
Failure OpensslFailure(std::string_view what) {
  std::array<char, 256> text{};
  ERR_error_string_n(ERR_peek_last_error(), text.data(), text.size());
  ERR_clear_error();
  return Fail(Reason::kInternal, std::string(what) + ": " + text.data());
}

CertificateHandle ReadCertificate(std::string_view pem) {
  BioHandle bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  CertificateHandle certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  return certificate;
}

KeyHandle ReadKey(const Secret& pem) {
  BioHandle bio(BIO_new_mem_buf(pem.Reveal().data(), static_cast<int>(pem.size())));
  // Without the callback OpenSSL would ask for a passphrase on the terminal.
  auto no_passphrase = [](char*, int, int, void*) { return -1; };
  KeyHandle key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr));
  ERR_clear_error();
  return key;
}

Result<IssuedCertificate> ToPem(X509* certificate, EVP_PKEY* key) {
  BioHandle certificate_bio(BIO_new(BIO_s_mem()));
  BioHandle key_bio(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_X509(certificate_bio.get(), certificate) != 1 ||
      PEM_write_bio_PKCS8PrivateKey(key_bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) !=
          1) {
    return OpensslFailure("cannot write PEM");
  }
  char* text = nullptr;
  long size = BIO_get_mem_data(certificate_bio.get(), &text);
  IssuedCertificate issued;
  issued.certificate_pem.assign(text, static_cast<size_t>(size));
  size = BIO_get_mem_data(key_bio.get(), &text);
  issued.key_pem = Secret(std::string_view(text, static_cast<size_t>(size)));
  sodium_memzero(text, static_cast<size_t>(size));
  return issued;
}

bool AddExtension(X509* certificate, X509* issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  OpensslHandle<X509_EXTENSION, X509_EXTENSION_free> extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value));
  return extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool SetTimes(X509* certificate, TimePoint from, TimePoint until) {
  auto seconds = [](TimePoint time) {
    return static_cast<time_t>(
        std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count());
  };
  return ASN1_TIME_set(X509_getm_notBefore(certificate), seconds(from)) != nullptr &&
         ASN1_TIME_set(X509_getm_notAfter(certificate), seconds(until)) != nullptr;
}

// 159 random bits: never negative, at most 20 octets (RFC 5280, section 4.1.2.2).
bool SetSerial(X509* certificate) {
  BignumHandle serial(BN_new());
  return serial != nullptr &&
         BN_rand(serial.get(), 159, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
         BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool SetCommonName(X509* certificate, const std::string& name) {
  return X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(name.data()),
                                    static_cast<int>(name.size()), -1, 0) == 1;
}

// A subject alternative name, built as an object: no text that OpenSSL would parse, so no name can
// smuggle in another.
bool AddName(GENERAL_NAMES* names, int type, std::string_view bytes) {
  OpensslHandle<GENERAL_NAME, GENERAL_NAME_free> name(GENERAL_NAME_new());
  ASN1_STRING* value = type == GEN_IPADD ? ASN1_OCTET_STRING_new() : ASN1_IA5STRING_new();
  if (name == nullptr || value == nullptr) return false;
  if (ASN1_STRING_set(value, bytes.data(), static_cast<int>(bytes.size())) != 1) return false;
  GENERAL_NAME_set0_value(name.get(), type, value);
  return sk_GENERAL_NAME_push(names, name.release()) > 0;
}

// A DNS name or the text of an address. False when it is neither.
bool AddHost(GENERAL_NAMES* names, const std::string& host) {
  std::array<char, 16> address{};
  if (host.find('\0') != std::string::npos) return false;  // inet_pton would not see it
  if (inet_pton(AF_INET, host.c_str(), address.data()) == 1) {
    return AddName(names, GEN_IPADD, std::string_view(address.data(), 4));
  }
  if (inet_pton(AF_INET6, host.c_str(), address.data()) == 1) {
    return AddName(names, GEN_IPADD, std::string_view(address.data(), 16));
  }
  return IsDnsName(host) && AddName(names, GEN_DNS, host);
}

Result<TimePoint> EndOf(const X509* certificate) {
  std::tm end{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &end) != 1) {
    return OpensslFailure("cannot read the end of a certificate");
  }
  return TimePoint(std::chrono::seconds(timegm(&end)));
}

// What distinguishes one leaf from another.
struct LeafPlan {
  std::string common_name;  // for people; nothing reads it
  std::string uri;          // empty for none
  std::vector<std::string> hosts;
  const char* extended_key_usage = nullptr;
};

Result<NamesHandle> NamesOf(const LeafPlan& plan) {
  NamesHandle names(GENERAL_NAMES_new());
  if (!plan.uri.empty() && !AddName(names.get(), GEN_URI, plan.uri)) {
    return OpensslFailure("cannot name a certificate");
  }
  for (const std::string& host : plan.hosts) {
    if (!AddHost(names.get(), host)) {
      return Malformed("dns_names", "this is neither a DNS name nor an address: " + host);
    }
  }
  return names;
}

Result<IssuedCertificate> Issue(const IssuedCertificate& authority, const LeafPlan& plan,
                                TimePoint now, int valid_days) {
  if (valid_days < 1 || valid_days > kMostDays) {
    return Malformed("valid_days", "a certificate is valid for 1 to 3660 days");
  }
  CertificateHandle issuer = ReadCertificate(authority.certificate_pem);
  KeyHandle issuer_key = ReadKey(authority.key_pem);
  if (issuer == nullptr || issuer_key == nullptr || X509_check_ca(issuer.get()) != 1 ||
      X509_check_private_key(issuer.get(), issuer_key.get()) != 1) {
    ERR_clear_error();
    return Malformed("authority", "this is not an authority's certificate with its key");
  }
  LATCHKEY_ASSIGN(TimePoint authority_end, EndOf(issuer.get()));
  if (authority_end <= now) return Malformed("authority", "the authority's certificate has ended");
  LATCHKEY_ASSIGN(NamesHandle names, NamesOf(plan));
  KeyHandle key(EVP_EC_gen("P-256"));
  CertificateHandle leaf(X509_new());
  TimePoint end = std::min(now + std::chrono::days(valid_days), authority_end);
  if (key == nullptr || X509_set_version(leaf.get(), X509_VERSION_3) != 1 ||
      !SetSerial(leaf.get()) || !SetTimes(leaf.get(), now - kClockSkew, end) ||
      !SetCommonName(leaf.get(), plan.common_name) ||
      X509_set_issuer_name(leaf.get(), X509_get_subject_name(issuer.get())) != 1 ||
      X509_set_pubkey(leaf.get(), key.get()) != 1 ||
      !AddExtension(leaf.get(), issuer.get(), NID_basic_constraints, "critical,CA:FALSE") ||
      !AddExtension(leaf.get(), issuer.get(), NID_key_usage, "critical,digitalSignature") ||
      !AddExtension(leaf.get(), issuer.get(), NID_ext_key_usage, plan.extended_key_usage) ||
      !AddExtension(leaf.get(), issuer.get(), NID_subject_key_identifier, "hash") ||
      !AddExtension(leaf.get(), issuer.get(), NID_authority_key_identifier, "keyid:always") ||
      X509_add1_ext_i2d(leaf.get(), NID_subject_alt_name, names.get(), 0, X509V3_ADD_DEFAULT) !=
          1 ||
      X509_sign(leaf.get(), issuer_key.get(), EVP_sha256()) == 0) {
    return OpensslFailure("cannot issue a certificate");
  }
  return ToPem(leaf.get(), key.get());
}

std::vector<std::string> WithLocalHost(const std::vector<std::string>& names) {
  std::vector<std::string> hosts = {"localhost", "127.0.0.1", "::1"};
  for (const std::string& name : names) {
    if (std::find(hosts.begin(), hosts.end(), name) == hosts.end()) hosts.push_back(name);
  }
  return hosts;
}

}  // namespace

Result<IssuedCertificate> IssueAuthority(std::string_view bank, TimePoint now) {
  std::string name = std::string(bank) + " Latchkey authority";
  if (name.size() > kLongestCommonName) name = bank;
  if (bank.empty() || name.size() > kLongestCommonName) {
    return Malformed("bank", "the bank's name in a certificate has 1 to 64 bytes");
  }
  KeyHandle key(EVP_EC_gen("P-256"));
  CertificateHandle root(X509_new());
  if (key == nullptr || X509_set_version(root.get(), X509_VERSION_3) != 1 ||
      !SetSerial(root.get()) ||
      !SetTimes(root.get(), now - kClockSkew, now + std::chrono::days(kAuthorityDays)) ||
      !SetCommonName(root.get(), name) ||
      X509_set_issuer_name(root.get(), X509_get_subject_name(root.get())) != 1 ||
      X509_set_pubkey(root.get(), key.get()) != 1 ||
      !AddExtension(root.get(), root.get(), NID_basic_constraints, "critical,CA:TRUE,pathlen:0") ||
      !AddExtension(root.get(), root.get(), NID_key_usage, "critical,keyCertSign,cRLSign") ||
      !AddExtension(root.get(), root.get(), NID_subject_key_identifier, "hash") ||
      X509_sign(root.get(), key.get(), EVP_sha256()) == 0) {
    return OpensslFailure("cannot make a certificate authority");
  }
  return ToPem(root.get(), key.get());
}

Result<IssuedCertificate> IssueLeaf(const IssuedCertificate& authority, const Identity& identity,
                                    const std::vector<std::string>& dns_names, TimePoint now,
                                    int valid_days) {
  std::string uri = ToUri(identity);
  if (ParseIdentity(uri) != identity) {
    return Malformed("identity", "this is no identity that a peer would accept: " + uri);
  }
  bool service = identity.role == Role::kService;
  if (!service && !dns_names.empty()) {
    return Malformed("dns_names", "only the service's certificate carries host names");
  }
  std::string path = uri.substr(uri.find("/latchkey/") + 1);
  LeafPlan plan{.common_name = path.size() <= kLongestCommonName ? path : "latchkey/branch",
                .uri = uri,
                .hosts = service ? WithLocalHost(dns_names) : std::vector<std::string>(),
                .extended_key_usage = service ? "clientAuth,serverAuth" : "clientAuth"};
  return Issue(authority, plan, now, valid_days);
}

Result<IssuedCertificate> IssueServer(const IssuedCertificate& authority,
                                      const std::vector<std::string>& dns_names, TimePoint now,
                                      int valid_days) {
  LeafPlan plan{.common_name = "server",
                .uri = {},
                .hosts = WithLocalHost(dns_names),
                .extended_key_usage = "serverAuth"};
  return Issue(authority, plan, now, valid_days);
}

Result<TimePoint> ExpiresAt(std::string_view certificate_pem) {
  CertificateHandle certificate = ReadCertificate(certificate_pem);
  if (certificate == nullptr) {
    return Fail(Reason::kMalformed, "this is not a certificate in PEM");
  }
  return EndOf(certificate.get());
}

}  // namespace latchkey::crypto
