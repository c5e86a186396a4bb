// SPDX-License-Identifier: Apache-2.0
// One word for one thing at every door: read from the sources of what is said.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <string>
#include <vector>

namespace latchkey::portal {
namespace {

namespace fs = std::filesystem;

std::string ReadFile(const fs::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Fails without: any of the texts (seen: "about two minutes" on one page, "a minute" on the next).
TEST(AMessage, TakesEquallyLongAtEveryDoor) {
  const fs::path root = fs::path(PORTAL_SOURCE) / ".." / "..";
  for (const char* file : {"clients/portal/po/de.po", "clients/ivr/catalog.cc"}) {
    const std::string said = std::regex_replace(ReadFile(root / file), std::regex("\"\\s*\""), "");
    EXPECT_NE(said.find("two minutes"), std::string::npos) << file;
    EXPECT_NE(said.find("zwei Minuten"), std::string::npos) << file;
    for (const char* other : {"a minute", "eine Minute"})
      EXPECT_EQ(said.find(other), std::string::npos) << file << " says " << other;
  }
}

// German for "locked out" and "unlock" leaves no room for a second "frozen". Fails without: any of
// the words (seen: "gesperrt", "Sperre" in mails and on the phone; "Knopf").
TEST(German, HasOneWordForFrozenAtEveryDoor) {
  const fs::path root = fs::path(PORTAL_SOURCE) / ".." / "..";
  std::vector<fs::path> files = {root / "clients/portal/po/de.po", root / "clients/ivr/catalog.cc"};
  for (const auto& entry : fs::directory_iterator(root / "services/courier/messages/de"))
    files.push_back(entry.path());
  EXPECT_GT(files.size(), 10u);
  const std::regex others("aus(ge)?sperr|entsperr", std::regex::icase);
  for (const fs::path& file : files) {
    const std::string german = std::regex_replace(ReadFile(file), others, "");
    for (const char* word : {"sperr", "Sperr", "Knopf"})
      EXPECT_EQ(german.find(word), std::string::npos) << file << " says " << word;
  }
}

}  // namespace
}  // namespace latchkey::portal
