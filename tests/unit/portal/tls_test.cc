// SPDX-License-Identifier: Apache-2.0
// The server over TLS, spoken to by OpenSSL.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>

#include "clients/portal/http/server.h"
#include "crypto/certificates.h"
#include "crypto/private_file.h"
#include "tests/unit/portal/browser.h"

namespace latchkey::portal {
namespace {

namespace fs = std::filesystem;

struct Ended {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* session) const { SSL_free(session); }
};

class ServedOverTls : public testing::Test {
 protected:
  void SetUp() override {
    const TimePoint now = SystemClock().Now();
    auto authority = crypto::IssueAuthority("Test Bank", now);
    ASSERT_TRUE(authority.ok());
    auto leaf = crypto::IssueServer(*authority, {"localhost"}, now, 2);
    ASSERT_TRUE(leaf.ok()) << leaf.failure().detail;
    const fs::path folder = fs::path(testing::TempDir());
    options.address = "127.0.0.1";
    options.tls_certificate = folder / "portal_tls_test.crt";
    options.tls_key = folder / "portal_tls_test.key";
    std::ofstream(options.tls_certificate) << leaf->certificate_pem;
    ASSERT_TRUE(crypto::WritePrivateFile(options.tls_key, leaf->key_pem.Reveal()).ok());
  }
  void TearDown() override {
    fs::remove(options.tls_certificate);
    fs::remove(options.tls_key);
  }

  // What the server says to one request; empty when there was no handshake.
  std::string Ask(uint16_t port, int newest_protocol) {
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    std::string all;
    std::unique_ptr<SSL_CTX, Ended> context(SSL_CTX_new(TLS_client_method()));
    SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context.get(), newest_protocol);
    SSL_CTX_set_security_level(context.get(), 0);
    std::unique_ptr<SSL, Ended> session(SSL_new(context.get()));
    if (::connect(socket, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0) {
      SSL_set_fd(session.get(), socket);
      if (SSL_connect(session.get()) == 1) {
        const std::string request =
            "GET /privacy HTTP/1.1\r\nHost: reset.bank.example\r\nConnection: close\r\n\r\n";
        SSL_write(session.get(), request.data(), static_cast<int>(request.size()));
        char chunk[4096];
        for (int got; (got = SSL_read(session.get(), chunk, sizeof chunk)) > 0;) {
          all.append(chunk, static_cast<size_t>(got));
        }
      }
    }
    ::close(socket);
    return all;
  }

  static PortalConfig Secure() {
    PortalConfig config = TestConfig();
    config.base_url = "https://reset.bank.example";
    return config;
  }

  World world{Secure()};
  ServerOptions options;
};

TEST_F(ServedOverTls, SpeaksNewProtocolsOnly) {
  auto server = Server::Start(options, *world.portal, [](const AccessLine&) {});
  ASSERT_TRUE(server.ok()) << server.failure().detail;
  for (int protocol : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const std::string answer = Ask((*server)->port(), protocol);
    EXPECT_NE(answer.find("Strict-Transport-Security"), std::string::npos);
    EXPECT_NE(answer.find("Set-Cookie: __Host-lk_form="), std::string::npos);
    EXPECT_NE(answer.find("; Secure"), std::string::npos);
    EXPECT_NE(answer.find("</html>"), std::string::npos);
  }
  EXPECT_EQ(Ask((*server)->port(), TLS1_1_VERSION), "");
}

TEST_F(ServedOverTls, RefusesTheStartWithoutAGoodKey) {
  options.tls_key = options.tls_certificate;
  auto server = Server::Start(options, *world.portal, [](const AccessLine&) {});
  ASSERT_FALSE(server.ok());
  EXPECT_NE(server.failure().detail.find("run chmod 600"), std::string::npos)
      << server.failure().detail;
  fs::permissions(options.tls_key, fs::perms::owner_read);
  server = Server::Start(options, *world.portal, [](const AccessLine&) {});
  ASSERT_FALSE(server.ok());
  EXPECT_NE(server.failure().detail.find(options.tls_key.string() + " holds no private key"),
            std::string::npos)
      << server.failure().detail;
}

}  // namespace
}  // namespace latchkey::portal
