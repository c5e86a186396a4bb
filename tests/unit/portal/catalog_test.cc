// SPDX-License-Identifier: Apache-2.0
#include "clients/portal/view/catalog.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "clients/portal/view/templates.h"

namespace latchkey::portal {
namespace {

namespace fs = std::filesystem;

Catalog Load() {
  auto catalog = Catalog::Load(fs::path(PORTAL_SHARE) / "locale", {"en", "de"}, "Europe/Berlin");
  return std::move(catalog).value();
}

std::string ReadFile(const fs::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Every English text of the pages; words that are spelled the same in German are listed here.
TEST(Catalog, TranslatesEveryTextOfEveryTemplate) {
  const std::set<std::string> same = {"Cookies"};
  const Catalog catalog = Load();
  size_t texts = 0;
  for (const auto& entry : fs::directory_iterator(fs::path(PORTAL_SOURCE) / "templates")) {
    Translated(ReadFile(entry.path()), [&](const std::string& english) {
      ++texts;
      const std::string german = catalog.Say("de", english.c_str());
      EXPECT_TRUE(german != english || same.contains(english)) << english;
      for (size_t at = english.find("{{"); at != std::string::npos;
           at = english.find("{{", at + 1)) {
        const std::string mark = english.substr(at, english.find("}}", at) + 2 - at);
        EXPECT_NE(german.find(mark), std::string::npos) << german;
      }
      return german;
    });
  }
  EXPECT_GT(texts, 100u);
}

TEST(Catalog, TranslatesEveryTextOfTheSources) {
  const Catalog catalog = Load();
  const std::string template_file =
      ReadFile(fs::path(PORTAL_SOURCE) / "po" / "latchkey-portal.pot");
  EXPECT_NE(template_file.find("That password is easy to guess"), std::string::npos);
  const std::string german = ReadFile(fs::path(PORTAL_SOURCE) / "po" / "de.po");
  EXPECT_EQ(german.find("msgstr \"\"\n\n"), std::string::npos) << "an untranslated text";
  EXPECT_EQ(german.find("fuzzy"), std::string::npos);
}

TEST(Catalog, WritesTimesForPeopleInTheBanksZone) {
  const Catalog catalog = Load();
  const TimePoint noon = FromUnixMillis(1'796'299'500'000);  // 2026-12-03 12:05 UTC
  EXPECT_EQ(catalog.ClockTime("en", noon), "13:05");
  EXPECT_EQ(catalog.Zone("en", noon), "Central European Time");
  EXPECT_EQ(catalog.Zone("de", noon), "Mitteleuropäische Zeit");
  EXPECT_EQ(catalog.DateAndTime("en", noon), "3 Dec 2026, 13:05");
  EXPECT_EQ(catalog.DateAndTime("de", noon), "03.12.2026, 13:05");
  EXPECT_EQ(catalog.When("en", noon, noon - std::chrono::minutes(5)), "13:05");
  EXPECT_EQ(catalog.When("en", noon + Millis(1), noon), "13:06");
  EXPECT_EQ(catalog.When("en", noon, noon - std::chrono::hours(24)), "3 Dec 2026, 13:05");
}

TEST(Catalog, RefusesLanguagesAndZonesThatAreNotThere) {
  const fs::path folder = fs::path(PORTAL_SHARE) / "locale";
  EXPECT_FALSE(Catalog::Load(folder, {"en", "tlh"}, "UTC").ok());
  EXPECT_FALSE(Catalog::Load(folder, {"en"}, "Europe/Atlantis").ok());
}

TEST(ChooseLanguage, TakesTheHeaviestThatIsOffered) {
  const std::vector<std::string> offered = {"en", "de"};
  EXPECT_EQ(ChooseLanguage("", offered, "en"), "en");
  EXPECT_EQ(ChooseLanguage("de", offered, "en"), "de");
  EXPECT_EQ(ChooseLanguage("fr, DE-at;q=0.8, en;q=0.3", offered, "en"), "de");
  EXPECT_EQ(ChooseLanguage("de;q=0.2,en;q=0.25", offered, "de"), "en");
  EXPECT_EQ(ChooseLanguage("de;q=0", offered, "en"), "en");
  EXPECT_EQ(ChooseLanguage("deu, english", offered, "de"), "de");
  EXPECT_EQ(ChooseLanguage(std::string(8000, ','), offered, "en"), "en");
  EXPECT_EQ(ChooseLanguage(";q=,=;;q=q=,de;q=9", offered, "en"), "en");
}

}  // namespace
}  // namespace latchkey::portal
