// SPDX-License-Identifier: Apache-2.0
#include "crypto/certificates.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>

#include <ctime>

#include "crypto/openssl_handles.h"

namespace latchkey::crypto {
namespace {

using testing::ElementsAre;

const TimePoint kNow = FromUnixMillis(1'800'000'000'000);
const Identity kPortal{.bank = "demo.bank", .role = Role::kPortal, .branch = {}, .terminal = {}};
const Identity kService{.bank = "demo.bank", .role = Role::kService, .branch = {}, .terminal = {}};
const Identity kDesk{
    .bank = "demo.bank", .role = Role::kBranch, .branch = "main", .terminal = "desk-1"};

CertificateHandle Read(const std::string& pem) {
  BioHandle bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return CertificateHandle(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
}

// "URI:…", "DNS:…", "IP:…", in the order of the certificate.
std::vector<std::string> NamesIn(const IssuedCertificate& issued) {
  CertificateHandle certificate = Read(issued.certificate_pem);
  NamesHandle names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate.get(), NID_subject_alt_name, nullptr, nullptr)));
  std::vector<std::string> found;
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    int type = 0;
    auto* value = static_cast<ASN1_STRING*>(
        GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names.get(), i), &type));
    std::string text(reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)),
                     ASN1_STRING_length(value));
    if (type == GEN_IPADD) {
      char shown[INET6_ADDRSTRLEN] = {};
      inet_ntop(text.size() == 4 ? AF_INET : AF_INET6, text.data(), shown, sizeof shown);
      text = shown;
    }
    found.push_back((type == GEN_URI ? "URI:" : type == GEN_DNS ? "DNS:" : "IP:") + text);
  }
  return found;
}

// Whether OpenSSL would accept the leaf for `purpose` at `at`, trusting this authority only.
bool Trusted(const IssuedCertificate& authority, const IssuedCertificate& leaf, int purpose,
             TimePoint at) {
  CertificateHandle root = Read(authority.certificate_pem);
  CertificateHandle certificate = Read(leaf.certificate_pem);
  OpensslHandle<X509_STORE, X509_STORE_free> store(X509_STORE_new());
  X509_STORE_add_cert(store.get(), root.get());
  OpensslHandle<X509_STORE_CTX, X509_STORE_CTX_free> context(X509_STORE_CTX_new());
  X509_STORE_CTX_init(context.get(), store.get(), certificate.get(), nullptr);
  X509_STORE_CTX_set_purpose(context.get(), purpose);
  X509_STORE_CTX_set_flags(context.get(), X509_V_FLAG_X509_STRICT | X509_V_FLAG_CHECK_SS_SIGNATURE);
  X509_STORE_CTX_set_time(context.get(), 0, static_cast<time_t>(ToUnixMillis(at) / 1000));
  return X509_verify_cert(context.get()) == 1;
}

class CertificatesTest : public testing::Test {
 protected:
  IssuedCertificate authority_ = IssueAuthority("demo.bank", kNow).value();

  IssuedCertificate Leaf(const Identity& identity, const std::vector<std::string>& names = {}) {
    Result<IssuedCertificate> issued = IssueLeaf(authority_, identity, names, kNow, 365);
    EXPECT_TRUE(issued.ok()) << issued.failure().detail;
    return std::move(issued).value();
  }
};

TEST_F(CertificatesTest, OfAPeerCarriesItsIdentityAndNoOtherName) {
  EXPECT_THAT(NamesIn(Leaf(kPortal)), ElementsAre("URI:spiffe://demo.bank/latchkey/portal"));
  EXPECT_THAT(NamesIn(Leaf(kDesk)),
              ElementsAre("URI:spiffe://demo.bank/latchkey/branch/main/desk-1"));
}

TEST_F(CertificatesTest, OfTheServiceCarriesItsHostsToo) {
  EXPECT_THAT(NamesIn(Leaf(kService, {"latchkey.demo.bank", "10.0.0.7", "localhost"})),
              ElementsAre("URI:spiffe://demo.bank/latchkey/service", "DNS:localhost",
                          "IP:127.0.0.1", "IP:::1", "DNS:latchkey.demo.bank", "IP:10.0.0.7"));
}

TEST_F(CertificatesTest, OfAServerCarriesHostsOnly) {
  Result<IssuedCertificate> mail = IssueServer(authority_, {"mail.demo.bank"}, kNow, 365);
  ASSERT_TRUE(mail.ok());
  EXPECT_THAT(NamesIn(*mail),
              ElementsAre("DNS:localhost", "IP:127.0.0.1", "IP:::1", "DNS:mail.demo.bank"));
  EXPECT_TRUE(Trusted(authority_, *mail, X509_PURPOSE_SSL_SERVER, kNow));
  EXPECT_FALSE(Trusted(authority_, *mail, X509_PURPOSE_SSL_CLIENT, kNow));
}

// Attack P03: a certificate for one purpose or authority used for another.
TEST_F(CertificatesTest, AreTrustedForTheirPurposeUnderTheirAuthorityOnlyP03) {
  IssuedCertificate portal = Leaf(kPortal);
  IssuedCertificate service = Leaf(kService);
  IssuedCertificate stranger = IssueAuthority("demo.bank", kNow).value();
  EXPECT_TRUE(Trusted(authority_, portal, X509_PURPOSE_SSL_CLIENT, kNow));
  EXPECT_FALSE(Trusted(authority_, portal, X509_PURPOSE_SSL_SERVER, kNow));
  EXPECT_TRUE(Trusted(authority_, service, X509_PURPOSE_SSL_CLIENT, kNow));
  EXPECT_TRUE(Trusted(authority_, service, X509_PURPOSE_SSL_SERVER, kNow));
  EXPECT_FALSE(Trusted(stranger, portal, X509_PURPOSE_SSL_CLIENT, kNow));
}

TEST_F(CertificatesTest, CannotSignOthers) {
  IssuedCertificate portal = Leaf(kPortal);
  Result<IssuedCertificate> forged = IssueLeaf(portal, kService, {}, kNow, 1);
  ASSERT_FALSE(forged.ok());
  EXPECT_EQ(forged.reason(), Reason::kMalformed);
  CertificateHandle certificate = Read(portal.certificate_pem);
  EXPECT_EQ(X509_check_ca(certificate.get()), 0);
  EXPECT_EQ(X509_get_key_usage(certificate.get()), static_cast<uint32_t>(KU_DIGITAL_SIGNATURE));
  CertificateHandle root = Read(authority_.certificate_pem);
  EXPECT_EQ(X509_get_key_usage(root.get()), static_cast<uint32_t>(KU_KEY_CERT_SIGN | KU_CRL_SIGN));
  EXPECT_EQ(X509_get_pathlen(root.get()), 0);
}

TEST_F(CertificatesTest, HoldFromNowUntilTheirDay) {
  IssuedCertificate portal = Leaf(kPortal);
  TimePoint end = kNow + std::chrono::days(365);
  EXPECT_EQ(ExpiresAt(portal.certificate_pem).value(), end);
  EXPECT_TRUE(Trusted(authority_, portal, X509_PURPOSE_SSL_CLIENT, kNow - std::chrono::minutes(4)));
  EXPECT_FALSE(
      Trusted(authority_, portal, X509_PURPOSE_SSL_CLIENT, kNow - std::chrono::minutes(6)));
  EXPECT_TRUE(Trusted(authority_, portal, X509_PURPOSE_SSL_CLIENT, end - std::chrono::minutes(1)));
  EXPECT_FALSE(Trusted(authority_, portal, X509_PURPOSE_SSL_CLIENT, end + std::chrono::minutes(1)));
}

TEST_F(CertificatesTest, NeverOutliveTheirAuthority) {
  TimePoint end = ExpiresAt(authority_.certificate_pem).value();
  TimePoint late = end - std::chrono::days(10);
  Result<IssuedCertificate> issued = IssueLeaf(authority_, kPortal, {}, late, 365);
  ASSERT_TRUE(issued.ok());
  EXPECT_EQ(ExpiresAt(issued->certificate_pem).value(), end);
  EXPECT_FALSE(IssueLeaf(authority_, kPortal, {}, end, 365).ok());
}

TEST_F(CertificatesTest, HaveTheirOwnSerialAndTheirOwnP256Key) {
  IssuedCertificate one = Leaf(kPortal);
  IssuedCertificate two = Leaf(kPortal);
  EXPECT_FALSE(one.key_pem.Matches(two.key_pem));
  CertificateHandle first = Read(one.certificate_pem);
  CertificateHandle second = Read(two.certificate_pem);
  EXPECT_NE(
      ASN1_INTEGER_cmp(X509_get0_serialNumber(first.get()), X509_get0_serialNumber(second.get())),
      0);
  EXPECT_EQ(ASN1_STRING_length(X509_get0_serialNumber(first.get())), 20);
  EXPECT_TRUE(one.key_pem.Reveal().starts_with("-----BEGIN PRIVATE KEY-----\n"));
  EXPECT_EQ(EVP_PKEY_get_bits(X509_get0_pubkey(first.get())), 256);
  EXPECT_EQ(X509_get_version(first.get()), X509_VERSION_3);
}

TEST_F(CertificatesTest, AreRefusedForImpossibleNames) {
  auto refused = [&](const Identity& identity, const std::vector<std::string>& names) {
    Result<IssuedCertificate> issued = IssueLeaf(authority_, identity, names, kNow, 365);
    return !issued.ok() && issued.reason() == Reason::kMalformed;
  };
  EXPECT_TRUE(refused({"Demo Bank", Role::kPortal, "", ""}, {}));
  EXPECT_TRUE(refused({"demo.bank", Role::kPortal, "main", "desk-1"}, {}));
  EXPECT_TRUE(refused({"demo.bank", Role::kBranch, "Main Street", "desk-1"}, {}));
  EXPECT_TRUE(refused({"demo.bank", Role::kBranch, "main", "../operator"}, {}));
  EXPECT_TRUE(refused(kPortal, {"portal.demo.bank"}));
  using namespace std::string_literals;
  for (const std::string& name :
       {""s, "a b"s, "evil,URI:spiffe://demo.bank/latchkey/operator"s, "*.demo.bank"s,
        "demo.bank\0.evil"s, "DEMO.bank"s, "10.0.0.256"s, "127.0.0.1/8"s, "10.0.0.7\0.evil"s}) {
    EXPECT_TRUE(refused(kService, {name})) << name;
  }
}

TEST_F(CertificatesTest, AreRefusedForImpossibleTimesAndAuthorities) {
  for (int days : {-1, 0, 3661})
    EXPECT_FALSE(IssueLeaf(authority_, kPortal, {}, kNow, days).ok()) << days;
  IssuedCertificate none{.certificate_pem = "nothing", .key_pem = Secret("nothing")};
  EXPECT_EQ(IssueLeaf(none, kPortal, {}, kNow, 1).reason(), Reason::kMalformed);
  IssuedCertificate other_key{.certificate_pem = authority_.certificate_pem,
                              .key_pem = IssueAuthority("demo.bank", kNow).value().key_pem.Copy()};
  EXPECT_EQ(IssueLeaf(other_key, kPortal, {}, kNow, 1).reason(), Reason::kMalformed);
  EXPECT_FALSE(IssueAuthority("", kNow).ok());
  EXPECT_FALSE(IssueAuthority(std::string(65, 'a'), kNow).ok());
  EXPECT_TRUE(IssueAuthority(std::string(64, 'a'), kNow).ok());
  EXPECT_EQ(ExpiresAt("nothing").reason(), Reason::kMalformed);
}

}  // namespace
}  // namespace latchkey::crypto
