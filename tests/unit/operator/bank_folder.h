// SPDX-License-Identifier: Apache-2.0
// A real folder with a real ledger, for commands to work on.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>

#include "crypto/random.h"
#include "services/operator/commands.h"
#include "tests/free_port.h"

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
    options.listen = "127.0.0.1:" + std::to_string(FreePort());
    options.metrics = "";
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
    bool let_go = false;  // the spool, when it said that it had stopped
  };
  bool SpoolIsFree() const {
    const int claim = open((folder_ / "bank/data/spool/claimed").c_str(), O_RDWR | O_CLOEXEC);
    const bool is_free = claim >= 0 && flock(claim, LOCK_EX | LOCK_NB) == 0;
    close(claim);
    return is_free;
  }
  // The real latchkeyd: until it refuses, or has said that it started and was told to end, after
  // `meanwhile`.
  Ran RunService(const std::string& word = {}, const std::function<void()>& meanwhile = {}) {
    int out[2];
    EXPECT_EQ(pipe2(out, O_CLOEXEC), 0);
    const std::string file = config().string();
    const pid_t child = fork();
    service_ = child;
    if (child == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);  // it does not outlive a test that is killed
      dup2(out[1], 2);
      execl(LATCHKEYD, LATCHKEYD, "--config", file.c_str(), word.empty() ? nullptr : word.c_str(),
            nullptr);
      _exit(127);
    }
    close(out[1]);
    Ran ran;
    std::array<char, 4096> buffer{};
    bool has_started = false;
    for (ssize_t got; (got = read(out[0], buffer.data(), buffer.size())) > 0;) {
      ran.said.append(buffer.data(), static_cast<size_t>(got));
      if (!ran.let_go && ran.said.find("\"stopped\"") != std::string::npos)
        ran.let_go = SpoolIsFree();
      if (has_started || ran.said.find("\"started\"") == std::string::npos) continue;
      has_started = true;
      if (meanwhile) meanwhile();
      kill(child, SIGTERM);
    }
    close(out[0]);
    int status = 0;
    waitpid(child, &status, 0);
    ran.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return ran;
  }

  fs::path folder_;
  pid_t service_ = -1;  // while it runs
  std::ostringstream out_, notes_;
  SystemClock clock_;
  Terminal terminal_{out_, notes_, clock_};
};

}  // namespace latchkey::operate
