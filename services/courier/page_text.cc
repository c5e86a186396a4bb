// SPDX-License-Identifier: Apache-2.0
#include "services/courier/page.h"

#include <algorithm>

namespace latchkey::courier {
namespace {

constexpr size_t kLineCharacters = 72;

size_t CharactersIn(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](unsigned char c) { return (c & 0xc0) != 0x80; }));
}

// Breaks a paragraph at blanks, the lines after each other and an empty one at the end.
std::string Paragraph(std::string_view text) {
  std::string out;
  size_t column = 0;
  while (!text.empty()) {
    size_t blank = text.find(' ');
    std::string_view word = text.substr(0, blank);
    text.remove_prefix(blank == std::string_view::npos ? text.size() : blank + 1);
    const size_t width = CharactersIn(word);
    if (column > 0 && column + 1 + width > kLineCharacters) {
      out += '\n';
      column = 0;
    } else if (column > 0) {
      out += ' ';
      ++column;
    }
    out += word;
    column += width;
  }
  return out + "\n\n";
}

std::string Ruled(std::string_view text) {
  return std::string(text) + "\n" +
         std::string(std::min(CharactersIn(text), kLineCharacters), '-') + "\n\n";
}

std::string Labelled(std::string_view label, std::string_view value) {
  return std::string(label) + ":\n\n    " + std::string(value) + "\n\n";
}

std::string FactLines(const Sheet& sheet) {
  size_t widest = 0;
  for (const auto& [label, value] : sheet.facts) widest = std::max(widest, CharactersIn(label));
  std::string out;
  for (const auto& [label, value] : sheet.facts) {
    out.append(label).append(":").append(widest - CharactersIn(label) + 1, ' ');
    out.append(value).append("\n");
  }
  return out.empty() ? out : out + "\n";
}

}  // namespace

std::string WriteText(const BankOptions& bank, const Sheet& sheet) {
  std::string out = bank.name + "\n\n" + Ruled(sheet.words.heading);
  for (const Block& block : sheet.words.blocks) {
    switch (block.kind) {
      case BlockKind::kText:
      case BlockKind::kWarning:
      case BlockKind::kAnswer:
        out += Paragraph(block.words);
        break;
      case BlockKind::kCodeLabel:
        out += Labelled(block.words, sheet.code);
        break;
      case BlockKind::kButton:
        out += Labelled(block.words, sheet.link);
        break;
      case BlockKind::kStop:
        out += Labelled(block.words, sheet.stop_link);
        break;
      case BlockKind::kFacts:
        out += FactLines(sheet);
        break;
      case BlockKind::kQuestion:
        out += Ruled(block.words);
        break;
    }
  }
  out += "-- \n";  // the mark of a signature (RFC 3676, section 4.3)
  for (const std::string& line : sheet.footer) out += Paragraph(line);
  out.pop_back();
  return out;
}

}  // namespace latchkey::courier
