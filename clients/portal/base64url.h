// SPDX-License-Identifier: Apache-2.0
// Opaque bytes as text for cookies, links and hidden fields (RFC 4648, 5; no padding).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace latchkey::portal {

std::string ToBase64Url(std::string_view bytes);
// Exactly `size` bytes, in the one spelling that ToBase64Url makes; otherwise absent.
std::optional<std::string> FromBase64Url(std::string_view text, size_t size);

}  // namespace latchkey::portal
