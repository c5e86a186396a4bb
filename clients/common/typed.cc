// SPDX-License-Identifier: Apache-2.0
#include "clients/common/typed.h"

namespace latchkey::client {

std::string StripTypedCode(std::string_view typed) {
  std::string code;
  code.reserve(typed.size());
  for (char c : typed) {
    if (c != ' ' && c != '\t' && c != '-') code.push_back(c);
  }
  return code;
}

std::string Grouped(std::string_view digits, size_t group) {
  std::string out;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && i % group == 0) out.push_back(' ');
    out.push_back(digits[i]);
  }
  return out;
}

}  // namespace latchkey::client
