// SPDX-License-Identifier: Apache-2.0
// Words and times in the customer's language: gettext catalogs by Boost.Locale, formats by ICU.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "services/base/clock.h"
#include "services/base/result.h"

namespace latchkey::portal {

// Marks English text for po/extract where it is not translated on the spot.
constexpr const char* Mark(const char* english) { return english; }

// English is what the sources say; every other language has LANG/LC_MESSAGES/latchkey-portal.mo
// below `folder`. Threads: any.
class Catalog {
 public:
  // kMalformed: a language has no catalog, or the time zone is unknown; `detail` is one line for
  // whoever starts.
  static Result<Catalog> Load(const std::filesystem::path& folder,
                              const std::vector<std::string>& languages,
                              const std::string& time_zone);
  Catalog(Catalog&&) noexcept;
  ~Catalog();

  const std::vector<std::string>& languages() const { return languages_; }
  bool Speaks(std::string_view language) const;
  // The English text when a language has no translation of it. REQUIRES: Speaks(language).
  std::string Say(const std::string& language, const char* english) const;
  // The same with {1}, {2} … replaced.
  std::string Say(const std::string& language, const char* english,
                  const std::vector<std::string>& values) const;
  // "14:05", in the bank's time zone.
  std::string ClockTime(const std::string& language, TimePoint time) const;
  // "14:05:30", rounded up to the second.
  std::string ClockSecond(const std::string& language, TimePoint time) const;
  // What the bank's time zone is called at that time.
  std::string Zone(const std::string& language, TimePoint time) const;
  // From when on something is over: rounded up to the minute, with the date when it is not soon.
  std::string When(const std::string& language, TimePoint time, TimePoint now) const;
  // "3 Dec 2026, 14:05"
  std::string DateAndTime(const std::string& language, TimePoint time) const;

 private:
  struct Locales;
  std::string Written(const std::string& language, const char* format, TimePoint time) const;
  Catalog(std::unique_ptr<Locales> locales, std::vector<std::string> languages);
  std::unique_ptr<Locales> locales_;
  std::vector<std::string> languages_;
};

// The language's own name, for choosing it: "Deutsch".
std::string_view OwnName(std::string_view language);
// The best of `offered` for an Accept-Language header; `otherwise` when none fits. Linear in the
// header.
std::string ChooseLanguage(std::string_view accept_language,
                           const std::vector<std::string>& offered, const std::string& otherwise);

}  // namespace latchkey::portal
