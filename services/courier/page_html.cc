// SPDX-License-Identifier: Apache-2.0
#include "services/courier/page.h"

#include <ctemplate/template.h>

#include <cmath>
#include <cstdlib>
#include <string>

namespace latchkey::courier {
namespace {

// Relative luminance of one channel of "#rrggbb" (WCAG 2.2).
double Light(const std::string& color, size_t at) {
  const double part =
      static_cast<double>(std::strtol(color.substr(at, 2).c_str(), nullptr, 16)) / 255;
  return part <= 0.04045 ? part / 12.92 : std::pow((part + 0.055) / 1.055, 2.4);
}

// Black or white, whichever can be read better on the bank's colour.
std::string TextOn(const std::string& color) {
  const double light =
      0.2126 * Light(color, 1) + 0.7152 * Light(color, 3) + 0.0722 * Light(color, 5);
  return 1.05 / (light + 0.05) >= (light + 0.05) / 0.05 ? "#ffffff" : "#111111";
}

void Fill(ctemplate::TemplateDictionary& part, const char* section, const std::string& words) {
  part.AddSectionDictionary(section)->SetValue("WORDS", words);
}

void FillBlock(ctemplate::TemplateDictionary& page, const Block& block, const Sheet& sheet) {
  const bool aside = block.kind == BlockKind::kAnswer || block.kind == BlockKind::kStop;
  if (block.kind == BlockKind::kQuestion) {
    Fill(page, "QUESTION", block.words);
    return;
  }
  ctemplate::TemplateDictionary& part = *page.AddSectionDictionary(aside ? "ASIDE" : "BLOCK");
  switch (block.kind) {
    case BlockKind::kText:
      return Fill(part, "TEXT", block.words);
    case BlockKind::kWarning:
      return Fill(part, "WARNING", block.words);
    case BlockKind::kAnswer:
      return Fill(part, "ANSWER", block.words);
    case BlockKind::kCodeLabel: {
      auto& code = *part.AddSectionDictionary("CODE");
      code.SetValue("WORDS", block.words);
      code.SetValue("DIGITS", sheet.code);
      return;
    }
    case BlockKind::kButton:
    case BlockKind::kStop: {
      const bool stop = block.kind == BlockKind::kStop;
      auto& button = *part.AddSectionDictionary(stop ? "STOP" : "BUTTON");
      button.SetValue("WORDS", block.words);
      button.SetValue("LINK", stop ? sheet.stop_link : sheet.link);
      return;
    }
    case BlockKind::kFacts: {
      if (sheet.facts.empty()) return;
      auto& facts = *part.AddSectionDictionary("FACTS");
      for (const auto& [label, value] : sheet.facts) {
        auto& fact = *facts.AddSectionDictionary("FACT");
        fact.SetValue("LABEL", label);
        fact.SetValue("VALUE", value);
      }
      return;
    }
    case BlockKind::kQuestion:
      return;
  }
}

}  // namespace

struct HtmlPage::Layout {
  std::unique_ptr<ctemplate::Template> page;
};

HtmlPage::HtmlPage(std::unique_ptr<Layout> layout) : layout_(std::move(layout)) {}
HtmlPage::~HtmlPage() = default;

Result<std::unique_ptr<HtmlPage>> HtmlPage::Parse(std::string_view layout) {
  // The layout begins with ctemplate's AUTOESCAPE mark: it refuses what it cannot escape by context
  // (attack I04).
  std::unique_ptr<ctemplate::Template> page(ctemplate::Template::StringToTemplate(
      layout.data(), layout.size(), ctemplate::STRIP_BLANK_LINES));
  if (page == nullptr) return Fail(Reason::kInternal, "the layout of messages is malformed");
  return std::unique_ptr<HtmlPage>(new HtmlPage(std::make_unique<Layout>(Layout{std::move(page)})));
}

Result<std::string> HtmlPage::Write(const BankOptions& bank, const Sheet& sheet) const {
  ctemplate::TemplateDictionary page("message");
  page.SetValue("LANGUAGE", sheet.language);
  page.SetValue("SUBJECT", sheet.words.subject);
  page.SetValue("BANK", bank.name);
  page.SetValue("COLOR", bank.color);
  page.SetValue("ON_COLOR", TextOn(bank.color));
  page.SetValue("HEADING", sheet.words.heading);
  for (const Block& block : sheet.words.blocks) FillBlock(page, block, sheet);
  for (const std::string& line : sheet.footer) Fill(page, "FOOTER", line);
  std::string out;
  if (!layout_->page->Expand(&out, &page))
    return Fail(Reason::kInternal, "the layout cannot be filled");
  return out;
}

}  // namespace latchkey::courier
