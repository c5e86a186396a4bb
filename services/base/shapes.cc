// SPDX-License-Identifier: Apache-2.0
#include "services/base/shapes.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <string>

namespace latchkey {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdefABCDEF";

bool IsAsciiAlnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool IsAtom(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-/=?^_`{|}~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return IsAsciiAlnum(c) || kMarks.find(c) != kMarks.npos;
  });
}

bool IsLabel(std::string_view text) {
  return !text.empty() && text.size() <= 63 && text.front() != '-' && text.back() != '-' &&
         std::all_of(text.begin(), text.end(), [](char c) { return IsAsciiAlnum(c) || c == '-'; });
}

bool EachBetweenDots(std::string_view text, bool (*fits)(std::string_view)) {
  for (size_t dot = text.find('.'); dot != text.npos; dot = text.find('.')) {
    if (!fits(text.substr(0, dot))) return false;
    text.remove_prefix(dot + 1);
  }
  return fits(text);
}

bool IsPort(std::string_view text) {
  return !text.empty() && text.size() <= 5 && text.find_first_not_of("0123456789") == text.npos;
}

}  // namespace

bool IsHostName(std::string_view text) {
  return text.size() <= 253 && EachBetweenDots(text, IsLabel);
}

bool IsHost(std::string_view text) {
  const bool v6 = text.find(':') != text.npos &&
                  text.find_first_not_of("0123456789abcdefABCDEF:.") == text.npos &&
                  std::count(text.begin(), text.end(), ':') >= 2;
  return v6 || IsHostName(text);
}

bool IsPrintedPhone(std::string_view text) {
  constexpr size_t kLongest = 40;
  constexpr int kFewestDigits = 3;
  return IsPlainText(text, kLongest) && std::count_if(text.begin(), text.end(), [](char c) {
                                          return c >= '0' && c <= '9';
                                        }) >= kFewestDigits;
}

bool IsPlainText(std::string_view text, size_t longest) {
  return !text.empty() && text.size() <= longest &&
         std::none_of(text.begin(), text.end(),
                      [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

bool IsPortalUrl(std::string_view text) {
  const bool secure = text.starts_with("https://");
  if (!secure && !text.starts_with("http://")) return false;
  text.remove_prefix(secure ? 8 : 7);
  const size_t colon = text.find(':');
  if (colon != text.npos && !IsPort(text.substr(colon + 1))) return false;
  const std::string_view host = text.substr(0, colon);
  if (!IsHostName(host) || host.starts_with("xn--") || host.find(".xn--") != host.npos)
    return false;
  return secure || host == "localhost" || host == "127.0.0.1";
}

bool IsSenderAddress(std::string_view text) {
  const size_t sign = text.find('@');
  return sign != text.npos && sign <= 64 && text.size() <= 254 &&
         EachBetweenDots(text.substr(0, sign), IsAtom) && IsHostName(text.substr(sign + 1));
}

bool IsColor(std::string_view text) {
  return text.size() == 7 && text[0] == '#' && text.find_first_not_of(kHexDigits, 1) == text.npos;
}

bool IsTimeZone(std::string_view text) {
  if (text == "UTC") return true;
  // Names begin with a capital letter; what does not is the database's own ("posix/", "right/").
  const bool named = !text.empty() && text.size() <= 64 && text[0] >= 'A' && text[0] <= 'Z' &&
                     std::all_of(text.begin(), text.end(), [](char c) {
                       return IsAsciiAlnum(c) || c == '/' || c == '_' || c == '-' || c == '+';
                     });
  if (!named) return false;
  std::ifstream file("/usr/share/zoneinfo/" + std::string(text), std::ios::binary);
  std::array<char, 4> magic{};
  file.read(magic.data(), magic.size());
  return file && std::string_view(magic.data(), magic.size()) == "TZif";
}

bool IsTranslated(std::string_view language) { return language == "en" || language == "de"; }

}  // namespace latchkey
