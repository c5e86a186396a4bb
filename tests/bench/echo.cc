// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/echo.h"

#include <grpcpp/server.h>
#include <grpcpp/server_context.h>

#include <csignal>
#include <fstream>
#include <iterator>

#include "latchkey/v1/recovery.grpc.pb.h"
#include "services/rpc/server.h"
#include "tests/bench/process.h"

namespace latchkey::bench {
namespace {

constexpr size_t kTokenBytes = 32;
constexpr int64_t kSomeTime = 1'800'000'000'000;

class Echo final : public v1::Recovery::CallbackService {
 public:
  grpc::ServerUnaryReactor* Begin(grpc::CallbackServerContext* context, const v1::BeginRequest*,
                                  v1::BeginResponse* response) override {
    response->set_handle(std::string(kTokenBytes, 'h'));
    response->set_expires_at_unix_ms(kSomeTime);
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

std::string ReadAll(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace

int ServeEcho(const std::string& folder, const std::string& port) {
  sigset_t ending;
  sigemptyset(&ending);
  sigaddset(&ending, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ending, nullptr);
  rpc::ServerOptions options;
  options.address = "127.0.0.1:" + port;
  options.ca_pem = ReadAll(folder + "/ca/authority.crt");
  options.certificate_pem = ReadAll(folder + "/tls/service.crt");
  options.key_pem = Secret(ReadAll(folder + "/tls/service.key"));
  Echo echo;
  auto server = rpc::StartServer(options, {&echo});
  if (!server.ok()) Die(server.failure().detail);
  int signal = 0;
  sigwait(&ending, &signal);
  rpc::StopServer(**server, std::chrono::seconds(1));
  return 0;
}

}  // namespace latchkey::bench
