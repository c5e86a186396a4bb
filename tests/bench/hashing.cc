// SPDX-License-Identifier: Apache-2.0
// The limit of everything that hashes a password: Argon2id at the service's cost on all cores.
#include <sodium.h>

#include <thread>

#include "crypto/argon2.h"
#include "crypto/work_area.h"
#include "tests/bench/bench.h"
#include "tests/bench/load.h"

namespace latchkey::bench {
namespace {

constexpr size_t kHashBytes = 32;
constexpr std::string_view kMessage = "0123456789abcdef0123456789abcdef";
constexpr std::string_view kSalt = "saltsaltsaltsalt";
static_assert(kSalt.size() == crypto::kArgon2SaltBytes);

size_t Cores() { return std::max(1u, std::thread::hardware_concurrency()); }

// Each thread works in memory of its own from its first hash to its last, as a hash slot does.
class OwnArea {
 public:
  OwnArea() : area_(size_t{crypto::Argon2Cost().memory_kib} * 1024) {
    crypto::WorkArea::Lend(&area_);
  }
  ~OwnArea() { crypto::WorkArea::Lend(nullptr); }

 private:
  crypto::WorkArea area_;
};

}  // namespace

double HashesPerSecond(double seconds) {
  return Repeat(Cores(), seconds, [](size_t) {
    thread_local OwnArea area;
    if (!crypto::Argon2idRaw(kMessage, kSalt, crypto::Argon2Cost(), kHashBytes).ok()) {
      Die("no memory for Argon2id");
    }
  });
}

double PlainHashesPerSecond(double seconds) {
  const crypto::Argon2Cost cost;
  return Repeat(Cores(), seconds, [cost](size_t) {
    unsigned char hash[kHashBytes];
    if (crypto_pwhash_argon2id(hash, sizeof hash, kMessage.data(), kMessage.size(),
                               reinterpret_cast<const unsigned char*>(kSalt.data()), cost.passes,
                               size_t{cost.memory_kib} * 1024,
                               crypto_pwhash_argon2id_ALG_ARGON2ID13) != 0) {
      Die("no memory for Argon2id");
    }
  });
}

}  // namespace latchkey::bench
