// SPDX-License-Identifier: Apache-2.0
// Reads stored verifiers strictly: one spelling of each value, or none. Used inside crypto/ only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace latchkey::crypto {

// Longer than any verifier that is known here; what is longer is refused unread.
inline constexpr size_t kLongestVerifier = 512;

// The fields between `separator`s; "$a$b" has three, the first of them empty.
std::vector<std::string_view> SplitFields(std::string_view text, char separator);

// A decimal number as it is printed: digits without sign or leading zero, `most` or less.
std::optional<uint32_t> ParseNumber(std::string_view text, uint32_t most);

// "m=19456,t=2,p=1" for the names {"m", "t", "p"}, in that order and nothing else.
std::optional<std::vector<uint32_t>> ParseNumbers(std::string_view text,
                                                  std::initializer_list<std::string_view> names);

// RFC 4648, section 4, in its one canonical form.
enum class Padding { kNone, kRequired };
std::optional<std::string> FromBase64(std::string_view text, Padding padding);
std::string ToBase64(std::string_view bytes);  // without padding, as in PHC strings

}  // namespace latchkey::crypto
