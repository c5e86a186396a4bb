// SPDX-License-Identifier: Apache-2.0
#include "crypto/totp.h"

#include <liboath/oath.h>
#include <sodium.h>

#include <array>
#include <cstdlib>
#include <string>

#include "crypto/token.h"
#include "services/base/check.h"

namespace latchkey::crypto {
namespace {

constexpr unsigned kDigits = 6;
constexpr int64_t kStepSeconds = 30;

int64_t StepOf(TimePoint now) {
  return std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count() / kStepSeconds;
}

// HOTP of the step (RFC 4226); TOTP is HOTP counted by time (RFC 6238).
Secret CodeOfStep(const Secret& key, int64_t step) {
  static const bool started = oath_init() == OATH_OK;
  std::array<char, kDigits + 1> digits{};
  LATCHKEY_CHECK(started && !key.empty() && step >= 0);
  // NOLINTNEXTLINE(bugprone-suspicious-stringview-data-usage): the size stands beside it
  LATCHKEY_CHECK(oath_hotp_generate(key.Reveal().data(), key.size(), static_cast<uint64_t>(step),
                                    kDigits, false, OATH_HOTP_DYNAMIC_TRUNCATION,
                                    digits.data()) == OATH_OK);
  Secret code{std::string_view(digits.data(), kDigits)};
  sodium_memzero(digits.data(), digits.size());
  return code;
}

std::string PercentEncoded(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string encoded;
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (kPlain.find(c) != std::string_view::npos) {
      encoded += c;
    } else {
      encoded += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return encoded;
}

}  // namespace

std::optional<int64_t> MatchTotp(const Secret& key, std::string_view digits, TimePoint now,
                                 int64_t last_step) {
  int64_t present = StepOf(now);
  if (!IsCode(digits, kDigits) || present < 1) return std::nullopt;
  Secret given(digits);
  std::optional<int64_t> matched;
  // All three are computed and compared, so that the time taken does not tell which one it was.
  for (int64_t step = present - 1; step <= present + 1; ++step) {
    bool same = CodeOfStep(key, step).Matches(given);
    if (same && step > last_step && !matched) matched = step;
  }
  return matched;
}

Secret TotpAt(const Secret& key, TimePoint now) { return CodeOfStep(key, StepOf(now)); }

Secret TotpUri(const Secret& key, std::string_view issuer, std::string_view label) {
  std::string base32 = ToBase32(key.Reveal());
  std::string uri = "otpauth://totp/" + PercentEncoded(issuer) + ":" + PercentEncoded(label) +
                    "?issuer=" + PercentEncoded(issuer) +
                    "&algorithm=SHA1&digits=6&period=30&secret=";
  uri.reserve(uri.size() + base32.size());  // so that no copy of the secret is left behind
  uri += base32;
  sodium_memzero(base32.data(), base32.size());
  return Secret::Adopt(uri);
}

std::string ToBase32(std::string_view bytes) {
  char* encoded = nullptr;
  size_t size = 0;
  LATCHKEY_CHECK(oath_base32_encode(bytes.data(), bytes.size(), &encoded, &size) == OATH_OK);
  std::string_view text(encoded, size);
  text = text.substr(0, text.find('='));  // authenticator programs take it without padding
  std::string result(text);
  sodium_memzero(encoded, size);
  std::free(encoded);
  return result;
}

std::optional<std::string> FromBase32(std::string_view text) {
  std::string canonical;
  for (char c : text) {
    if (c == ' ') continue;
    canonical += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  char* decoded = nullptr;
  size_t size = 0;
  if (oath_base32_decode(canonical.data(), canonical.size(), &decoded, &size) != OATH_OK) {
    return std::nullopt;
  }
  std::string bytes(decoded, size);
  sodium_memzero(decoded, size);
  std::free(decoded);
  // liboath overlooks hyphens, padding and stray bits; one key has one spelling here.
  if (ToBase32(bytes) != canonical) return std::nullopt;
  return bytes;
}

}  // namespace latchkey::crypto
