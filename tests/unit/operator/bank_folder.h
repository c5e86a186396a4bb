// SPDX-License-Identifier: Apache-2.0
// A real folder with a real ledger, for commands to work on.
#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "crypto/random.h"
#include "services/operator/commands.h"

namespace latchkey::operate {

namespace fs = std::filesystem;

class Commands : public testing::Test {
 protected:
  Commands()
      : folder_(fs::path(testing::TempDir()) /
                ("commands-" + std::to_string(getpid()) + "-" +
                 testing::UnitTest::GetInstance()->current_test_info()->name())) {
    crypto::Start();
    fs::create_directories(folder_);
  }
  ~Commands() override { fs::remove_all(folder_); }

  InitOptions Bank() const {
    InitOptions options;
    options.dir = folder_ / "bank";
    options.bank = "bank.example";
    options.portal_url = "https://recover.bank.example";
    options.phone = "+44 20 7946 0000";
    return options;
  }
  fs::path config() const { return folder_ / "bank/latchkey.toml"; }
  // A bank that is ready to be worked on.
  void Open() {
    ASSERT_EQ(Init(terminal_, Bank()), Exit::kDone) << notes_.str();
    ASSERT_EQ(Migrate(terminal_, config()), Exit::kDone) << notes_.str();
  }
  StaffAddOptions Teller(const std::string& login, const std::string& password) {
    std::string file = (folder_ / "password").string();
    std::ofstream(file) << password << "\n";
    chmod(file.c_str(), 0600);
    StaffAddOptions options;
    options.config = config();
    options.login = login;
    options.name = "Tess Miller";
    options.branch = "main";
    options.password_file = file;
    return options;
  }
  void ImportText(const std::string& text) {
    std::ofstream(folder_ / "customers.csv") << text;
    ImportOptions options;
    options.config = config();
    options.file = folder_ / "customers.csv";
    ASSERT_EQ(Import(terminal_, options), Exit::kDone) << notes_.str();
  }

  struct Ran {
    int status = 0;
    std::string said;
  };
  // Until it refuses; one that starts is ended by its first signal, and has said "started".
  Ran RunService(const std::string& words = {}) {
    const std::string command = "timeout --preserve-status -s TERM 5 " LATCHKEYD " " + words +
                                " --config " + config().string() + " 2>&1";
    Ran ran;
    FILE* pipe = popen(command.c_str(), "r");
    std::array<char, 4096> buffer{};
    while (size_t got = fread(buffer.data(), 1, buffer.size(), pipe))
      ran.said.append(buffer.data(), got);
    ran.status = WEXITSTATUS(pclose(pipe));
    return ran;
  }

  fs::path folder_;
  std::ostringstream out_, notes_;
  SystemClock clock_;
  Terminal terminal_{out_, notes_, clock_};
};

}  // namespace latchkey::operate
