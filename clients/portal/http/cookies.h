// SPDX-License-Identifier: Apache-2.0
// Cookies: which there are, and how they are read and set.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "clients/portal/http/message.h"

namespace latchkey::portal {

// Everything that a browser keeps for us. Each value is base64url of the service's opaque bytes,
// never text of ours.
enum class CookieKind {
  kForm,      // what form tokens are bound to
  kHandle,    // a recovery that was begun: waits for its code
  kRecovery,  // a recovery session: what was proven
  kSession,   // signed in
  kDevice,    // makes this device known
  kOutcome,   // what was done last, for the pages that follow; no secret
  kCallBack,  // a call back was asked for; beside a recovery, so no outcome of one
  kLanguage,  // the language that was chosen
};

// How cookies are named and guarded at this portal. Over TLS every name carries the prefix __Host-,
// which a browser accepts only from this very host over TLS, so that no neighbouring host can plant
// one (attack S04).
class CookieJar {
 public:
  explicit CookieJar(bool secure) : secure_(secure) {}

  // The value in the request. Absent also when the name was sent twice, because then one of them
  // was planted.
  std::optional<std::string> Read(const Request& request, CookieKind kind) const;
  // A Set-Cookie value. Without `max_age` it ends with the browser's session. `value` is base64url
  // or a language tag.
  std::string Set(CookieKind kind, std::string_view value,
                  std::optional<std::chrono::seconds> max_age = std::nullopt) const;
  std::string Clear(CookieKind kind) const;
  std::string Name(CookieKind kind) const;

 private:
  bool secure_;
};

}  // namespace latchkey::portal
