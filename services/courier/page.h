// SPDX-License-Identifier: Apache-2.0
// One filled message in its two forms, which say the same: plain text, and HTML on the bank's page.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "services/base/result.h"
#include "services/courier/bank.h"
#include "services/courier/words.h"

namespace latchkey::courier {

// What both forms are made of. All of it is ours: constant words, configuration, checked values.
struct Sheet {
  std::string language;
  Words words;
  std::string code;       // grouped for reading, "1234 5678"; empty: none
  std::string link;       // of the button; empty: none
  std::string stop_link;  // empty: none
  std::vector<std::pair<std::string, std::string>> facts;  // label and value
  std::vector<std::string> footer;
};

// Lines of at most 72 characters, except for links; LF.
std::string WriteText(const BankOptions& bank, const Sheet& sheet);

// The HTML form on messages/layout.html, each value escaped for its place. Immutable; threads: any.
class HtmlPage {
 public:
  // kInternal when the layout cannot be understood.
  static Result<std::unique_ptr<HtmlPage>> Parse(std::string_view layout);
  ~HtmlPage();
  HtmlPage(const HtmlPage&) = delete;
  HtmlPage& operator=(const HtmlPage&) = delete;

  Result<std::string> Write(const BankOptions& bank, const Sheet& sheet) const;

 private:
  struct Layout;
  explicit HtmlPage(std::unique_ptr<Layout> layout);
  std::unique_ptr<Layout> layout_;
};

}  // namespace latchkey::courier
