// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/kill/service.h"

#include <fcntl.h>
#include <grpcpp/grpcpp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "services/base/check.h"

namespace latchkey::crash {
namespace {

std::string ReadAll(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  LATCHKEY_CHECK(static_cast<bool>(text << file.rdbuf()));
  return text.str();
}

// clients/common shares connections and waits before it connects again; here each life has its own
// and the first call is made at once.
std::shared_ptr<grpc::Channel> Connect(const std::filesystem::path& bank, const std::string& stem,
                                       uint16_t port) {
  const grpc::SslCredentialsOptions tls{.pem_root_certs = ReadAll(bank / "ca/authority.crt"),
                                        .pem_private_key = ReadAll(bank / ("tls/" + stem + ".key")),
                                        .pem_cert_chain = ReadAll(bank / ("tls/" + stem + ".crt"))};
  grpc::ChannelArguments arguments;
  arguments.SetSslTargetNameOverride("localhost");
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(port), grpc::SslCredentials(tls),
                                   arguments);
}

}  // namespace

Service::~Service() {
  if (pid_ != 0) Kill();
}

void Service::Start() {
  int pipe[2];
  LATCHKEY_CHECK(pipe2(pipe, O_CLOEXEC) == 0);
  const std::string program = options_.program, config = options_.bank / "latchkey.toml";
  {
    std::lock_guard lock(mutex_);
    ++lives_;
    started_ = ended_ = false;
  }
  pid_ = fork();
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // it does not outlive a test that is killed
    dup2(pipe[1], 2);
    execl(program.c_str(), program.c_str(), "--config", config.c_str(), nullptr);
    _exit(127);
  }
  close(pipe[1]);
  listener_ = std::thread([this, end = pipe[0]] { Listen(end); });
}

void Service::Listen(int pipe) {
  std::ofstream log(options_.log, std::ios::app);
  std::string line;
  char bytes[65536];
  for (ssize_t got; (got = read(pipe, bytes, sizeof bytes)) > 0;) {
    log.write(bytes, got);
    if (started_) continue;
    line.append(bytes, static_cast<size_t>(got));
    if (line.find("\"event\":\"started\"") == std::string::npos) continue;
    auto life = std::make_shared<Life>();
    life->portal = Connect(options_.bank, "portal", options_.port);
    life->phone = Connect(options_.bank, "ivr", options_.port);
    life->branch = Connect(options_.bank, "branch-main-terminal-1", options_.port);
    std::lock_guard lock(mutex_);
    life->number = lives_;
    life_ = std::move(life);
    started_ = true;
    changed_.notify_all();
  }
  close(pipe);
  std::lock_guard lock(mutex_);
  ended_ = true;
  changed_.notify_all();
}

bool Service::AwaitStarted(Millis patience) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, patience, [&] { return started_ || ended_; });
  return started_;
}

bool Service::Live(Millis time) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, time, [&] { return ended_; });
}

void Service::Kill() {
  kill(pid_, SIGKILL);
  LATCHKEY_CHECK(waitpid(pid_, nullptr, 0) == pid_);
  pid_ = 0;
  listener_.join();
}

std::shared_ptr<const Life> Service::AwaitLife(int64_t after, Millis patience) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, patience, [&] { return life_ != nullptr && life_->number > after; });
  return life_;
}

}  // namespace latchkey::crash
