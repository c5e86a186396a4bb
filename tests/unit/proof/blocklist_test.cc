// SPDX-License-Identifier: Apache-2.0
#include "services/proof/blocklist.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "services/proof/blocklist_sorter.h"

namespace latchkey::proof {
namespace {

class BlocklistFile : public testing::Test {
 protected:
  BlocklistFile()
      : folder_(std::filesystem::temp_directory_path() /
                ("latchkey_blocklist_" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder_);
  }
  ~BlocklistFile() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path Write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name, std::ios::binary) << text;
    return folder_ / name;
  }
  std::filesystem::path out() const { return folder_ / "blocklist"; }

  std::filesystem::path folder_;
};

TEST_F(BlocklistFile, HoldsWholeWordsAsTheyStandAndInLowerCase) {
  const auto words = Write("words", "Correct Horse\r\nlongpassword123\n\nlongpassword123\nÄpfel");
  auto report = BuildBlocklist(out(), {.words = {words}, .ranges = {}});
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->lines, 5u);
  EXPECT_EQ(report->entries, 5u);
  auto list = Blocklist::Open(out());
  ASSERT_TRUE(list.ok());
  for (const char* listed :
       {"Correct Horse", "correct horse", "longpassword123", "Äpfel", "äpfel"}) {
    EXPECT_TRUE(list->Contains(listed)) << listed;
  }
  for (const char* innocent : {"Correct", "longpassword1234", "", "CORRECT HORSE"}) {
    EXPECT_FALSE(list->Contains(innocent)) << innocent;
  }
}

// SHA-1("password") = 5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8.
TEST_F(BlocklistFile, TakesPublishedRangesWholeAndByPrefix) {
  const auto whole =
      Write("pwned.txt", "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:9545824\nno hash at all\n");
  const auto range = Write("5baa6.txt", "1E4C9B93F3F0682250B6CF8331B7EE68FD8:9545824\r\n");
  const auto nameless = Write("other.txt", "1E4C9B93F3F0682250B6CF8331B7EE68FD8:1\n");
  auto report = BuildBlocklist(out(), {.words = {}, .ranges = {whole, range, nameless}});
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->entries, 1u);
  EXPECT_EQ(report->rejected, 2u);
  EXPECT_EQ(report->first_rejected, "pwned.txt:2");
  auto list = Blocklist::Open(out());
  ASSERT_TRUE(list.ok());
  EXPECT_TRUE(list->Contains("password"));
  EXPECT_FALSE(list->Contains("Password"));
}

TEST_F(BlocklistFile, FindsEachOfManyUnsortedEntries) {
  std::string words;
  for (int i = 0; i < 20'000; ++i) words += "word number " + std::to_string(i) + "\n";
  ASSERT_TRUE(BuildBlocklist(out(), {.words = {Write("words", words)}, .ranges = {}}).ok());
  auto list = Blocklist::Open(out());
  ASSERT_TRUE(list.ok());
  EXPECT_EQ(list->size(), 20'000u);
  for (int i = 0; i < 20'000; ++i) ASSERT_TRUE(list->Contains("word number " + std::to_string(i)));
  EXPECT_FALSE(list->Contains("word number 20000"));
}

TEST_F(BlocklistFile, IsRefusedWithAdviceWhenItIsNone) {
  const auto refused = [&](const std::filesystem::path& path) {
    auto list = Blocklist::Open(path);
    return !list.ok() && list.reason() == Reason::kUnavailable &&
           list.failure().detail.find("latchkey blocklist build") != std::string::npos;
  };
  EXPECT_TRUE(refused(folder_ / "absent"));
  EXPECT_TRUE(refused(Write("short", "LKBLOCK1")));
  EXPECT_TRUE(refused(Write("other", "this is quite another file")));
  ASSERT_TRUE(BuildBlocklist(out(), {.words = {Write("words", "one\ntwo\n")}, .ranges = {}}).ok());
  std::filesystem::resize_file(out(), std::filesystem::file_size(out()) - 1);
  EXPECT_TRUE(refused(out()));
}

TEST_F(BlocklistFile, KeepsTheOldOneWhenABuildFails) {
  ASSERT_TRUE(BuildBlocklist(out(), {.words = {Write("words", "one\n")}, .ranges = {}}).ok());
  EXPECT_FALSE(BuildBlocklist(out(), {.words = {folder_ / "absent"}, .ranges = {}}).ok());
  auto list = Blocklist::Open(out());
  ASSERT_TRUE(list.ok());
  EXPECT_TRUE(list->Contains("one"));
}

TEST(EmptyBlocklist, RefusesNothing) { EXPECT_FALSE(Blocklist().Contains("password")); }

}  // namespace
}  // namespace latchkey::proof
