// SPDX-License-Identifier: Apache-2.0
// What a template is filled with: plain values, and sections that are shown once or many times.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <utility>

namespace latchkey::portal {

// Values are plain text: the template escapes them for the place where they stand.
class View {
 public:
  View& Set(std::string_view name, std::string_view value) {
    values_.emplace_back(name, value);
    return *this;
  }
  // Shows a section once; several times in a row with the same name make a list.
  View& Add(std::string_view section) { return sections_.emplace_back(section, View()).second; }
  View& Show(std::string_view section) {
    Add(section);
    return *this;
  }

  const std::deque<std::pair<std::string, std::string>>& values() const { return values_; }
  const std::deque<std::pair<std::string, View>>& sections() const { return sections_; }

 private:
  std::deque<std::pair<std::string, std::string>> values_;
  std::deque<std::pair<std::string, View>> sections_;  // references into it stay valid as it grows
};

}  // namespace latchkey::portal
