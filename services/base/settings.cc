// SPDX-License-Identifier: Apache-2.0
#include "services/base/settings.h"

#include <toml++/toml.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "services/base/nearest.h"

namespace latchkey {

// What all sections of a file share: the parsed text, what was asked for, and what was wrong.
struct Section::State {
  std::string shown;             // the path as it was given
  std::string example;           // the file that shows every key
  std::filesystem::path folder;  // where relative paths begin
  toml::table document;
  std::map<const void*, std::set<std::string, std::less<>>> asked;
  std::map<const void*, std::string> names;
  std::vector<std::pair<unsigned, std::string>> mistakes;

  void Add(unsigned line, std::string_view what) {
    mistakes.emplace_back(line, shown + ":" + std::to_string(line) + ": " + std::string(what));
  }
  void FindUnknown(const toml::table& table);
};

namespace {

unsigned LineOf(const toml::node& node) { return node.source().begin.line; }

std::string FullName(const std::string& section, std::string_view key) {
  return section.empty() ? std::string(key) : section + "." + std::string(key);
}

std::string Suggestion(std::string_view key, const std::set<std::string, std::less<>>& known,
                       const std::string& example) {
  const std::string best = Nearest(key, {known.begin(), known.end()});
  return best.empty() ? "remove it, or see " + example : "did you mean \"" + best + "\"?";
}

// Text from the file that goes into a message: nothing in it may steer a terminal.
std::string Plain(std::string_view text) {
  std::string plain;
  for (char c : text.substr(0, 60)) plain += (c >= 0x20 && c < 0x7f) ? c : '?';
  return plain;
}

std::string TablesWanted(const std::string& name, std::string_view what) {
  return "\"" + name + "\" " + std::string(what) + "; write [[" + name + "]]";
}

}  // namespace

const void* Section::Take(std::string_view key, Need need) {
  const auto* table = static_cast<const toml::table*>(table_);
  if (table != nullptr) {
    state_->asked[table_].emplace(key);
    if (const toml::node* node = table->get(key)) return node;
  }
  if (need == Need::kRequired) {
    state_->Add(line_, "\"" + FullName(name_, key) + "\" is missing; add it under " +
                           (name_.empty() ? "the top of the file" : "[" + name_ + "]"));
  }
  return nullptr;
}

bool Section::Has(std::string_view key) const {
  const auto* table = static_cast<const toml::table*>(table_);
  return table != nullptr && table->contains(key);
}

void Section::Read(std::string_view key, std::string& value, Need need) {
  const auto* node = static_cast<const toml::node*>(Take(key, need));
  if (node == nullptr) return;
  const auto* text = node->as_string();
  if (text == nullptr) {
    return state_->Add(LineOf(*node),
                       "\"" + FullName(name_, key) + "\" must be text; put it in double quotes");
  }
  if (need == Need::kRequired && text->get().empty()) {
    return state_->Add(LineOf(*node), "\"" + FullName(name_, key) + "\" is empty; fill it in");
  }
  auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
  if (std::any_of(text->get().begin(), text->get().end(), is_control)) {
    return state_->Add(LineOf(*node),
                       "\"" + FullName(name_, key) + "\" holds a control character; remove it");
  }
  value = text->get();
}

void Section::Read(std::string_view key, bool& value) {
  const auto* node = static_cast<const toml::node*>(Take(key, Need::kOptional));
  if (node == nullptr) return;
  const auto* flag = node->as_boolean();
  if (flag == nullptr) {
    return state_->Add(LineOf(*node),
                       "\"" + FullName(name_, key) + "\" must be true or false, without quotes");
  }
  value = flag->get();
}

void Section::Read(std::string_view key, std::vector<std::string>& value, Need need) {
  const auto* node = static_cast<const toml::node*>(Take(key, need));
  if (node == nullptr) return;
  const toml::array* list = node->as_array();
  bool texts = list != nullptr && std::all_of(list->begin(), list->end(),
                                              [](const auto& item) { return item.is_string(); });
  if (!texts) {
    return state_->Add(LineOf(*node), "\"" + FullName(name_, key) +
                                          "\" must be a list of texts, such as [\"a\", \"b\"]");
  }
  std::vector<std::string> read;
  for (const toml::node& item : *list) read.push_back(item.as_string()->get());
  if (need == Need::kRequired && read.empty()) {
    return state_->Add(LineOf(*node),
                       "\"" + FullName(name_, key) + "\" is empty; name at least one");
  }
  value = std::move(read);
}

void Section::Read(std::string_view key, std::filesystem::path& value, Need need) {
  std::string text;
  Read(key, text, need);
  if (text.empty()) return;
  std::filesystem::path path(text);
  value = path.is_absolute() ? path : (state_->folder / path).lexically_normal();
}

std::optional<int64_t> Section::ReadNumber(std::string_view key, int64_t least, int64_t most) {
  const auto* node = static_cast<const toml::node*>(Take(key, Need::kOptional));
  if (node == nullptr) return std::nullopt;
  const auto* number = node->as_integer();
  if (number == nullptr || number->get() < least || number->get() > most) {
    state_->Add(LineOf(*node), "\"" + FullName(name_, key) + "\" must be a whole number from " +
                                   std::to_string(least) + " to " + std::to_string(most) +
                                   ", without quotes");
    return std::nullopt;
  }
  return number->get();
}

std::optional<size_t> Section::ReadChoice(std::string_view key,
                                          const std::vector<std::string_view>& names) {
  const auto* node = static_cast<const toml::node*>(Take(key, Need::kOptional));
  if (node == nullptr) return std::nullopt;
  if (const auto* text = node->as_string()) {
    auto found = std::find(names.begin(), names.end(), text->get());
    if (found != names.end()) return found - names.begin();
  }
  std::string all;
  for (std::string_view name : names) {
    all += (all.empty() ? "\"" : ", \"") + std::string(name) + "\"";
  }
  state_->Add(LineOf(*node), "\"" + FullName(name_, key) + "\" must be one of " + all);
  return std::nullopt;
}

Section Section::In(std::string_view key) {
  const auto* node = static_cast<const toml::node*>(Take(key, Need::kOptional));
  std::string name = FullName(name_, key);
  if (node == nullptr) return Section(state_, nullptr, name, line_);
  const toml::table* table = node->as_table();
  if (table == nullptr) {
    state_->Add(LineOf(*node), "\"" + name + "\" must be a table; write [" + name + "]");
    return Section(state_, nullptr, name, LineOf(*node));
  }
  state_->names[table] = name;
  return Section(state_, table, name, LineOf(*node));
}

std::vector<Section> Section::Each(std::string_view key) {
  const auto* node = static_cast<const toml::node*>(Take(key, Need::kOptional));
  std::string name = FullName(name_, key);
  std::vector<Section> sections;
  if (node == nullptr) return sections;
  const toml::array* list = node->as_array();
  if (list == nullptr) {
    state_->Add(LineOf(*node), TablesWanted(name, "must be a list of tables"));
    return sections;
  }
  for (const toml::node& item : *list) {
    const toml::table* table = item.as_table();
    if (table == nullptr) {
      state_->Add(LineOf(item), TablesWanted(name, "must hold tables"));
      continue;
    }
    state_->names[table] = name;
    sections.push_back(Section(state_, table, name, LineOf(item)));
  }
  return sections;
}

void Section::Refuse(std::string_view key, std::string_view advice) {
  const auto* node = static_cast<const toml::node*>(Take(key, Need::kOptional));
  state_->Add(node == nullptr ? line_ : LineOf(*node),
              "\"" + FullName(name_, key) + "\" " + std::string(advice));
}

Result<Settings> Settings::Load(const std::filesystem::path& path, std::string_view example) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  if (!file || !(text << file.rdbuf())) {
    return Fail(Reason::kUnavailable,
                path.string() + ": cannot be read; check that it exists and who may read it");
  }
  auto state = std::make_shared<Section::State>();
  state->shown = path.string();
  state->example = example;
  state->folder = std::filesystem::absolute(path).parent_path();
  try {
    state->document = toml::parse(text.str());
  } catch (const toml::parse_error& error) {
    return Malformed("config", path.string() + ":" + std::to_string(error.source().begin.line) +
                                   ": this is no TOML: " + Plain(error.description()));
  }
  Section root(state, &state->document, "", 1);
  return Settings(std::move(state), std::move(root));
}

void Section::State::FindUnknown(const toml::table& table) {
  const auto& known = asked[&table];
  for (const auto& [key, node] : table) {
    if (!known.contains(key.str())) {
      std::string name = Plain(FullName(names[&table], key.str()));
      Add(key.source().begin.line,
          "unknown key \"" + name + "\"; " + Suggestion(key.str(), known, example));
      continue;
    }
    const toml::table* inner = node.as_table();
    if (inner != nullptr && asked.contains(inner)) FindUnknown(*inner);
    const toml::array* list = node.as_array();
    if (list == nullptr) continue;
    for (const toml::node& item : *list) {
      const toml::table* each = item.as_table();
      if (each != nullptr && asked.contains(each)) FindUnknown(*each);
    }
  }
}

Done Settings::Finish() {
  state_->FindUnknown(state_->document);
  if (state_->mistakes.empty()) return {};
  std::stable_sort(state_->mistakes.begin(), state_->mistakes.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::string all;
  for (const auto& mistake : state_->mistakes) all += (all.empty() ? "" : "\n") + mistake.second;
  return Malformed("config", all);
}

}  // namespace latchkey
