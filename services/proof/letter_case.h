// SPDX-License-Identifier: Apache-2.0
// Words without the difference between capital and small letters.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace latchkey::proof {

// Unicode full case folding (UAX 21), in NFC. Text that is not UTF-8 comes back as it is.
std::string InLowerCase(std::string_view text);
// Characters as people count them for passwords: code points (NIST SP 800-63B-4, 3.1.1.2).
size_t CountCodePoints(std::string_view text);

}  // namespace latchkey::proof
