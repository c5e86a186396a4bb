// SPDX-License-Identifier: Apache-2.0
#include "tests/contract/engines/redis.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

extern char** environ;

namespace latchkey::testing {
namespace {

[[noreturn]] void Missing(const std::string& what) {
  std::fprintf(stderr, "The contract tests need redis-server (apt-get install redis-server): %s\n",
               what.c_str());
  std::abort();
}

bool Answers(const std::filesystem::path& socket_path) {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::strncpy(name.sun_path, socket_path.c_str(), sizeof name.sun_path - 1);
  // While it still reads its file it answers "-LOADING": only "+PONG" will do.
  char answer[8] = {};
  const bool answers = connect(fd, reinterpret_cast<sockaddr*>(&name), sizeof name) == 0 &&
                       send(fd, "PING\r\n", 6, MSG_NOSIGNAL) == 6 &&
                       recv(fd, answer, sizeof answer - 1, 0) > 0 && answer[0] == '+';
  close(fd);
  return answers;
}

}  // namespace

ThrowawayRedis::ThrowawayRedis() {
  std::string made = (std::filesystem::temp_directory_path() / "latchkey-redis-XXXXXX").string();
  if (mkdtemp(made.data()) == nullptr) Missing("no folder for it");
  folder_ = made;
  Start();
}

ThrowawayRedis::~ThrowawayRedis() {
  if (pid_ != 0) Kill();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void ThrowawayRedis::Kill() {
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = 0;
}

void ThrowawayRedis::Start() {
  const std::filesystem::path socket_path = folder_ / "redis.sock";
  std::filesystem::remove(socket_path);
  std::vector<std::string> words = {"redis-server",
                                    "--port",
                                    "0",
                                    "--unixsocket",
                                    socket_path.string(),
                                    "--dir",
                                    folder_.string(),
                                    "--save",
                                    "",
                                    "--appendonly",
                                    "yes",
                                    "--appendfsync",
                                    "always",
                                    "--daemonize",
                                    "no"};
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, (folder_ / "log").c_str(),
                                   O_WRONLY | O_CREAT | O_APPEND, 0600);
  posix_spawn_file_actions_adddup2(&actions, 1, 2);
  const int failed =
      posix_spawnp(&pid_, words[0].c_str(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) Missing(std::strerror(failed));
  for (int attempts = 0; !Answers(socket_path); ++attempts) {
    if (attempts == 1000 || waitpid(pid_, nullptr, WNOHANG) == pid_)
      Missing("it does not start; see " + folder_.string());
    std::this_thread::sleep_for(
        std::chrono::milliseconds(10));  // another process starts: nothing to inject
  }
}

}  // namespace latchkey::testing
