// SPDX-License-Identifier: Apache-2.0
#include "clients/portal/http/form.h"

#include <sodium.h>

#include <algorithm>
#include <cstdint>

namespace latchkey::portal {
namespace {

constexpr size_t kMostFields = 16;

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

Result<std::string> Decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());  // once, so that no shorter copy of a secret is left behind
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '+') {
      c = ' ';
    } else if (c == '%') {
      if (text.size() - i < 3) return Malformed("form", "an escape is cut");
      const int high = HexDigit(text[i + 1]);
      const int low = HexDigit(text[i + 2]);
      if (high < 0 || low < 0) return Malformed("form", "an escape is no hex");
      c = static_cast<char>(high << 4 | low);
      i += 2;
    } else if (static_cast<unsigned char>(c) < 0x21 || static_cast<unsigned char>(c) > 0x7e) {
      return Malformed("form", "a byte that forms escape was sent bare");
    }
    if (c == '\0') return Malformed("form", "NUL");
    out.push_back(c);
  }
  if (!IsUtf8(out)) return Malformed("form", "no UTF-8");
  return out;
}

}  // namespace

bool IsUtf8(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    size_t length = 0;
    uint32_t point = 0;
    uint32_t least = 0;
    if (lead < 0x80) {
      ++i;
      continue;
    }
    if ((lead & 0xe0) == 0xc0) {
      length = 2, point = lead & 0x1fu, least = 0x80;
    } else if ((lead & 0xf0) == 0xe0) {
      length = 3, point = lead & 0x0fu, least = 0x800;
    } else if ((lead & 0xf8) == 0xf0) {
      length = 4, point = lead & 0x07u, least = 0x10000;
    } else {
      return false;
    }
    if (text.size() - i < length) return false;
    for (size_t k = 1; k < length; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      if ((next & 0xc0) != 0x80) return false;
      point = point << 6 | (next & 0x3fu);
    }
    if (point < least || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return false;
    i += length;
  }
  return true;
}

Form& Form::operator=(Form&& other) noexcept {
  if (this != &other) {
    Wipe();
    fields_ = std::move(other.fields_);
    other.fields_.clear();
  }
  return *this;
}

void Form::Wipe() {
  for (auto& [name, value] : fields_) sodium_memzero(value.data(), value.size());
  fields_.clear();
}

Result<Form> Form::Parse(std::string_view body, std::span<const std::string_view> allowed) {
  Form form;
  form.fields_.reserve(kMostFields);
  while (!body.empty()) {
    const size_t end = body.find('&');
    const std::string_view piece = body.substr(0, end);
    if (end == body.size() - 1) return Malformed("form", "an empty piece");
    body.remove_prefix(end == std::string_view::npos ? body.size() : end + 1);

    const size_t equals = piece.find('=');
    if (equals == 0 || equals == std::string_view::npos) {
      return Malformed("form", "a piece without name or '='");
    }
    LATCHKEY_ASSIGN(std::string name, Decode(piece.substr(0, equals)));
    if (std::find(allowed.begin(), allowed.end(), name) == allowed.end()) {
      return Malformed("form", "a field that this form does not have");
    }
    for (const auto& field : form.fields_) {
      if (field.first == name) return Malformed(name, "repeated");
    }
    if (form.fields_.size() == kMostFields) return Malformed("form", "too many fields");
    LATCHKEY_ASSIGN(std::string value, Decode(piece.substr(equals + 1)));
    form.fields_.emplace_back(std::move(name), std::move(value));
  }
  return form;
}

std::string_view Form::Get(std::string_view name) const {
  for (const auto& field : fields_) {
    if (field.first == name) return field.second;
  }
  return {};
}

}  // namespace latchkey::portal
