// SPDX-License-Identifier: Apache-2.0
// Proof that a form was made here, for this browser: against forged posts (attack S05).
#pragma once

#include <string>
#include <string_view>

#include "clients/portal/http/message.h"
#include "crypto/secret.h"

namespace latchkey::portal {

// Tokens are keyed digests of the browser's form cookie, so no portal keeps a list of them, and all
// portals that are given the same key accept each other's. Threads: any.
class FormGuard {
 public:
  explicit FormGuard(Secret key) : key_(std::move(key)) {}  // REQUIRES: 32 bytes

  // The hidden field for the browser that holds this form cookie.
  std::string TokenFor(std::string_view form_cookie) const;
  // Constant time in the token.
  bool Accepts(std::string_view form_cookie, std::string_view token) const;
  // 16 bytes for one form in one state: the same when it is sent twice, others when what it says
  // was changed. Not for forms with a password: no digest of one may leave the service.
  std::string IdempotencyKey(std::string_view once, std::string_view content) const;

 private:
  std::string Digest(std::string_view purpose, std::string_view a, std::string_view b) const;
  Secret key_;
};

// False when the browser says that another site sent this post. `origin`: ours, "https://host".
// Our pages send no referrer, so browsers say "Origin: null" for our own forms; Sec-Fetch-Site
// tells these from a stranger's, and browsers that are too old for it are left to the token alone.
bool SentFromHere(const Request& request, std::string_view origin);

}  // namespace latchkey::portal
