// SPDX-License-Identifier: Apache-2.0
#include "crypto/token.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "services/base/check.h"

namespace latchkey::crypto {
namespace {

constexpr std::string_view kCrockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr size_t kReferenceSymbols = 8;  // 5 bits each

std::string WithHyphens(char prefix, std::string_view symbols) {
  std::string text(1, prefix);
  for (size_t i = 0; i < symbols.size(); ++i) {
    if (i % 4 == 0) text += '-';
    text += symbols[i];
  }
  return text;
}

char UpperAscii(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

}  // namespace

Secret NewToken(Random& random) {
  std::string bytes = random.Take(kTokenBytes);
  return Secret::Adopt(bytes);
}

Secret NewCode(Random& random, size_t digits) {
  // 250 is the largest multiple of ten in a byte: what is above would favour the digits 0 to 5
  // (attack C09). A draw fails once in 40, so a generator that fills the bound with failures is
  // broken.
  constexpr int kMostDraws = 1000;
  std::string code;
  code.reserve(digits);
  std::array<uint8_t, 32> draw{};
  for (int draws = 0; code.size() < digits; ++draws) {
    LATCHKEY_CHECK(draws < kMostDraws);
    random.Fill(draw.data(), draw.size());
    for (uint8_t byte : draw) {
      if (byte < 250 && code.size() < digits) code += static_cast<char>('0' + byte % 10);
    }
  }
  sodium_memzero(draw.data(), draw.size());
  return Secret::Adopt(code);
}

bool IsCode(std::string_view text, size_t digits) {
  return text.size() == digits &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string ToBase64Url(std::string_view bytes) {
  constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
  std::string text(sodium_base64_encoded_len(bytes.size(), kVariant), '\0');
  sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                    bytes.size(), kVariant);
  text.pop_back();  // the terminating NUL
  return text;
}

std::optional<std::string> FromBase64Url(std::string_view text) {
  std::string bytes(text.size() / 4 * 3 + 3, '\0');
  size_t size = 0;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(),
                        text.size(), nullptr, &size, nullptr,
                        sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0) {
    return std::nullopt;
  }
  bytes.resize(size);
  // libsodium refuses stray bits but takes some bytes above 127 for "-" and "_".
  if (ToBase64Url(bytes) != text) return std::nullopt;
  return bytes;
}

std::string NewReference(Random& random, char prefix) {
  uint64_t bits = 0;
  for (unsigned char byte : random.Take(kReferenceSymbols * 5 / 8)) bits = bits << 8 | byte;
  std::string symbols;
  for (size_t i = 0; i < kReferenceSymbols; ++i, bits >>= 5) symbols += kCrockford[bits & 31];
  return WithHyphens(prefix, symbols);
}

std::optional<std::string> CanonicalReference(std::string_view text) {
  constexpr size_t kLongest = 32;  // with a space or hyphen at every place
  if (text.size() > kLongest) return std::nullopt;
  std::string plain;
  for (char c : text) {
    if (c != '-' && c != ' ') plain += UpperAscii(c);
  }
  if (plain.size() != 1 + kReferenceSymbols || plain[0] < 'A' || plain[0] > 'Z') {
    return std::nullopt;
  }
  std::string symbols = plain.substr(1);
  for (char& c : symbols) {
    if (c == 'O') c = '0';
    if (c == 'I' || c == 'L') c = '1';
    if (kCrockford.find(c) == std::string_view::npos) return std::nullopt;
  }
  return WithHyphens(plain[0], symbols);
}

}  // namespace latchkey::crypto
