// SPDX-License-Identifier: Apache-2.0
// latchkey-portal: the web gateway. Reads its file, checks everything, serves until it is told to
// stop.
#include <sodium.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <string>
#include <vector>

#include "clients/common/service.h"
#include "clients/portal/config.h"
#include "clients/portal/form_key.h"
#include "clients/portal/grpc_backend.h"
#include "clients/portal/http/server.h"
#include "clients/portal/portal.h"
#include "crypto/tls_files.h"
#include "services/base/log.h"
#include "services/base/private_memory.h"

namespace latchkey::portal {
namespace {

namespace fs = std::filesystem;

constexpr char kUsage[] =
    "latchkey-portal: the web pages of Latchkey.\n"
    "  latchkey-portal --config FILE          serve\n"
    "  latchkey-portal --config FILE --check  check the configuration and what it names\n"
    "portal.toml.example explains every setting.\n"
    "Exit status: 0 ended by a signal, 1 could not run, 2 wrong options or configuration.\n";

class SystemRandom final : public Random {
 public:
  void Fill(void* out, size_t size) override { randombytes_buf(out, size); }
};

// Beside the program when it runs from a build folder, below /usr when it was installed.
fs::path UsualShare() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  return program.parent_path().parent_path() / "share" / "latchkey" / "portal";
}

// A connection is a file descriptor, so the limit on these is raised to hold the limit on those.
Done RaiseDescriptorLimit(size_t connections) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  const rlim_t needed = connections + 128;
  if (limit.rlim_cur < needed) {
    limit.rlim_cur = std::min<rlim_t>(needed, limit.rlim_max);
    setrlimit(RLIMIT_NOFILE, &limit);
  }
  if (limit.rlim_cur < needed) {
    return Malformed("connections",
                     "this process may open " + std::to_string(limit.rlim_cur) +
                         " files, too few for limits.connections = " + std::to_string(connections) +
                         "; raise the hard limit (ulimit -Hn) or lower that setting");
  }
  return {};
}

constexpr int kCouldNotRun = 1, kWrongConfiguration = 2;

int Complain(const Failure& failure, int status = kCouldNotRun) {
  std::fprintf(stderr, "latchkey-portal: %s\n", failure.detail.c_str());
  return status;
}

int Serve(PortalConfig config, bool only_check) {
  SystemClock clock;
  SystemRandom random;
  if (config.share.empty()) config.share = UsualShare();
  auto key = LoadFormKey(config.form_key_file, random);
  if (!key.ok()) return Complain(key.failure());
  if (auto done = RaiseDescriptorLimit(config.limits.connections); !done.ok()) {
    return Complain(done.failure());
  }
  if (!config.tls_certificate.empty()) {
    auto own = crypto::ReadTlsPair({config.tls_certificate, config.tls_key});
    if (!own.ok()) return Complain(own.failure(), kWrongConfiguration);
  }
  auto channel = client::Connect(config.service);
  if (!channel.ok()) return Complain(channel.failure(), kWrongConfiguration);
  auto backend = MakeGrpcBackend(*channel, config.service_patience);
  auto portal = Portal::Make(config, std::move(*key), *backend, clock, random);
  if (!portal.ok()) return Complain(portal.failure());
  if (only_check) {
    std::puts("latchkey-portal: the configuration is good");
    return 0;
  }

  log::Start("latchkey-portal", Config::Log{});
  // Before any thread exists, so that all of them leave these signals to sigwait below.
  sigset_t ending;
  sigemptyset(&ending);
  sigaddset(&ending, SIGTERM);
  sigaddset(&ending, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ending, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  Portal& pages = **portal;
  ServerOptions options{.address = config.listen_address,
                        .port = config.listen_port,
                        .tls_certificate = config.tls_certificate,
                        .tls_key = config.tls_key,
                        .threads = config.threads,
                        .limits = config.limits,
                        .is_proxy = [&](const std::string& peer) { return pages.IsProxy(peer); }};
  auto server = Server::Start(std::move(options), pages, [&](const AccessLine& line) {
    log::Info("portal.request", {{"method", line.method},
                                 {"page", pages.IsPage(line.path) ? line.path : "other"},
                                 {"status", line.status},
                                 {"took", line.took}});
  });
  if (!server.ok()) return Complain(server.failure());
  log::Info(
      "portal.ready",
      {{"address", config.listen_address}, {"port", (*server)->port()}, {"url", config.base_url}});
  int signal = 0;
  sigwait(&ending, &signal);
  log::Info("portal.stopping", {{"connections", (*server)->connections()}});
  const bool clean = (*server)->Stop(config.service_patience + config.limits.write_timeout);
  log::Info("portal.stopped", {{"clean", clean}});
  log::Flush();
  // A call that is still out would come back to a server that is gone: end at once instead.
  if (!clean) std::_Exit(0);
  return 0;
}

int Main(const std::vector<std::string>& arguments) {
  std::string file;
  bool only_check = false;
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "--config" && i + 1 < arguments.size()) {
      file = arguments[++i];
    } else if (arguments[i] == "--check") {
      only_check = true;
    } else {
      const bool asked = arguments[i] == "--help" || arguments[i] == "-h";
      std::fputs(kUsage, asked ? stdout : stderr);
      return asked ? 0 : kWrongConfiguration;
    }
  }
  if (file.empty()) {
    std::fputs(kUsage, stderr);
    return kWrongConfiguration;
  }
  KeepMemoryPrivate();
  if (sodium_init() < 0) return Complain(Fail(Reason::kInternal, "libsodium did not start"));
  auto config = LoadPortalConfig(file);
  if (!config.ok()) return Complain(config.failure(), kWrongConfiguration);
  return Serve(std::move(*config), only_check);
}

}  // namespace
}  // namespace latchkey::portal

int main(int argc, char** argv) try {
  return latchkey::portal::Main(std::vector<std::string>(argv + 1, argv + argc));
} catch (const std::exception& error) {
  std::fprintf(stderr, "latchkey-portal: %s\n", error.what());
  return 1;
}
