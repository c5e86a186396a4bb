// SPDX-License-Identifier: Apache-2.0
#include "services/proof/new_password.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

#include "services/proof/letter_case.h"

namespace latchkey::proof {
namespace {

const ContextWords kContext = {"anna.winter", "Anna", "Winter",    "Anna Winter",
                               "10024711",    "Ü",    "Musterbank"};

PasswordVerdict Check(const std::string& password, unsigned least = 15,
                      const Blocklist& list = Blocklist()) {
  return CheckNewPassword(Secret(std::string_view(password)), kContext, list,
                          {.min_characters = least});
}

TEST(NewPassword, IsJudgedByTheTable) {
  struct Row {
    const char* password;
    unsigned least;
    PasswordIssue issue;
  };
  const Row table[] = {
      {"quite a lively herring", 15, PasswordIssue::kNone},
      {"rundum sorglose Äpfel", 15, PasswordIssue::kNone},
      {"short", 15, PasswordIssue::kTooShort},
      {"fourteen chars", 15, PasswordIssue::kTooShort},
      {"vT7$qz2!", 8, PasswordIssue::kNone},
      {"vT7$qz2", 8, PasswordIssue::kTooShort},
      // Code points, not bytes: eight of them, sixteen bytes.
      {"żółćęąśń", 15, PasswordIssue::kTooShort},
      {"Musterbank", 8, PasswordIssue::kContext},
      {"musterbank2024!!", 15, PasswordIssue::kContext},
      {"10024711", 8, PasswordIssue::kContext},
      {"!!!ANNA.WINTER!!!", 15, PasswordIssue::kContext},
      {"winterannaWINTER", 15, PasswordIssue::kContext},
      {"Musterbank Anna 2024", 15, PasswordIssue::kContext},
      {"aaaaaaaaaaaaaaaaaaaa", 15, PasswordIssue::kGuessable},
      {"passwordpassword", 15, PasswordIssue::kGuessable},
  };
  for (const Row& row : table)
    EXPECT_EQ(Check(row.password, row.least).issue, row.issue) << row.password;
}

TEST(NewPassword, SaysWhyItIsGuessable) {
  EXPECT_EQ(Check(std::string(40, '~')).weakness, PasswordWeakness::kRepeat);
  // Fails without: SaidOnce (seen: a common word).
  EXPECT_EQ(Check(std::string(18, 'a')).weakness, PasswordWeakness::kRepeat);
  EXPECT_EQ(Check("passwordpassword").weakness, PasswordWeakness::kRepeat);
  EXPECT_EQ(Check("sunsunsunsunsunsu").weakness, PasswordWeakness::kRepeat);
  EXPECT_EQ(Check("correcthorsecorrecthorse").weakness, PasswordWeakness::kRepeat);
  EXPECT_EQ(Check("password1password").weakness, PasswordWeakness::kCommonWord);
  EXPECT_EQ(Check("quite a lively herring").weakness, PasswordWeakness::kNone);
  EXPECT_EQ(Check("short").min_characters, 15u);
}

TEST(NewPassword, IsComparedWithTheBlocklistInAnyCase) {
  const auto folder = std::filesystem::temp_directory_path() /
                      ("latchkey_new_password_" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "words") << "quite a lively herring\n";
  ASSERT_TRUE(BuildBlocklist(folder / "list", {.words = {folder / "words"}, .ranges = {}}).ok());
  auto list = Blocklist::Open(folder / "list");
  ASSERT_TRUE(list.ok());
  EXPECT_EQ(Check("quite a lively herring", 15, *list).issue, PasswordIssue::kBlocklisted);
  EXPECT_EQ(Check("Quite A Lively Herring", 15, *list).issue, PasswordIssue::kBlocklisted);
  EXPECT_EQ(Check("quite a lively herring!", 15, *list).issue, PasswordIssue::kNone);
  std::filesystem::remove_all(folder);
}

// Attack R01: the work is bounded whatever is typed.
TEST(NewPassword, IsJudgedQuicklyAtAnyLength) {
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(Check(std::string(1025, 'x')).issue, PasswordIssue::kTooLong);
  EXPECT_EQ(Check(std::string(1024, 'x')).issue, PasswordIssue::kGuessable);
  std::string dates;
  while (dates.size() < 1000) dates += "1.1.1999qwerty";
  EXPECT_NE(Check(dates).issue, PasswordIssue::kTooLong);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
}

// What stands past the part that zxcvbn sees must not be lost: a strong end makes a strong
// password.
TEST(NewPassword, CountsAStrongEndBehindAWeakBeginning) {
  EXPECT_EQ(Check(std::string(100, 'a') + "vT7$qz2!kP9#mw4&").issue, PasswordIssue::kNone);
}

TEST(UnreadablePassword, SaysWhatIsWrongWithIt) {
  EXPECT_EQ(VerdictOnUnreadable("", {}).issue, PasswordIssue::kTooShort);
  EXPECT_EQ(VerdictOnUnreadable(std::string(1025, 'x'), {}).issue, PasswordIssue::kTooLong);
  EXPECT_EQ(VerdictOnUnreadable("\xff\xfe", {}).issue, PasswordIssue::kNotText);
}

TEST(LetterCase, FoldsMoreThanAscii) {
  EXPECT_EQ(InLowerCase("ÄPFEL Straße"), "äpfel strasse");
  EXPECT_EQ(InLowerCase("\xff"), InLowerCase("\xff"));
  EXPECT_EQ(CountCodePoints("żółć"), 4u);
}

}  // namespace
}  // namespace latchkey::proof
