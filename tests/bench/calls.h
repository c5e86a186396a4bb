// SPDX-License-Identifier: Apache-2.0
// What a portal asks of the service, over real mutual TLS, without waiting.
#pragma once

#include <grpcpp/channel.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "latchkey/v1/recovery.grpc.pb.h"
#include "latchkey/v1/signin.grpc.pb.h"

namespace latchkey::bench {

// Several portals, each with its one connection.
inline constexpr size_t kUsualLines = 4;

// Connections with the portal's certificate; calls go over them in turn. Threads: any.
class Lines {
 public:
  Lines(const std::filesystem::path& bank, uint16_t port, size_t lines);

  template <typename Response>
  using Then = std::function<void(const std::optional<Response>&)>;  // empty: refused

  struct SignInAs {
    std::string login;
    std::string address;
    std::string device = {};
    std::string password = {};  // empty: the right one
  };
  void SignIn(const SignInAs& who, Then<v1::SignInResponse> then);
  // Each with an idempotency key of its own.
  void Begin(const std::string& identifier, const std::string& address,
             Then<v1::BeginResponse> then);
  void SubmitCode(const std::string& identifier, const std::string& code,
                  const std::string& address, Then<v1::ProofResponse> then);
  void OpenLink(const std::string& token, const std::string& address, Then<v1::ProofResponse> then);
  void SetPassword(const std::string& session, const std::string& password,
                   const std::string& address, Then<v1::SetPasswordResponse> then);
  void GetSession(const std::string& session, Then<v1::GetSessionResponse> then);

  // Why the last call that was refused was, for whoever has to give up.
  std::string LastRefusal() const;

 private:
  template <typename Response, typename Request, typename Start>
  void Ask(Request request, Start start, Then<Response> then);

  struct Line {
    std::unique_ptr<v1::SignIn::Stub> sign_in;
    std::unique_ptr<v1::Recovery::Stub> recovery;
  };
  Line& Next() { return lines_[next_++ % lines_.size()]; }
  std::string NewKey();

  std::vector<Line> lines_;
  std::atomic<uint64_t> next_{0};
  std::atomic<uint64_t> keys_{0};
  const std::string key_start_;
  mutable std::mutex mutex_;
  std::string last_refusal_ = "nothing was refused";
};

}  // namespace latchkey::bench
