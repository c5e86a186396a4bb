// SPDX-License-Identifier: Apache-2.0
#include "services/courier/address.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <cstdint>

#include "services/base/shapes.h"

namespace latchkey::courier {
namespace {

bool IsAsciiAlnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// A piece of a local part between dots: RFC 5322 atext, and beyond ASCII letters, marks and digits
// only.
bool IsAtom(std::string_view atom) {
  if (atom.empty()) return false;
  const auto* bytes = reinterpret_cast<const uint8_t*>(atom.data());
  const auto size = static_cast<int32_t>(atom.size());
  for (int32_t at = 0; at < size;) {
    UChar32 point = 0;
    U8_NEXT(bytes, at, size, point);
    if (point < 0) return false;
    if (point < 0x80) {
      char c = static_cast<char>(point);
      if (!IsAsciiAlnum(c) &&
          (c == 0 || std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) == std::string_view::npos)) {
        return false;
      }
    } else if ((U_MASK(u_charType(point)) & (U_GC_L_MASK | U_GC_M_MASK | U_GC_ND_MASK)) == 0) {
      return false;
    }
  }
  return true;
}

// Runs `check` on each piece between dots.
template <typename Check>
bool EachPiece(std::string_view text, Check check) {
  while (true) {
    size_t dot = text.find('.');
    if (!check(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

}  // namespace

bool IsMailAddress(std::string_view address) {
  size_t sign = address.find('@');
  if (sign == std::string_view::npos || sign == 0 || sign > 64 || address.size() > 254)
    return false;
  return EachPiece(address.substr(0, sign), IsAtom) && IsHostName(address.substr(sign + 1));
}

std::string_view DomainOf(std::string_view address) {
  return address.substr(address.find('@') + 1);
}

}  // namespace latchkey::courier
