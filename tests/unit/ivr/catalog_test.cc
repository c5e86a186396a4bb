// SPDX-License-Identifier: Apache-2.0
#include "clients/ivr/dialogue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace latchkey::ivr {
namespace {

TEST(Catalog, HasEveryPromptInEveryLanguageUnderItsOwnName) {
  std::vector<std::string_view> names;
  for (int number = 0; number <= static_cast<int>(Prompt::kGoodbye); ++number) {
    const auto prompt = static_cast<Prompt>(number);
    names.push_back(NameOf(prompt));
    const std::string english = TextOf(Language::kEnglish, {prompt, "V"});
    const std::string german = TextOf(Language::kGerman, {prompt, "V"});
    EXPECT_FALSE(english.empty());
    EXPECT_NE(english, german);
    EXPECT_EQ(english.find("{}"), std::string::npos);
    EXPECT_EQ(TextOf(Language::kEnglish, {prompt, "W"}) == english,
              TextOf(Language::kGerman, {prompt, "W"}) == german)
        << "a value is said in one language only: " << NameOf(prompt);
    EXPECT_EQ(english.find("try again later"), std::string::npos);
  }
  std::sort(names.begin(), names.end());
  EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
}

// Seen to fail with the call promised first, and the number asked for after it.
TEST(Catalog, SaysThatANumberIsNeededBeforeItPromisesACall) {
  EXPECT_TRUE(TextOf(Language::kEnglish, {Prompt::kPersonNeedsNumber})
                  .starts_with("For that we need your customer number."));
  EXPECT_TRUE(TextOf(Language::kGerman, {Prompt::kPersonNeedsNumber})
                  .starts_with("Dafür brauchen wir Ihre Kundennummer."));
}

TEST(Catalog, KnowsALanguageByItsTag) {
  EXPECT_EQ(LanguageOf("de-AT"), Language::kGerman);
  EXPECT_EQ(LanguageOf("en"), Language::kEnglish);
  EXPECT_FALSE(LanguageOf("fr"));
  EXPECT_FALSE(LanguageOf(""));
}

}  // namespace
}  // namespace latchkey::ivr
