// SPDX-License-Identifier: Apache-2.0
#include "crypto/seal.h"

#include <sodium.h>

#include <cstdint>
#include <optional>
#include <string>

#include "services/base/check.h"

namespace latchkey::crypto {
namespace {

constexpr char kFormat = 1;
constexpr size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
static_assert(kKeyBytes == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
constexpr size_t kVersionBytes = 4;

unsigned char* Writable(std::string& bytes, size_t offset = 0) {
  return reinterpret_cast<unsigned char*>(bytes.data() + offset);
}
const unsigned char* Readable(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

// The version in front of what SealWithRing made; absent: it made none of this.
std::optional<uint32_t> VersionOf(std::string_view bytes) {
  if (bytes.size() < kVersionBytes) return std::nullopt;
  uint32_t version = 0;
  for (size_t i = 0; i < kVersionBytes; ++i) version = version << 8 | Readable(bytes)[i];
  return version;
}

const Secret* KeyOf(const KeyRing& ring, uint32_t version) {
  return version <= INT32_MAX ? ring.At(KeyUse::kField, static_cast<int>(version)) : nullptr;
}

Failure NotSealedHere() { return Fail(Reason::kInternal, "sealed bytes do not open here"); }

}  // namespace

Bytes Seal(const Secret& key, std::string_view bound_to, std::string_view plain, Random& random) {
  LATCHKEY_CHECK(key.size() == kKeyBytes);
  std::string sealed(1 + kNonceBytes + plain.size() + kTagBytes, '\0');
  sealed[0] = kFormat;
  random.Fill(Writable(sealed, 1), kNonceBytes);
  crypto_aead_xchacha20poly1305_ietf_encrypt(
      Writable(sealed, 1 + kNonceBytes), nullptr, Readable(plain), plain.size(), Readable(bound_to),
      bound_to.size(), nullptr, Writable(sealed, 1), Readable(key.Reveal()));
  return Bytes(std::move(sealed));
}

Result<Secret> Open(const Secret& key, std::string_view bound_to, const Bytes& sealed) {
  LATCHKEY_CHECK(key.size() == kKeyBytes);
  std::string_view bytes = sealed.view();
  if (bytes.size() < 1 + kNonceBytes + kTagBytes || bytes[0] != kFormat) return NotSealedHere();
  std::string_view nonce = bytes.substr(1, kNonceBytes);
  std::string_view cipher = bytes.substr(1 + kNonceBytes);
  std::string plain(cipher.size() - kTagBytes, '\0');
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(
          Writable(plain), nullptr, nullptr, Readable(cipher), cipher.size(), Readable(bound_to),
          bound_to.size(), Readable(nonce), Readable(key.Reveal())) != 0) {
    return NotSealedHere();
  }
  return Secret::Adopt(plain);
}

Bytes SealWithRing(const KeyRing& ring, std::string_view bound_to, std::string_view plain,
                   Random& random) {
  auto version = static_cast<uint32_t>(ring.CurrentVersion(KeyUse::kField));
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(version >> shift);
  bytes += Seal(ring.Current(KeyUse::kField), bound_to, plain, random).data;
  return Bytes(std::move(bytes));
}

Result<Secret> OpenWithRing(const KeyRing& ring, std::string_view bound_to, const Bytes& sealed) {
  std::string_view bytes = sealed.view();
  const std::optional<uint32_t> version = VersionOf(bytes);
  if (!version) return NotSealedHere();
  const Secret* key = KeyOf(ring, *version);
  if (key == nullptr) {
    return Fail(Reason::kInternal, "sealed under field key version " + std::to_string(*version) +
                                       ", which the key ring does not have");
  }
  return Open(*key, bound_to, Bytes(bytes.substr(kVersionBytes)));
}

bool LacksKeyOf(const KeyRing& ring, const Bytes& sealed) {
  const std::optional<uint32_t> version = VersionOf(sealed.view());
  return version && KeyOf(ring, *version) == nullptr;
}

}  // namespace latchkey::crypto
