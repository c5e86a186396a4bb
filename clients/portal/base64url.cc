// SPDX-License-Identifier: Apache-2.0
#include "clients/portal/base64url.h"

#include <sodium.h>

namespace latchkey::portal {

std::string ToBase64Url(std::string_view bytes) {
  std::string text(
      sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING), '\0');
  sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                    bytes.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  text.pop_back();  // the encoder's NUL
  return text;
}

std::optional<std::string> FromBase64Url(std::string_view text, size_t size) {
  std::string bytes(size, '\0');
  size_t length = 0;
  const char* end = nullptr;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(),
                        text.size(), nullptr, &length, &end,
                        sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
      end != text.data() + text.size() || length != size || ToBase64Url(bytes) != text) {
    return std::nullopt;
  }
  return bytes;
}

}  // namespace latchkey::portal
