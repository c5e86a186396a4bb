// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

namespace latchkey::bench {
namespace {

constexpr int kPatienceMillis = 30'000;
constexpr int kLookEveryMillis = 20;

pid_t Spawn(const std::vector<std::string>& words, const std::filesystem::path& log) {
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  // Whatever ends this run ends what it started.
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  const int in = ::open("/dev/null", O_RDONLY);
  ::dup2(in, 0);
  ::dup2(out, 1);
  ::dup2(out, 2);
  ::execv(arguments[0], arguments.data());
  ::dprintf(2, "%s cannot be started: %s\n", arguments[0], ::strerror(errno));
  ::_exit(127);
}

std::string EndOf(const std::filesystem::path& log) {
  std::ifstream file(log);
  std::string line, last;
  while (std::getline(file, line)) {
    if (!line.empty()) last = line;
  }
  return last.empty() ? "it said nothing" : last;
}

bool Listens(uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool listens = ::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
  ::close(fd);
  return listens;
}

}  // namespace

void Die(const std::string& what) {
  std::fprintf(stderr, "\nlatchkey_bench: %s\n", what.c_str());
  std::exit(1);
}

Child::Child(const std::vector<std::string>& words, const std::filesystem::path& log)
    : pid_(Spawn(words, log)), log_(log) {
  if (pid_ < 0) Die("cannot start " + words.front());
}

Child::~Child() {
  if (!alive()) return;
  ::kill(pid_, SIGTERM);
  for (int waited = 0; waited < kPatienceMillis && alive(); waited += kLookEveryMillis) {
    ::poll(nullptr, 0, kLookEveryMillis);
  }
  if (!alive()) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

bool Child::alive() {
  if (!ended_) ended_ = ::waitpid(pid_, nullptr, WNOHANG) == pid_;
  return !ended_;
}

void Child::WaitForPort(uint16_t port) {
  for (int waited = 0; waited < kPatienceMillis; waited += kLookEveryMillis) {
    if (Listens(port)) return;
    if (!alive()) Die("a program ended at once: " + EndOf(log_));
    ::poll(nullptr, 0, kLookEveryMillis);
  }
  Die("a program does not listen: " + EndOf(log_));
}

void RunToEnd(const std::vector<std::string>& words, const std::filesystem::path& log) {
  int status = 0;
  const pid_t pid = Spawn(words, log);
  if (::waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    Die(std::filesystem::path(words.front()).filename().string() + " failed: " + EndOf(log));
  }
}

int64_t StatusKib(pid_t pid, const std::string& name) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/status");
  std::string line;
  while (std::getline(file, line)) {
    if (line.starts_with(name + ":")) return std::stoll(line.substr(name.size() + 1));
  }
  Die("/proc does not tell " + name);
}

double ProcessorSeconds(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::stringstream text;
  text << file.rdbuf();
  // The name in brackets may hold anything; what follows are numbers, 12th and 13th the times.
  std::istringstream rest(text.str().substr(text.str().rfind(')') + 2));
  std::string word;
  for (int i = 0; i < 11; ++i) rest >> word;
  long user = 0, system = 0;
  rest >> user >> system;
  return static_cast<double>(user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

Scratch::Scratch(const std::filesystem::path& parent) {
  std::filesystem::create_directories(parent);
  std::string name = (parent / "run-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) Die("no folder can be made in " + parent.string());
  path_ = name;
}

Scratch::~Scratch() {
  std::error_code error;
  std::filesystem::remove_all(path_, error);
}

}  // namespace latchkey::bench
