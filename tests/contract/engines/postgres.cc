// SPDX-License-Identifier: Apache-2.0
#include "tests/contract/engines/postgres.h"

#include <fcntl.h>
#include <grp.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <thread>
#include <vector>

namespace latchkey::testing {
namespace {

[[noreturn]] void Missing(const std::string& what) {
  std::fprintf(stderr, "The contract tests need PostgreSQL (apt-get install postgresql): %s\n",
               what.c_str());
  std::abort();
}

// Debian keeps the servers of all versions side by side and out of PATH: the newest is taken.
std::filesystem::path Binaries() {
  std::filesystem::path newest;
  int newest_version = 0;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator("/usr/lib/postgresql", none)) {
    const int version = std::atoi(entry.path().filename().c_str());
    if (version > newest_version && std::filesystem::exists(entry.path() / "bin" / "initdb")) {
      newest_version = version;
      newest = entry.path() / "bin";
    }
  }
  if (newest.empty()) Missing("no /usr/lib/postgresql/*/bin/initdb");
  return newest;
}

// Whom the server runs as; nullptr when that is whoever runs the tests.
const passwd* OtherUser() {
  if (geteuid() != 0) return nullptr;
  const passwd* user = getpwnam("postgres");
  if (user == nullptr) user = getpwnam("nobody");
  if (user == nullptr) Missing("it refuses to run as root, and there is no other user");
  return user;
}

pid_t Spawn(const std::vector<std::string>& words, const std::filesystem::path& log) {
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const passwd* user = OtherUser();
  const pid_t pid = fork();
  if (pid != 0) return pid;
  const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  dup2(out, 1);
  dup2(out, 2);
  if (user != nullptr && (setgroups(0, nullptr) != 0 || setgid(user->pw_gid) != 0 ||
                          setuid(user->pw_uid) != 0 || chdir("/") != 0)) {
    _exit(126);
  }
  prctl(PR_SET_PDEATHSIG, SIGQUIT);  // it does not outlive a test program that is killed
  execv(arguments[0], arguments.data());
  _exit(127);
}

}  // namespace

ThrowawayPostgres::ThrowawayPostgres() {
  std::string made = (std::filesystem::temp_directory_path() / "latchkey-pg-XXXXXX").string();
  if (mkdtemp(made.data()) == nullptr) Missing("no folder for it");
  folder_ = made;
  const passwd* user = OtherUser();
  if (user != nullptr && chown(made.c_str(), user->pw_uid, user->pw_gid) != 0) {
    Missing("its folder cannot be given to " + std::string(user->pw_name));
  }
  const pid_t initdb =
      Spawn({(Binaries() / "initdb").string(), "-D", (folder_ / "data").string(), "-U", "latchkey",
             "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"},
            folder_ / "log");
  int status = 0;
  waitpid(initdb, &status, 0);
  if (status != 0) Missing("initdb failed; see " + (folder_ / "log").string());
  Start();
}

ThrowawayPostgres::~ThrowawayPostgres() {
  if (pid_ != 0) Kill();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

ThrowawayPostgres& ThrowawayPostgres::Shared() {
  static ThrowawayPostgres shared;
  return shared;
}

// SIGQUIT: the server kills its children and goes at once, without a checkpoint, so that the next
// start recovers.
void ThrowawayPostgres::Kill() {
  kill(pid_, SIGQUIT);
  Resume();  // one that is stopped would not hear of it
  waitpid(pid_, nullptr, 0);
  pid_ = 0;
}

void ThrowawayPostgres::Start() {
  // Nothing here survives a power cut, and nothing must: fsync would only make the tests slow.
  pid_ = Spawn({(Binaries() / "postgres").string(), "-D", (folder_ / "data").string(), "-k",
                folder_.string(), "-c", "listen_addresses=", "-c", "fsync=off", "-c",
                "max_connections=200", "-c", "deadlock_timeout=100ms"},
               folder_ / "log");
  for (int attempts = 0; PQping(Conninfo("postgres").c_str()) != PQPING_OK; ++attempts) {
    if (attempts == 3000 || waitpid(pid_, nullptr, WNOHANG) == pid_) {
      Missing("it does not start; see " + (folder_ / "log").string());
    }
    // Another process starts: there is no clock to inject.
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

// The first process first, so that it starts no more of them meanwhile.
void ThrowawayPostgres::SignalAll(int signal) const {
  kill(pid_, signal);
  const std::string number = std::to_string(pid_);
  std::ifstream children("/proc/" + number + "/task/" + number + "/children");
  if (!children) Missing("the kernel does not list its processes (CONFIG_PROC_CHILDREN)");
  for (pid_t child = 0; children >> child;) kill(child, signal);
}

void ThrowawayPostgres::Suspend() { SignalAll(SIGSTOP); }
void ThrowawayPostgres::Resume() { SignalAll(SIGCONT); }

std::string ThrowawayPostgres::Conninfo(const std::string& database) const {
  return "host=" + folder_.string() + " user=latchkey dbname=" + database;
}

std::string ThrowawayPostgres::NewDatabase() {
  const std::string name = "latchkey" + std::to_string(++databases_);
  PGconn* connection = PQconnectdb(Conninfo("postgres").c_str());
  PGresult* result = PQexec(connection, ("CREATE DATABASE " + name).c_str());
  if (PQresultStatus(result) != PGRES_COMMAND_OK) Missing(PQerrorMessage(connection));
  PQclear(result);
  PQfinish(connection);
  return Conninfo(name);
}

}  // namespace latchkey::testing
