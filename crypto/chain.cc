// SPDX-License-Identifier: Apache-2.0
#include "crypto/chain.h"

#include <sodium.h>

#include <array>

#include "crypto/digest.h"
#include "services/base/check.h"

namespace latchkey::crypto {
namespace {

// A signing key pair that wipes its secret half.
struct SigningKeys {
  explicit SigningKeys(const Secret& seed) {
    LATCHKEY_CHECK(seed.size() == crypto_sign_SEEDBYTES);
    crypto_sign_seed_keypair(public_half.data(), secret_half.data(),
                             reinterpret_cast<const unsigned char*>(seed.Reveal().data()));
  }
  ~SigningKeys() { sodium_memzero(secret_half.data(), secret_half.size()); }
  SigningKeys(const SigningKeys&) = delete;
  SigningKeys& operator=(const SigningKeys&) = delete;

  std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> public_half{};
  std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secret_half{};
};

}  // namespace

Bytes ChainDigest(const Secret& journal_key, const ChainedEntry& entry) {
  return KeyedDigest(
      journal_key, Purpose{"latchkey journal entry 1"},
      {Part(entry.account_id), Part(entry.seq), Part(entry.at_unix_ms), Part(entry.kind),
       Part(entry.channel), Part(entry.staff_id), Part(entry.case_id), Part(entry.recovery_id),
       entry.sealed_details, entry.previous});
}

Bytes SignCheckpoint(const Secret& seed, std::string_view line) {
  SigningKeys keys(seed);
  std::string signature(crypto_sign_BYTES, '\0');
  crypto_sign_detached(reinterpret_cast<unsigned char*>(signature.data()), nullptr,
                       reinterpret_cast<const unsigned char*>(line.data()), line.size(),
                       keys.secret_half.data());
  return Bytes(std::move(signature));
}

Bytes CheckpointPublicKey(const Secret& seed) {
  SigningKeys keys(seed);
  return Bytes(
      std::string(reinterpret_cast<const char*>(keys.public_half.data()), keys.public_half.size()));
}

bool VerifyCheckpoint(const Bytes& public_key, std::string_view line, const Bytes& signature) {
  if (public_key.size() != crypto_sign_PUBLICKEYBYTES || signature.size() != crypto_sign_BYTES) {
    return false;
  }
  return crypto_sign_verify_detached(
             reinterpret_cast<const unsigned char*>(signature.data.data()),
             reinterpret_cast<const unsigned char*>(line.data()), line.size(),
             reinterpret_cast<const unsigned char*>(public_key.data.data())) == 0;
}

}  // namespace latchkey::crypto
