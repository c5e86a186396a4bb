// SPDX-License-Identifier: Apache-2.0
#include "services/courier/bank.h"

#include <algorithm>
#include <string_view>

#include "services/courier/address.h"

namespace latchkey::courier {
namespace {

bool IsPlainText(std::string_view text, size_t longest) {
  return !text.empty() && text.size() <= longest &&
         std::none_of(text.begin(), text.end(),
                      [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

bool IsColor(std::string_view text) {
  return text.size() == 7 && text[0] == '#' &&
         text.find_first_not_of("0123456789abcdefABCDEF", 1) == std::string_view::npos;
}

// Scheme, host, maybe a port; nothing that could make the link's secret land in another part of the
// URL. A host of ASCII letters only, and none in punycode: one look, one bank (attack I10).
bool IsPortalUrl(std::string_view url) {
  bool secure = url.starts_with("https://");
  if (!secure && !url.starts_with("http://")) return false;
  url.remove_prefix(secure ? 8 : 7);
  std::string_view host = url.substr(0, url.find(':'));
  if (host.size() < url.size()) {
    std::string_view port = url.substr(host.size() + 1);
    if (port.empty() || port.size() > 5 || port.find_first_not_of("0123456789") != port.npos)
      return false;
  }
  if (!IsHostName(host) || host.starts_with("xn--") || host.find(".xn--") != host.npos)
    return false;
  return secure || host == "localhost" || host == "127.0.0.1";
}

}  // namespace

Done CheckBank(const BankOptions& bank) {
  if (!IsPlainText(bank.name, 80))
    return Malformed("name", "1 to 80 bytes without control characters");
  if (!IsPortalUrl(bank.portal_url)) {
    return Malformed("portal_url", "https://HOST[:PORT] without a path; http only for localhost");
  }
  if (!IsPlainText(bank.phone, 40))
    return Malformed("phone", "1 to 40 bytes without control characters");
  if (!IsMailAddress(bank.from_address)) return Malformed("from_address", "one plain mail address");
  if (!IsColor(bank.color)) return Malformed("color", "#rrggbb");
  if (!IsPlainText(bank.time_zone, 64)) return Malformed("time_zone", "such as Europe/Berlin");
  if (bank.default_language != "en" && bank.default_language != "de") {
    return Malformed("default_language", "en or de");
  }
  return {};
}

}  // namespace latchkey::courier
