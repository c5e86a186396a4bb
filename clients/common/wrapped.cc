// SPDX-License-Identifier: Apache-2.0
#include "clients/common/wrapped.h"

#include <algorithm>

#include "clients/common/typed.h"

namespace latchkey::client {
namespace {

constexpr size_t kNone = std::string_view::npos;

size_t TextColumn(std::string_view line, size_t furthest) {
  size_t column = 0;
  const auto move_to = [&](size_t byte) {
    const size_t wanted = Columns(line.substr(0, byte));
    if (wanted <= furthest) column = wanted;
  };
  if (!line.starts_with(' ')) {
    const size_t label = std::min(line.find(": "), line.find("] "));
    if (label != kNone) move_to(label + 2);
    return column;
  }
  for (size_t gap = 0; gap != kNone;) {
    const size_t cell = line.find_first_not_of(' ', gap);
    if (cell == kNone) break;
    move_to(cell);
    gap = line.find("  ", cell);
  }
  return column;
}

// The last blank up to which `line` fits; otherwise the first one after its first word.
size_t Break(std::string_view line, size_t width) {
  const size_t text = line.find_first_not_of(' ');
  size_t fits = kNone;
  for (size_t at = line.find(' ', text); at != kNone; at = line.find(' ', at + 1)) {
    if (fits != kNone && Columns(line.substr(0, at)) > width) break;
    fits = at;
  }
  return fits;
}

}  // namespace

std::vector<std::string> Wrapped(std::string_view line, size_t width) {
  const std::string indent(TextColumn(line, width * 2 / 3), ' ');
  std::vector<std::string> lines;
  std::string rest(line);
  while (Columns(rest) > width) {
    const size_t end = Break(rest, width);
    const size_t next = rest.find_first_not_of(' ', end);
    if (next == kNone) break;
    lines.push_back(rest.substr(0, rest.find_last_not_of(' ', end) + 1));
    rest.replace(0, next, indent);
  }
  lines.push_back(std::move(rest));
  return lines;
}

}  // namespace latchkey::client
