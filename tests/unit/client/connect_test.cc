// SPDX-License-Identifier: Apache-2.0
// Against a service with real certificates: what is said when the two do not fit together.
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "clients/common/call.h"
#include "clients/common/service.h"
#include "crypto/certificates.h"
#include "crypto/private_file.h"
#include "latchkey/v1/cases.grpc.pb.h"

namespace latchkey::client {
namespace {

class ConnectTest : public ::testing::Test {
 protected:
  ConnectTest() {
    std::string made =
        (std::filesystem::temp_directory_path() / "latchkey-connect-XXXXXX").string();
    EXPECT_NE(mkdtemp(made.data()), nullptr);
    folder_ = made;
    const TimePoint now = SystemClock().Now();
    for (const char* bank : {"ours", "theirs"}) {
      const auto authority = crypto::IssueAuthority(bank, now);
      EXPECT_TRUE(authority.ok());
      const auto leaf = crypto::IssueServer(*authority, {"latchkey.example"}, now, 2);
      EXPECT_TRUE(leaf.ok());
      std::ofstream(File(bank, ".ca")) << authority->certificate_pem;
      std::ofstream(File(bank, ".crt")) << leaf->certificate_pem;
      EXPECT_TRUE(crypto::WritePrivateFile(File(bank, ".key"), leaf->key_pem.Reveal()).ok());
      if (std::string_view(bank) == "ours") Start(leaf->certificate_pem, leaf->key_pem);
    }
  }
  ~ConnectTest() override {
    server_->Shutdown();
    std::filesystem::remove_all(folder_);
  }

  std::filesystem::path File(std::string_view bank, std::string_view kind) {
    return folder_ / (std::string(bank) + std::string(kind));
  }

  void Start(const std::string& certificate, const Secret& key) {
    grpc::SslServerCredentialsOptions tls;
    tls.pem_key_cert_pairs.push_back({std::string(key.Reveal()), certificate});
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::SslServerCredentials(tls), &port_);
    builder.RegisterService(&cases_);
    server_ = builder.BuildAndStart();
    ASSERT_NE(server_, nullptr);
  }

  Refused Called(const std::string& server_name, const std::string& bank) {
    const auto channel = Connect({.server = "127.0.0.1:" + std::to_string(port_),
                                  .server_name = server_name,
                                  .ca = File(bank, ".ca"),
                                  .certificate = File("ours", ".crt"),
                                  .key = File("ours", ".key")});
    EXPECT_TRUE(channel.ok());
    v1::Cases::Stub cases(*channel);
    return Ask(cases, &v1::Cases::Stub::GetCase, v1::GetCaseRequest()).refused();
  }

  std::filesystem::path folder_;
  v1::Cases::Service cases_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
};

TEST_F(ConnectTest, ReachesAServiceOfItsBankUnderItsName) {
  const Refused refused = Called("latchkey.example", "ours");
  EXPECT_FALSE(refused.unreachable);
  EXPECT_EQ(refused.misfit, "");
}

TEST_F(ConnectTest, SaysThatTheServicesCertificateHasAnotherName) {
  testing::internal::CaptureStderr();
  const Refused refused = Called("other.example", "ours");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_TRUE(refused.unreachable);
  EXPECT_NE(refused.misfit.find("another name"), std::string::npos);
}

// Fails without: each of MisfitOf's words (seen); QuietenGrpc (seen: "E1129 … ssl_transport_…").
TEST_F(ConnectTest, SaysThatTheServicesCertificateIsOfAnotherAuthority) {
  testing::internal::CaptureStderr();
  const Refused refused = Called("latchkey.example", "theirs");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_TRUE(refused.unreachable);
  EXPECT_NE(refused.misfit.find("not of the authority"), std::string::npos);
}

TEST_F(ConnectTest, CallsAServiceThatIsAwayNoMisfit) {
  server_->Shutdown();
  const Refused refused = Called("latchkey.example", "ours");
  EXPECT_TRUE(refused.unreachable);
  EXPECT_EQ(refused.misfit, "");
}

}  // namespace
}  // namespace latchkey::client
