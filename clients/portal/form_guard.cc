// SPDX-License-Identifier: Apache-2.0
#include "clients/portal/form_guard.h"

#include <sodium.h>

#include "clients/portal/base64url.h"
#include "services/base/check.h"

namespace latchkey::portal {

std::string FormGuard::Digest(std::string_view purpose, std::string_view a,
                              std::string_view b) const {
  LATCHKEY_CHECK(key_.size() == crypto_generichash_KEYBYTES);
  const std::string_view key = key_.Reveal();
  crypto_generichash_state state;
  crypto_generichash_init(&state, reinterpret_cast<const unsigned char*>(key.data()), key.size(),
                          32);
  for (std::string_view part : {purpose, a, b}) {
    // Each part behind its length, so that no two triples read the same.
    const uint64_t size = part.size();
    unsigned char prefix[8];
    for (int i = 0; i < 8; ++i) prefix[i] = static_cast<unsigned char>(size >> (8 * i));
    crypto_generichash_update(&state, prefix, sizeof prefix);
    crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(part.data()),
                              part.size());
  }
  std::string digest(32, '\0');
  crypto_generichash_final(&state, reinterpret_cast<unsigned char*>(digest.data()), digest.size());
  return digest;
}

std::string FormGuard::TokenFor(std::string_view form_cookie) const {
  return ToBase64Url(Digest("form", form_cookie, ""));
}

bool FormGuard::Accepts(std::string_view form_cookie, std::string_view token) const {
  return !form_cookie.empty() && SameDigest(TokenFor(form_cookie), token);
}

std::string FormGuard::IdempotencyKey(std::string_view once, std::string_view content) const {
  return Digest("once", once, content).substr(0, 16);
}

bool SentFromHere(const Request& request, std::string_view origin) {
  const bool asked = request.Count("Sec-Fetch-Site") > 0;
  if (asked) {
    const auto site = request.Find("Sec-Fetch-Site");
    if (site != "same-origin" && site != "none") return false;
  }
  if (request.Count("Origin") == 0) return true;
  const auto sender = request.Find("Origin");
  return sender == "null" || sender == origin;
}

}  // namespace latchkey::portal
