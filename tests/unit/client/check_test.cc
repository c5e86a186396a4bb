// SPDX-License-Identifier: Apache-2.0
// --check is the same at every client: 0 and a word when all is well, else 2 and what is wrong.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "crypto/certificates.h"
#include "crypto/private_file.h"

namespace latchkey::client {
namespace {

struct Ended {
  int status = -1;
  std::string said;
};

class CheckTest : public ::testing::TestWithParam<const char*> {
 protected:
  CheckTest() {
    std::string made = (std::filesystem::temp_directory_path() / "latchkey-check-XXXXXX").string();
    EXPECT_NE(mkdtemp(made.data()), nullptr);
    folder_ = made;
    const TimePoint now = SystemClock().Now();
    const auto authority = crypto::IssueAuthority("Test Bank", now);
    EXPECT_TRUE(authority.ok());
    const auto leaf = crypto::IssueServer(*authority, {}, now, 2);
    EXPECT_TRUE(leaf.ok());
    std::ofstream(folder_ / "authority.pem") << authority->certificate_pem;
    std::ofstream(folder_ / "client.pem") << leaf->certificate_pem;
    EXPECT_TRUE(crypto::WritePrivateFile(folder_ / "client.key", leaf->key_pem.Reveal()).ok());
  }
  ~CheckTest() override { std::filesystem::remove_all(folder_); }

  // Nobody listens there, and nobody is asked.
  Ended Check(const std::string& ca) {
    const std::string name = GetParam();
    std::ofstream file(folder_ / "client.toml");
    if (name == "latchkey-portal") {
      file << "[portal]\nbase_url = \"http://localhost:8080\"\n"
           << "[bank]\nname = \"Test Bank\"\n";
    }
    file << "[service]\nserver = \"localhost:1\"\nca = \"" << ca
         << "\"\ncertificate = \"client.pem\"\nkey = \"client.key\"\n";
    file.close();
    const std::string command = std::string(LATCHKEY_CLIENTS) + "/" + name + " --check --config " +
                                (folder_ / "client.toml").string() + " 2>&1 </dev/null";
    Ended ended;
    std::FILE* pipe = popen(command.c_str(), "r");
    if (pipe == nullptr) return ended;
    for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe))
      ended.said.push_back(static_cast<char>(c));
    const int status = pclose(pipe);
    if (WIFEXITED(status)) ended.status = WEXITSTATUS(status);
    return ended;
  }

  std::filesystem::path folder_;
};

// Seen to fail without the option at the phone and at the terminal.
TEST_P(CheckTest, SaysThatAllIsWell) {
  const Ended ended = Check("authority.pem");
  EXPECT_EQ(ended.said, std::string(GetParam()) + ": the configuration is good\n");
  EXPECT_EQ(ended.status, 0);
}

// Seen to fail at the portal, which ended with 1.
TEST_P(CheckTest, NamesWhatCannotBeRead) {
  const Ended ended = Check("absent.pem");
  EXPECT_TRUE(ended.said.starts_with(std::string(GetParam()) + ": the certificate authority"))
      << ended.said;
  EXPECT_NE(ended.said.find("absent.pem"), std::string::npos);
  EXPECT_EQ(ended.status, 2);
}

INSTANTIATE_TEST_SUITE_P(Clients, CheckTest,
                         ::testing::Values("latchkey-portal", "latchkey-ivr", "latchkey-branch"),
                         [](const auto& client) { return std::string(client.param).substr(9); });

}  // namespace
}  // namespace latchkey::client
