// SPDX-License-Identifier: Apache-2.0
// Long lines for a screen, broken between words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace latchkey::client {

// `line` as lines of at most `width` columns, as Columns counts them; a longer word has a line of
// its own. What goes on stands under the text of its row: after "Refused: " or "[menu] ", or under
// the last cell of an indented row that begins in the first two thirds of the width.
std::vector<std::string> Wrapped(std::string_view line, size_t width);

}  // namespace latchkey::client
