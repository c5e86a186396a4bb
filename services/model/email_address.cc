// SPDX-License-Identifier: Apache-2.0
#include "services/model/email_address.h"

#include <idn2.h>

#include <algorithm>
#include <memory>
#include <string_view>

#include "services/model/canonical.h"
#include "services/model/code_points.h"

namespace latchkey::model {
namespace {

constexpr size_t kMaxLocalBytes = 64;                               // RFC 5321, 4.5.3.1.1
constexpr size_t kMaxDomainBytes = 253;                             // RFC 1035
constexpr std::u32string_view kAtomSigns = U"!#$%&'*+-/=?^_`{|}~";  // RFC 5322, 3.2.3

bool IsAsciiLetter(char32_t point) {
  return (point >= U'a' && point <= U'z') || (point >= U'A' && point <= U'Z');
}
bool IsAsciiDigit(char32_t point) { return point >= U'0' && point <= U'9'; }

bool IsForeignLetter(char32_t point) {
  return point >= 0x80 && (IsLetter(point) || IsMark(point)) && !IsBidiOrInvisible(point) &&
         !FoldsIntoAnother(point);
}

bool HasEmptyPart(std::u32string_view text) {
  return text.empty() || text.front() == U'.' || text.back() == U'.' ||
         text.find(U"..") != std::u32string_view::npos;
}

// ASCII in lower case: no provider of standing tells "Ada" from "ada". Beyond ASCII nothing is
// folded: whoever owns such an address owns exactly these bytes (RFC 6530).
Result<std::string> CanonicalLocal(std::u32string_view local) {
  bool allowed = std::all_of(local.begin(), local.end(), [](char32_t point) {
    return IsAsciiLetter(point) || IsAsciiDigit(point) || point == U'.' ||
           kAtomSigns.find(point) != std::u32string_view::npos || IsForeignLetter(point);
  });
  if (!allowed || HasEmptyPart(local) || IsMark(local.front())) {
    return Malformed("identifier", "not a local part");
  }
  std::u32string text = ToNfc(local);
  if (IsAscii(text)) std::transform(text.begin(), text.end(), text.begin(), ToLower);
  std::string bytes = EncodeUtf8(text);
  if (bytes.size() > kMaxLocalBytes) return Malformed("identifier", "the local part is too long");
  return bytes;
}

bool IsHostLabel(std::string_view label) {
  return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-';
}

// Every label well-formed, at least two of them, and the last no number: an address of a machine is
// no mail domain.
bool IsMailDomain(std::string_view domain) {
  size_t labels = 0;
  std::string_view label;
  while (true) {
    size_t dot = domain.find('.');
    label = domain.substr(0, dot);
    if (!IsHostLabel(label)) return false;
    ++labels;
    if (dot == std::string_view::npos) break;
    domain.remove_prefix(dot + 1);
  }
  bool named = std::any_of(label.begin(), label.end(), [](char byte) { return byte >= 'a'; });
  return labels >= 2 && named;
}

// IDNA2008 without the mappings of UTS 46: what those would fold is refused; only case is ours to
// lower.
Result<std::string> CanonicalDomain(std::u32string_view domain) {
  bool allowed = std::all_of(domain.begin(), domain.end(), [](char32_t point) {
    return IsAsciiLetter(point) || IsAsciiDigit(point) || point == U'.' || point == U'-' ||
           IsForeignLetter(point);
  });
  if (!allowed || HasEmptyPart(domain)) return Malformed("identifier", "not a domain");
  std::u32string text(domain);
  std::transform(text.begin(), text.end(), text.begin(), ToLower);
  std::string lower = EncodeUtf8(ToNfc(text));
  uint8_t* found = nullptr;
  int code = idn2_lookup_u8(reinterpret_cast<const uint8_t*>(lower.c_str()), &found,
                            IDN2_NFC_INPUT | IDN2_NO_TR46);
  std::unique_ptr<uint8_t, void (*)(void*)> owned(found, idn2_free);
  if (code != IDN2_OK) return Malformed("identifier", "not a domain");
  std::string ascii(reinterpret_cast<const char*>(found));
  if (ascii.size() > kMaxDomainBytes || !IsMailDomain(ascii)) {
    return Malformed("identifier", "not a domain");
  }
  return ascii;
}

}  // namespace

Result<std::string> CanonicalEmail(const std::u32string& text) {
  size_t at = text.rfind(U'@');
  LATCHKEY_ASSIGN(std::string local, CanonicalLocal(std::u32string_view(text).substr(0, at)));
  LATCHKEY_ASSIGN(std::string domain, CanonicalDomain(std::u32string_view(text).substr(at + 1)));
  std::string address = local + '@' + domain;
  if (address.size() > kMaxIdentifierBytes) return Malformed("identifier", "too long");
  return address;
}

}  // namespace latchkey::model
