// SPDX-License-Identifier: Apache-2.0
#include "crypto/stored_text.h"

#include <sodium.h>

#include <charconv>

namespace latchkey::crypto {

std::vector<std::string_view> SplitFields(std::string_view text, char separator) {
  std::vector<std::string_view> fields;
  for (;;) {
    size_t end = text.find(separator);
    fields.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return fields;
    text.remove_prefix(end + 1);
  }
}

std::optional<uint32_t> ParseNumber(std::string_view text, uint32_t most) {
  uint32_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number > most) {
    return std::nullopt;
  }
  if (text.size() > 1 && text.front() == '0') return std::nullopt;
  return number;
}

std::optional<std::vector<uint32_t>> ParseNumbers(std::string_view text,
                                                  std::initializer_list<std::string_view> names) {
  std::vector<std::string_view> fields = SplitFields(text, ',');
  if (fields.size() != names.size()) return std::nullopt;
  std::vector<uint32_t> numbers;
  for (std::string_view name : names) {
    std::string_view field = fields[numbers.size()];
    if (!field.starts_with(name) || !field.substr(name.size()).starts_with('=')) {
      return std::nullopt;
    }
    std::optional<uint32_t> number = ParseNumber(field.substr(name.size() + 1), UINT32_MAX);
    if (!number) return std::nullopt;
    numbers.push_back(*number);
  }
  return numbers;
}

std::string ToBase64(std::string_view bytes) {
  constexpr int kVariant = sodium_base64_VARIANT_ORIGINAL_NO_PADDING;
  std::string text(sodium_base64_encoded_len(bytes.size(), kVariant), '\0');
  sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                    bytes.size(), kVariant);
  text.pop_back();  // the terminating NUL
  return text;
}

std::optional<std::string> FromBase64(std::string_view text, Padding padding) {
  std::string bytes(text.size() / 4 * 3 + 3, '\0');
  size_t size = 0;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(),
                        text.size(), nullptr, &size, nullptr,
                        padding == Padding::kRequired
                            ? sodium_base64_VARIANT_ORIGINAL
                            : sodium_base64_VARIANT_ORIGINAL_NO_PADDING) != 0) {
    return std::nullopt;
  }
  bytes.resize(size);
  // libsodium refuses stray bits but takes some bytes above 127 for "+" and "/".
  if (ToBase64(bytes) != text.substr(0, text.find('='))) return std::nullopt;
  return bytes;
}

}  // namespace latchkey::crypto
