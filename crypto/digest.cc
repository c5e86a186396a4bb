// SPDX-License-Identifier: Apache-2.0
#include "crypto/digest.h"

#include <sodium.h>

namespace latchkey::crypto {
namespace {

// Feeds length and bytes of the purpose and of each part to `update`. With the lengths in front,
// ("ab", "c") and
// ("a", "bc") are different inputs (attack X01).
template <typename Update>
void Frame(Purpose purpose, std::initializer_list<std::string_view> parts, Update update) {
  auto one = [&](std::string_view bytes) {
    update(Part(static_cast<int64_t>(bytes.size())));
    update(bytes);
  };
  one(purpose.name);
  for (std::string_view part : parts) one(part);
}

const unsigned char* Unsigned(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

}  // namespace

Bytes KeyedDigest(const Secret& key, Purpose purpose,
                  std::initializer_list<std::string_view> parts) {
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, Unsigned(key.Reveal()), key.size());
  Frame(purpose, parts, [&](std::string_view bytes) {
    crypto_auth_hmacsha256_update(&state, Unsigned(bytes), bytes.size());
  });
  std::string digest(crypto_auth_hmacsha256_BYTES, '\0');
  crypto_auth_hmacsha256_final(&state, reinterpret_cast<unsigned char*>(digest.data()));
  sodium_memzero(&state, sizeof state);
  return Bytes(std::move(digest));
}

Bytes Digest(Purpose purpose, std::initializer_list<std::string_view> parts) {
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  Frame(purpose, parts, [&](std::string_view bytes) {
    crypto_hash_sha256_update(&state, Unsigned(bytes), bytes.size());
  });
  std::string digest(crypto_hash_sha256_BYTES, '\0');
  crypto_hash_sha256_final(&state, reinterpret_cast<unsigned char*>(digest.data()));
  return Bytes(std::move(digest));
}

std::string Part(int64_t value) {
  std::string bytes(8, '\0');
  for (int i = 0; i < 8; ++i) {
    bytes[i] = static_cast<char>(static_cast<uint64_t>(value) >> (56 - 8 * i));
  }
  return bytes;
}

}  // namespace latchkey::crypto
