// SPDX-License-Identifier: Apache-2.0
#include "services/courier/render.h"

#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

#include "crypto/token.h"
#include "services/courier/local_time.h"
#include "services/courier/messages/messages.h"
#include "services/courier/templates.h"

namespace latchkey::courier {
namespace {

Failure BadValue(std::string_view name) {
  return Fail(Reason::kInternal, "the value \"" + std::string(name) + "\" is missing or malformed");
}

std::optional<int64_t> NumberOf(std::string_view text) {
  int64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// Reads the values of one message, each only as what it has to be.
class Payload {
 public:
  explicit Payload(const ledger::LeasedMessage& message) : message_(message) {}

  Result<std::string> Token(std::string_view name) const {
    const std::string* value = Find(name);
    auto bytes = value == nullptr ? std::nullopt : crypto::FromBase64Url(*value);
    if (!bytes || bytes->size() != crypto::kTokenBytes) return BadValue(name);
    return *value;
  }
  // "12345678" as "1234 5678": the blank is for the eye, and every client of ours takes it out
  // again.
  Result<std::string> Code() const {
    const std::string* value = Find(kCode);
    if (value == nullptr || value->size() > 20 || !crypto::IsCode(*value, value->size()) ||
        value->size() < crypto::kCodeDigits) {
      return BadValue(kCode);
    }
    std::string grouped;
    for (size_t i = 0; i < value->size(); ++i) {
      if (i > 0 && i % 4 == 0) grouped += ' ';
      grouped += (*value)[i];
    }
    return grouped;
  }
  Result<TimePoint> Time(std::string_view name) const {
    const std::string* value = Find(name);
    auto number = value == nullptr ? std::nullopt : NumberOf(*value);
    if (!number || *number <= 0) return BadValue(name);
    return FromUnixMillis(*number);
  }
  // The key of the channel's words in common.txt.
  Result<std::string_view> Channel() const {
    const std::string* value = Find(kChannel);
    auto number = value == nullptr ? std::nullopt : NumberOf(*value);
    switch (static_cast<model::Channel>(number.value_or(-1))) {
      case model::Channel::kNone:
        return std::string_view("where-none");
      case model::Channel::kWeb:
        return std::string_view("where-web");
      case model::Channel::kPhone:
        return std::string_view("where-phone");
      case model::Channel::kBranch:
        return std::string_view("where-branch");
    }
    return BadValue(kChannel);
  }
  // The one value that may be absent.
  Result<std::string> Reference() const {
    const std::string* value = Find(kReference);
    if (value == nullptr) return std::string();
    if (crypto::CanonicalReference(*value) != *value) return BadValue(kReference);
    return *value;
  }

 private:
  const std::string* Find(std::string_view name) const {
    auto at = message_.values.find(std::string(name));
    return at == message_.values.end() ? nullptr : &at->second;
  }
  const ledger::LeasedMessage& message_;
};

std::vector<std::string> LinesOf(std::string_view text) {
  std::vector<std::string> lines;
  while (true) {
    size_t end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return lines;
    text.remove_prefix(end + 1);
  }
}

// Blanks that a line cannot break at.
std::string OnOneLine(std::string_view text) {
  std::string out;
  for (char c : text) out += c == ' ' ? std::string("\u00a0") : std::string(1, c);
  return out;
}

constexpr std::string_view kLayoutFile = "layout.html";
constexpr std::string_view kCommonFile = "common";

}  // namespace

Result<std::unique_ptr<Renderer>> Renderer::Make(const BankOptions& bank) {
  LATCHKEY_TRY(CheckBank(bank));
  std::unique_ptr<Renderer> renderer(new Renderer(bank));
  LATCHKEY_TRY(renderer->Read());
  return renderer;
}

Done Renderer::Read() {
  for (const MessageFile& file : MessageFiles()) {
    if (file.name == kLayoutFile) {
      LATCHKEY_ASSIGN(page_, HtmlPage::Parse(file.text));
      continue;
    }
    const size_t slash = file.name.find('/');
    Language& language = languages_[std::string(file.name.substr(0, slash))];
    const std::string name(
        file.name.substr(slash + 1, file.name.size() - slash - 5));  // without ".txt"
    if (name == kCommonFile) {
      LATCHKEY_ASSIGN(language.common, ParseCommonWords(file.text));
    } else {
      LATCHKEY_ASSIGN(language.messages[name], ParseWords(file.text));
    }
  }
  if (page_ == nullptr) return Fail(Reason::kInternal, "there is no layout for messages");
  for (const auto& [code, language] : languages_) {
    for (std::string_view name : kAllTemplates) {
      if (!language.messages.contains(name)) {
        return Fail(Reason::kInternal, "there is no message " + code + "/" + std::string(name));
      }
    }
    for (const char* key : {"time-format", "when", "where", "where-none", "where-web",
                            "where-phone", "where-branch", "until", "reference", "footer"}) {
      if (!language.common.contains(key))
        return Fail(Reason::kInternal, code + "/common.txt lacks " + key);
    }
  }
  return {};
}

Result<Rendered> Renderer::Render(const ledger::LeasedMessage& message,
                                  const std::string& language) const {
  auto spoken = languages_.find(language.substr(0, language.find_first_of("-_")));
  if (spoken == languages_.end()) spoken = languages_.find(bank_.default_language);
  LATCHKEY_CHECK(spoken != languages_.end());
  LATCHKEY_ASSIGN(Sheet sheet, Lay(message, spoken->first, spoken->second));
  Rendered rendered;
  rendered.language = spoken->first;
  rendered.subject = sheet.words.subject;
  rendered.text = WriteText(bank_, sheet);
  LATCHKEY_ASSIGN(rendered.html, page_->Write(bank_, sheet));
  return rendered;
}

Result<Sheet> Renderer::Lay(const ledger::LeasedMessage& message, const std::string& code,
                            const Language& language) const {
  const auto words = language.messages.find(message.template_name);
  if (words == language.messages.end()) return Fail(Reason::kInternal, "the template is unknown");
  const Payload payload(message);
  const TimeStyle style{code, bank_.time_zone, language.common.find("time-format")->second};
  auto common = [&language](std::string_view key) { return language.common.find(key)->second; };

  Sheet sheet;
  sheet.language = code;
  Values values = {{"bank", bank_.name}, {"phone", OnOneLine(bank_.phone)}};
  values["portal"] = bank_.portal_url.substr(bank_.portal_url.find("//") + 2);  // as it is typed
  values["zone"] = LocalTime(message.made_at, {code, bank_.time_zone, "vvvv"});
  // What a message shows decides what its payload has to hold.
  for (const Block& block : words->second.blocks) {
    if (block.kind == BlockKind::kCodeLabel) {
      LATCHKEY_ASSIGN(sheet.code, payload.Code());
      LATCHKEY_ASSIGN(TimePoint until, payload.Time(kCodeUntil));
      values["code_until"] = LocalTime(until, style);
    } else if (block.kind == BlockKind::kButton) {
      LATCHKEY_ASSIGN(std::string token, payload.Token(kLinkToken));
      sheet.link = bank_.portal_url + "/recover#t=" + token;
    } else if (block.kind == BlockKind::kStop) {
      LATCHKEY_ASSIGN(std::string token, payload.Token(kFreezeToken));
      sheet.stop_link = bank_.portal_url + "/stop#t=" + token;
    } else if (block.kind == BlockKind::kFacts) {
      for (const std::string_view fact : {"when", "where", "until", "reference"}) {
        if (block.words.find(fact) == std::string::npos) continue;
        std::string value;
        if (fact == "when" || fact == "until") {
          LATCHKEY_ASSIGN(TimePoint at, payload.Time(fact == "when" ? kAt : kRestsUntil));
          value = LocalTime(at, style);
        } else if (fact == "where") {
          LATCHKEY_ASSIGN(std::string_view key, payload.Channel());
          value = common(key);
        } else {
          LATCHKEY_ASSIGN(value, payload.Reference());
          if (value.empty()) continue;
        }
        sheet.facts.emplace_back(common(fact), std::move(value));
      }
    }
  }
  LATCHKEY_ASSIGN(sheet.words, FillWords(words->second, values));
  LATCHKEY_ASSIGN(std::string footer, FillText(common("footer"), values));
  sheet.footer = LinesOf(footer);
  return sheet;
}

}  // namespace latchkey::courier
