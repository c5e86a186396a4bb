// SPDX-License-Identifier: Apache-2.0
#include "services/courier/words.h"

#include <optional>
#include <utility>

namespace latchkey::courier {
namespace {

struct Line {
  std::string_view key;
  std::string_view words;
};

std::optional<BlockKind> BlockKindOf(std::string_view key) {
  if (key == "text") return BlockKind::kText;
  if (key == "code") return BlockKind::kCodeLabel;
  if (key == "button") return BlockKind::kButton;
  if (key == "warning") return BlockKind::kWarning;
  if (key == "facts") return BlockKind::kFacts;
  if (key == "question") return BlockKind::kQuestion;
  if (key == "answer") return BlockKind::kAnswer;
  if (key == "stop") return BlockKind::kStop;
  return std::nullopt;
}

Failure BadLine(std::string_view line) {
  return Fail(Reason::kInternal, "not \"kind: words\": " + std::string(line));
}

// Calls `take` with each line that is neither empty nor a comment.
template <typename Take>
Done EachLine(std::string_view file, Take take) {
  while (!file.empty()) {
    size_t end = file.find('\n');
    std::string_view line = file.substr(0, end);
    file.remove_prefix(end == std::string_view::npos ? file.size() : end + 1);
    if (line.empty() || line.front() == '#') continue;
    size_t colon = line.find(": ");
    if (colon == std::string_view::npos || colon == 0) return BadLine(line);
    LATCHKEY_TRY(take(Line{line.substr(0, colon), line.substr(colon + 2)}));
  }
  return {};
}

}  // namespace

Result<Words> ParseWords(std::string_view file) {
  Words words;
  LATCHKEY_TRY(EachLine(file, [&words](Line line) -> Done {
    if (line.key == "subject" || line.key == "heading") {
      std::string& once = line.key == "subject" ? words.subject : words.heading;
      if (!once.empty()) return BadLine(line.key);
      once = line.words;
    } else if (auto kind = BlockKindOf(line.key)) {
      words.blocks.push_back({*kind, std::string(line.words)});
    } else {
      return BadLine(line.key);
    }
    return {};
  }));
  if (words.subject.empty() || words.heading.empty() || words.blocks.empty()) {
    return Fail(Reason::kInternal, "a message needs a subject, a heading and something to say");
  }
  return words;
}

Result<Values> ParseCommonWords(std::string_view file) {
  Values common;
  LATCHKEY_TRY(EachLine(file, [&common](Line line) -> Done {
    auto [at, fresh] = common.emplace(line.key, line.words);
    if (!fresh) at->second.append("\n").append(line.words);
    return {};
  }));
  return common;
}

Result<std::string> FillText(std::string_view text, const Values& values) {
  std::string filled;
  while (true) {
    size_t open = text.find('{');
    filled.append(text.substr(0, open));
    if (open == std::string_view::npos) return filled;
    size_t close = text.find('}', open);
    if (close == std::string_view::npos) return Fail(Reason::kInternal, "a \"{\" is not closed");
    const std::string_view name = text.substr(open + 1, close - open - 1);
    const auto value = values.find(name);
    if (value == values.end())
      return Fail(Reason::kInternal, "no value for {" + std::string(name) + "}");
    filled.append(value->second);
    text.remove_prefix(close + 1);
  }
}

Result<Words> FillWords(const Words& words, const Values& values) {
  Words filled;
  LATCHKEY_ASSIGN(filled.subject, FillText(words.subject, values));
  LATCHKEY_ASSIGN(filled.heading, FillText(words.heading, values));
  for (const Block& block : words.blocks) {
    LATCHKEY_ASSIGN(std::string text, FillText(block.words, values));
    filled.blocks.push_back({block.kind, std::move(text)});
  }
  return filled;
}

}  // namespace latchkey::courier
