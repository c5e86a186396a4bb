// SPDX-License-Identifier: Apache-2.0
#include "clients/portal/http/cookies.h"

#include "services/base/check.h"

namespace latchkey::portal {
namespace {

constexpr std::string_view BareName(CookieKind kind) {
  switch (kind) {
    case CookieKind::kForm:
      return "lk_form";
    case CookieKind::kHandle:
      return "lk_handle";
    case CookieKind::kRecovery:
      return "lk_recovery";
    case CookieKind::kSession:
      return "lk_session";
    case CookieKind::kDevice:
      return "lk_device";
    case CookieKind::kOutcome:
      return "lk_outcome";
    case CookieKind::kCallBack:
      return "lk_call_back";
    case CookieKind::kLanguage:
      return "lk_language";
  }
  LATCHKEY_CHECK(false);
}

// Whoever opens a link from a mail comes from another site. What opens nothing comes along (Lax):
// otherwise the page behind the link would replace the form cookie and spoil a form that is open
// beside it. What opens something stays.
constexpr std::string_view SameSite(CookieKind kind) {
  return kind == CookieKind::kForm || kind == CookieKind::kLanguage ? "Lax" : "Strict";
}

bool IsCookieText(std::string_view value) {
  for (char c : value) {
    const bool fits = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                      c == '-' || c == '_' || c == '.';
    if (!fits) return false;
  }
  return !value.empty() && value.size() <= 256;
}

std::string_view TrimBlanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

std::string CookieJar::Name(CookieKind kind) const {
  return (secure_ ? "__Host-" : "") + std::string(BareName(kind));
}

std::optional<std::string> CookieJar::Read(const Request& request, CookieKind kind) const {
  const std::string name = Name(kind);
  std::optional<std::string> found;
  for (const Header& header : request.headers) {
    if (!SameName(header.name, "Cookie")) continue;
    std::string_view rest = header.value;
    while (!rest.empty()) {
      const size_t end = rest.find(';');
      const std::string_view pair = TrimBlanks(rest.substr(0, end));
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
      const size_t equals = pair.find('=');
      if (equals == std::string_view::npos || pair.substr(0, equals) != name) continue;
      if (found) return std::nullopt;
      found = std::string(pair.substr(equals + 1));
    }
  }
  if (found && !IsCookieText(*found)) return std::nullopt;
  return found;
}

std::string CookieJar::Set(CookieKind kind, std::string_view value,
                           std::optional<std::chrono::seconds> max_age) const {
  LATCHKEY_CHECK(IsCookieText(value));
  std::string text = Name(kind) + "=" + std::string(value) + "; Path=/; HttpOnly; SameSite=";
  text += SameSite(kind);
  if (secure_) text += "; Secure";
  if (max_age) text += "; Max-Age=" + std::to_string(max_age->count());
  return text;
}

std::string CookieJar::Clear(CookieKind kind) const {
  std::string text = Name(kind) + "=; Path=/; HttpOnly; SameSite=";
  text += SameSite(kind);
  if (secure_) text += "; Secure";
  return text + "; Max-Age=0";
}

}  // namespace latchkey::portal
