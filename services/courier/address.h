// SPDX-License-Identifier: Apache-2.0
// The last look at an address before it becomes part of an SMTP command (attack I03).
#pragma once

#include <string_view>

namespace latchkey::courier {

// One address and nothing else: a dot-atom of at most 64 bytes (UTF-8 letters allowed, RFC 6531),
// "@", a host name of at most 253. No quoting, no comment, no blank, no control or invisible
// character. Narrower than RFC 5321 on purpose, and written apart from the canonical form of
// identifiers: neither wall trusts the other.
bool IsMailAddress(std::string_view address);

// The part after "@".
std::string_view DomainOf(std::string_view address);

}  // namespace latchkey::courier
