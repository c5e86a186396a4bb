// SPDX-License-Identifier: Apache-2.0
// Salted digests of LDAP directories: base64 of SHA(password, salt) and the salt.
#include <openssl/evp.h>

#include <memory>
#include <optional>
#include <string>

#include "crypto/legacy.h"
#include "crypto/stored_text.h"
#include "services/base/check.h"

namespace latchkey::crypto {
namespace {

constexpr size_t kMinLdapSaltBytes = 4;
constexpr size_t kMaxLdapSaltBytes = 64;

std::string SaltedDigest(const EVP_MD* hash_function, std::string_view password,
                         std::string_view salt) {
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                  EVP_MD_CTX_free);
  std::string digest(static_cast<size_t>(EVP_MD_get_size(hash_function)), '\0');
  LATCHKEY_CHECK(context != nullptr &&
                 EVP_DigestInit_ex(context.get(), hash_function, nullptr) == 1 &&
                 EVP_DigestUpdate(context.get(), password.data(), password.size()) == 1 &&
                 EVP_DigestUpdate(context.get(), salt.data(), salt.size()) == 1 &&
                 EVP_DigestFinal_ex(context.get(), reinterpret_cast<unsigned char*>(digest.data()),
                                    nullptr) == 1);
  return digest;
}

}  // namespace

Result<LegacyCheck> ReadSaltedLdap(std::string_view stored) {
  std::string_view scheme = stored.substr(0, stored.find('}') + 1);
  const EVP_MD* hash_function = scheme == "{SSHA}"      ? EVP_sha1()
                                : scheme == "{SSHA256}" ? EVP_sha256()
                                                        : EVP_sha512();
  auto size = static_cast<size_t>(EVP_MD_get_size(hash_function));
  auto bytes = FromBase64(stored.substr(scheme.size()), Padding::kRequired);
  if (!bytes || bytes->size() < size + kMinLdapSaltBytes ||
      bytes->size() > size + kMaxLdapSaltBytes) {
    return Malformed("verifier", "this " + std::string(scheme) +
                                     " string is not base64 of a digest and 4 to 64 bytes of salt");
  }
  return LegacyCheck([hash_function, digest = bytes->substr(0, size),
                      salt = bytes->substr(size)](std::string_view password) -> Result<bool> {
    return SameDigest(SaltedDigest(hash_function, password, salt), digest);
  });
}

}  // namespace latchkey::crypto
