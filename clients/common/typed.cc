// SPDX-License-Identifier: Apache-2.0
#include "clients/common/typed.h"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace latchkey::client {
namespace {

struct Decoded {
  uint32_t character;
  size_t bytes;
};

// One character of UTF-8 (RFC 3629) at the front of `text`; nullopt when there is none: cut,
// overlong or a surrogate.
std::optional<Decoded> Decode(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80) return Decoded{lead, 1};
  const size_t bytes = lead >= 0xF0 ? 4 : (lead >= 0xE0 ? 3 : 2);
  if (lead < 0xC2 || lead > 0xF4 || text.size() < bytes) return std::nullopt;
  uint32_t character = lead & (0x7Fu >> bytes);
  for (size_t i = 1; i < bytes; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0) != 0x80) return std::nullopt;
    character = (character << 6) | (next & 0x3F);
  }
  const uint32_t least = bytes == 4 ? 0x10000 : (bytes == 3 ? 0x800 : 0x80);
  if (character < least || character > 0x10FFFF || (character >= 0xD800 && character <= 0xDFFF))
    return std::nullopt;
  return Decoded{character, bytes};
}

bool MovesOrHides(uint32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0xAD || c == 0x61C || c == 0xFEFF ||
         (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
         (c >= 0x2060 && c <= 0x206F) || (c >= 0xFFF9 && c <= 0xFFFB) ||
         (c >= 0xE0000 && c <= 0xE007F);
}

}  // namespace

std::string StripTypedCode(std::string_view typed) {
  std::string code;
  code.reserve(typed.size());
  for (char c : typed) {
    if (c != ' ' && c != '\t' && c != '-') code.push_back(c);
  }
  return code;
}

bool AllDigits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string Grouped(std::string_view digits, size_t group) {
  std::string out;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && i % group == 0) out.push_back(' ');
    out.push_back(digits[i]);
  }
  return out;
}

std::string Printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto decoded = Decode(text);
    const size_t bytes = decoded ? decoded->bytes : 1;
    if (text.front() == '\n' || text.front() == '\t') {
      out.push_back(' ');
    } else if (!decoded || MovesOrHides(decoded->character)) {
      out.push_back('?');
    } else {
      out.append(text.substr(0, bytes));
    }
    text.remove_prefix(bytes);
  }
  return out;
}

size_t Columns(std::string_view text) {
  size_t columns = 0;
  for (char c : text) columns += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return columns;
}

}  // namespace latchkey::client
