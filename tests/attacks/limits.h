// SPDX-License-Identifier: Apache-2.0
// Attacks by size and by speed: a gateway's certificate with bare hands on the wire, and how much
// memory that costs.
#pragma once

#include <fstream>
#include <memory>
#include <string>
#include <string_view>

#include "tests/attacks/bank.h"
#include "tests/attacks/raw_h2.h"

namespace latchkey::attacks {

// gRPC's status codes as they stand on the wire.
inline constexpr int kInvalidArgument = 3, kNotFound = 5, kResourceExhausted = 8,
                     kFailedPrecondition = 9, kUnimplemented = 12;

// The memory of this process, in which the node runs with whoever attacks it.
class Memory {
 public:
  // From here on; what was at its highest before is forgotten.
  Memory() : before_((Forget(), Kib("VmRSS:"))) {}
  // By how much it has been higher since, at its highest.
  int64_t GrownKib() const { return Kib("VmHWM:") - before_; }

 private:
  static void Forget() { std::ofstream("/proc/self/clear_refs") << "5"; }
  static int64_t Kib(std::string_view what) {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with(what)) return std::stoll(line.substr(what.size()));
    }
    LATCHKEY_CHECK(false);
  }
  const int64_t before_;
};

class Limits : public Attack {
 protected:
  std::unique_ptr<RawH2> Wire(crypto::Role role = crypto::Role::kPortal) {
    const bool branch = role == crypto::Role::kBranch;
    const auto leaf =
        Leaf({std::string(kBankDomain), role, branch ? "west" : "", branch ? "one" : ""});
    const std::string& address = A().address();
    return std::make_unique<RawH2>(std::stoi(address.substr(address.rfind(':') + 1)),
                                   TlsClient{.authority = authority_.certificate_pem,
                                             .certificate = leaf.certificate_pem,
                                             .key = std::string(leaf.key_pem.Reveal())});
  }
  // Somebody honest is still answered.
  void ExpectHonestCallsWork() {
    EXPECT_TRUE(
        Web().Call(&v1::Recovery::Stub::Begin, BeginFor("nobody-at-all", NextAddress())).ok());
    A().Drain();
  }
};

}  // namespace latchkey::attacks
