// SPDX-License-Identifier: Apache-2.0
// The words of one message: read from messages/LANGUAGE/NAME.txt, filled with values, still without
// form.
//
// A file is lines of "kind: words", in the order in which they are read. {name} stands for a value.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "services/base/result.h"

namespace latchkey::courier {

enum class BlockKind {
  kText,       // a paragraph
  kCodeLabel,  // the label above the code
  kButton,     // leads to <portal>/recover
  kWarning,    // a paragraph that must not be missed
  kFacts,      // names of facts to list: "when where until reference"
  kQuestion,   // begins the part for whoever did not expect the message
  kAnswer,     // a paragraph of that part
  kStop,       // leads to <portal>/stop
};

struct Block {
  BlockKind kind;
  std::string words;
};

struct Words {
  std::string subject;
  std::string heading;
  std::vector<Block> blocks;
};

using Values = std::map<std::string, std::string, std::less<>>;

// kInternal with the line that is wrong: an unknown kind, a second or missing subject or heading.
Result<Words> ParseWords(std::string_view file);
// Lines of "key: words"; a key that occurs again adds a line (LF).
Result<Values> ParseCommonWords(std::string_view file);

// Puts the values in the places of their {names}. kInternal naming the value that is missing.
Result<Words> FillWords(const Words& words, const Values& values);
Result<std::string> FillText(std::string_view text, const Values& values);

}  // namespace latchkey::courier
