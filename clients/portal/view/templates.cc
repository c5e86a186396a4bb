// SPDX-License-Identifier: Apache-2.0
#include "clients/portal/view/templates.h"

#include <ctemplate/template.h>

#include <fstream>
#include <iterator>

#include "services/base/check.h"

namespace latchkey::portal {
namespace {

namespace fs = std::filesystem;

std::string ReadText(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// `text` with every {{>name}} replaced by _name.html; absent files are named in `missing`.
std::string WithParts(const fs::path& folder, std::string text, std::string& missing) {
  for (int depth = 0; depth < 100; ++depth) {
    const size_t start = text.find("{{>");
    if (start == std::string::npos) return text;
    const size_t end = text.find("}}", start);
    const std::string name = text.substr(start + 3, end - start - 3);
    std::string part = ReadText(folder / ("_" + name + ".html"));
    if (part.empty()) missing = "_" + name + ".html";
    text.replace(start, end + 2 - start, part);
  }
  missing = "an end of parts that take in each other";
  return text;
}

std::string EscapeHtml(std::string_view text) {
  std::string out;
  for (char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

void Fill(ctemplate::TemplateDictionary& dictionary, const View& view) {
  for (const auto& [name, value] : view.values()) dictionary.SetValue(name, value);
  for (const auto& [name, section] : view.sections()) {
    Fill(*dictionary.AddSectionDictionary(name), section);
  }
}

std::string KeyOf(std::string_view page, std::string_view language) {
  return std::string(page) + "." + std::string(language);
}

}  // namespace

struct Templates::Cache {
  ctemplate::TemplateCache pages;
  std::map<std::string, std::string> titles;
  std::set<std::string> names;
};

Templates::Templates() : cache_(std::make_unique<Cache>()) {}
Templates::Templates(Templates&&) noexcept = default;
Templates::~Templates() = default;

Result<Templates> Templates::Load(const fs::path& folder, const Catalog& catalog) {
  Templates templates;
  const std::string layout = ReadText(folder / "_layout.html");
  if (layout.empty()) {
    return Malformed("share", "there are no page templates in " + folder.string() +
                                  "; set share in [portal] to the folder that holds templates/");
  }
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string page = entry.path().stem().string();
    if (entry.path().extension() != ".html" || page.starts_with("_")) continue;
    std::string body = ReadText(entry.path());
    const size_t title_end = body.find("-->\n");
    if (!body.starts_with("<!-- [[") || title_end == std::string::npos) {
      return Malformed("share", entry.path().string() + " does not begin with its title");
    }
    const std::string title = body.substr(5, title_end - 6);
    std::string text = layout;
    const std::string slot = "{{>content}}";
    text.replace(text.find(slot), slot.size(), body.substr(title_end + 4));
    std::string missing;
    text = WithParts(folder, std::move(text), missing);
    if (!missing.empty()) return Malformed("share", folder.string() + " lacks " + missing);
    for (const std::string& language : catalog.languages()) {
      auto say = [&](const std::string& english) { return catalog.Say(language, english.c_str()); };
      const std::string key = KeyOf(page, language);
      templates.cache_->titles[key] = say(title.substr(2, title.size() - 4));
      const std::string html = "{{%AUTOESCAPE context=\"HTML\"}}" + Translated(text, say);
      if (!templates.cache_->pages.StringToTemplateCache(key, html, ctemplate::STRIP_WHITESPACE)) {
        return Malformed("share", entry.path().string() + " is no template in " + language);
      }
    }
    templates.cache_->names.insert(page);
  }
  templates.cache_->pages.Freeze();
  return templates;
}

std::string Templates::Render(std::string_view page, const std::string& language,
                              const View& view) const {
  ctemplate::TemplateDictionary dictionary("page");
  Fill(dictionary, view);
  ctemplate::PerExpandData data;
  std::string html;
  LATCHKEY_CHECK(cache_->pages.ExpandNoLoad(KeyOf(page, language), ctemplate::STRIP_WHITESPACE,
                                            &dictionary, &data, &html));
  return html;
}

const std::string& Templates::TitleOf(std::string_view page, const std::string& language) const {
  auto found = cache_->titles.find(KeyOf(page, language));
  LATCHKEY_CHECK(found != cache_->titles.end());
  return found->second;
}

std::vector<std::string> Templates::pages() const {
  return {cache_->names.begin(), cache_->names.end()};
}

std::string Translated(std::string_view html,
                       const std::function<std::string(const std::string&)>& translate) {
  std::string out;
  while (true) {
    const size_t start = html.find("[[");
    const size_t end = start == std::string_view::npos ? start : html.find("]]", start);
    if (end == std::string_view::npos) return out.append(html);
    out.append(html.substr(0, start));
    std::string text;
    for (char c : html.substr(start + 2, end - start - 2)) {
      const bool blank = c == ' ' || c == '\n';
      if (blank && (text.empty() || text.back() == ' ')) continue;
      text += blank ? ' ' : c;
    }
    if (text.ends_with(' ')) text.pop_back();
    out += EscapeHtml(translate(text));
    html.remove_prefix(end + 2);
  }
}

}  // namespace latchkey::portal
