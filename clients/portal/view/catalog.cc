// SPDX-License-Identifier: Apache-2.0
#include "clients/portal/view/catalog.h"

#include <unicode/timezone.h>

#include <algorithm>
#include <boost/locale.hpp>
#include <map>
#include <sstream>

#include "services/base/check.h"

namespace latchkey::portal {
namespace {

constexpr const char* kDomain = "latchkey-portal";

// English dates as most of the world's banks write them: day before month, 24 hours.
std::string LocaleName(const std::string& language) {
  return language == "en" ? "en_GB.UTF-8" : language + ".UTF-8";
}

}  // namespace

struct Catalog::Locales {
  std::map<std::string, std::locale, std::less<>> by_language;
  std::string time_zone;

  const std::locale& Of(std::string_view language) const {
    auto found = by_language.find(language);
    LATCHKEY_CHECK(found != by_language.end());
    return found->second;
  }
};

Catalog::Catalog(std::unique_ptr<Locales> locales, std::vector<std::string> languages)
    : locales_(std::move(locales)), languages_(std::move(languages)) {}
Catalog::Catalog(Catalog&&) noexcept = default;
Catalog::~Catalog() = default;

Result<Catalog> Catalog::Load(const std::filesystem::path& folder,
                              const std::vector<std::string>& languages,
                              const std::string& time_zone) {
  boost::locale::generator make;
  make.add_messages_path(folder.string());
  make.add_messages_domain(std::string(kDomain) + "/UTF-8");
  auto locales = std::make_unique<Locales>();
  locales->time_zone = time_zone;
  for (const std::string& language : languages) {
    const auto file = folder / language / "LC_MESSAGES" / (std::string(kDomain) + ".mo");
    if (language != "en" && !std::filesystem::exists(file)) {
      return Malformed("languages", "there is no catalog " + file.string() +
                                        " for the language \"" + language +
                                        "\"; remove it from languages or set share");
    }
    locales->by_language.emplace(language, make(LocaleName(language)));
  }
  // ICU silently reads an unknown zone as GMT, which would show people wrong times.
  const std::unique_ptr<icu::TimeZone> zone(
      icu::TimeZone::createTimeZone(icu::UnicodeString::fromUTF8(time_zone)));
  if (*zone == icu::TimeZone::getUnknown()) {
    return Malformed("time_zone",
                     "there is no time zone \"" + time_zone + "\"; write one as \"Europe/Berlin\"");
  }
  return Catalog(std::move(locales), languages);
}

bool Catalog::Speaks(std::string_view language) const {
  return std::find(languages_.begin(), languages_.end(), language) != languages_.end();
}

std::string Catalog::Say(const std::string& language, const char* english) const {
  return boost::locale::gettext(english, locales_->Of(language));
}

std::string Catalog::Say(const std::string& language, const char* english,
                         const std::vector<std::string>& values) const {
  boost::locale::format message(Say(language, english));
  for (const std::string& value : values) message % value;
  return message.str(locales_->Of(language));
}

std::string Catalog::Written(const std::string& language, const char* format,
                             TimePoint time) const {
  std::ostringstream out;
  out.imbue(locales_->Of(language));
  out << boost::locale::as::ftime(format) << boost::locale::as::time_zone(locales_->time_zone)
      << static_cast<double>(ToUnixMillis(time)) / 1000.0;
  return out.str();
}

std::string Catalog::ClockTime(const std::string& language, TimePoint time) const {
  return Written(language, "%H:%M", time);
}

std::string Catalog::ClockSecond(const std::string& language, TimePoint time) const {
  return Written(language, "%H:%M:%S", std::chrono::ceil<std::chrono::seconds>(time));
}

std::string Catalog::Zone(const std::string& language, TimePoint time) const {
  return Written(language, "%Z", time);
}

std::string Catalog::DateAndTime(const std::string& language, TimePoint time) const {
  std::ostringstream out;
  out.imbue(locales_->Of(language));
  out << boost::locale::as::date << boost::locale::as::date_medium
      << boost::locale::as::time_zone(locales_->time_zone)
      << static_cast<double>(ToUnixMillis(time)) / 1000.0;
  return out.str() + ", " + ClockTime(language, time);
}

std::string Catalog::When(const std::string& language, TimePoint time, TimePoint now) const {
  const TimePoint minute = std::chrono::ceil<std::chrono::minutes>(time);
  return time - now < std::chrono::hours(12) ? ClockTime(language, minute)
                                             : DateAndTime(language, minute);
}

std::string_view OwnName(std::string_view language) {
  if (language == "de") return "Deutsch";
  if (language == "en") return "English";
  return language;
}

std::string ChooseLanguage(std::string_view header, const std::vector<std::string>& offered,
                           const std::string& otherwise) {
  std::string best = otherwise;
  int best_weight = 0;  // thousandths
  while (!header.empty()) {
    const size_t comma = header.find(',');
    std::string_view part = header.substr(0, comma);
    header.remove_prefix(comma == std::string_view::npos ? header.size() : comma + 1);
    while (!part.empty() && part.front() == ' ') part.remove_prefix(1);
    const std::string_view tag = part.substr(0, part.find_first_of("-; "));
    int weight = 1000;
    if (const size_t q = part.find("q="); q != std::string_view::npos) {
      weight = part.substr(q + 2, 1) == "1" ? 1000 : 0;
      int place = 100;
      for (char c : part.substr(std::min(part.size(), q + 4), 3)) {
        if (c < '0' || c > '9') break;
        weight += (c - '0') * place;
        place /= 10;
      }
    }
    for (const std::string& language : offered) {
      const bool same = std::equal(tag.begin(), tag.end(), language.begin(), language.end(),
                                   [](char a, char b) { return (a | 0x20) == b; });
      if (same && weight > best_weight) {
        best = language;
        best_weight = weight;
      }
    }
  }
  return best;
}

}  // namespace latchkey::portal
