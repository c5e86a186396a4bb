// SPDX-License-Identifier: Apache-2.0
// The words of all messages and the page they stand on, built into the program from the files in this folder.
#pragma once

#include <string_view>
#include <vector>

namespace latchkey::courier {

struct MessageFile {
  std::string_view name;  // "en/recovery.txt", "layout.html"
  std::string_view text;
};

const std::vector<MessageFile>& MessageFiles();

}  // namespace latchkey::courier
