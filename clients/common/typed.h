// SPDX-License-Identifier: Apache-2.0
// What people type, before it goes to the service: only what cannot change the meaning is taken
// away.
#pragma once

#include <string>
#include <string_view>

namespace latchkey::client {

// A code or token without ASCII blanks (space, tab) and hyphens. Everything else stays, so that the
// service sees and refuses it: letters, other scripts' digits, full-width digits.
std::string StripTypedCode(std::string_view typed);

// Nothing but 0 to 9.
bool AllDigits(std::string_view text);

// Groups of `group` characters for reading aloud: "123456789012" by 4 is "1234 5678 9012".
std::string Grouped(std::string_view digits, size_t group);

// Text from elsewhere as it may go to a terminal: control, bidi and invalid bytes become "?", so
// that a name or a note can neither move the cursor nor forge a line (attack I06). One line: line
// ends become blanks.
std::string Printable(std::string_view text);

// How many columns `text` takes, one for each character.
size_t Columns(std::string_view text);

}  // namespace latchkey::client
