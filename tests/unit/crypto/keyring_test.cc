// SPDX-License-Identifier: Apache-2.0
#include "crypto/keyring.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <set>
#include <sstream>

#include "crypto/private_file.h"
#include "tests/unit/crypto/support.h"

namespace latchkey::crypto {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class KeyRingTest : public testing::Test {
 protected:
  ScratchFolder folder_;
  std::filesystem::path path_ = folder_ / "keys";
  CountingRandom random_;
  KeyRing ring_ = KeyRing::Generate(random_);

  std::string Read() {
    std::ifstream file(path_, std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }
  void Write(std::string_view text) { ASSERT_TRUE(WritePrivateFile(path_, text).ok()); }
  mode_t ModeOf(const std::filesystem::path& path) {
    struct stat info{};
    EXPECT_EQ(stat(path.c_str(), &info), 0);
    return info.st_mode & 07777;
  }
  // What an operator would read after a failed start.
  std::string LoadError() {
    Result<KeyRing> loaded = KeyRing::Load(path_);
    if (loaded.ok()) return "it loads";
    EXPECT_EQ(loaded.reason(), Reason::kUnavailable);
    return loaded.failure().detail;
  }
};

TEST_F(KeyRingTest, StartsWithVersionOneOfEveryKeyAllDifferent) {
  std::set<std::string> keys;
  for (KeyUse use : kAllKeyUses) {
    EXPECT_EQ(ring_.CurrentVersion(use), 1);
    EXPECT_EQ(ring_.Current(use).size(), kKeyBytes);
    EXPECT_THAT(ring_.Versions(use), ElementsAre(1));
    keys.insert(std::string(ring_.Current(use).Reveal()));
  }
  EXPECT_EQ(keys.size(), kAllKeyUses.size());
}

TEST_F(KeyRingTest, ComesBackFromItsFileWithEveryVersion) {
  ASSERT_TRUE(ring_.Rotate(KeyUse::kPepper, random_).ok());
  ASSERT_TRUE(ring_.Rotate(KeyUse::kPepper, random_).ok());
  ASSERT_TRUE(ring_.Remove(KeyUse::kPepper, 2).ok());
  ASSERT_TRUE(ring_.Save(path_).ok());
  Result<KeyRing> loaded = KeyRing::Load(path_);
  ASSERT_TRUE(loaded.ok()) << loaded.failure().detail;
  EXPECT_THAT(loaded->Versions(KeyUse::kPepper), ElementsAre(3, 1));
  for (KeyUse use : kAllKeyUses) {
    for (int version : ring_.Versions(use))
      EXPECT_TRUE(loaded->At(use, version)->Matches(*ring_.At(use, version)));
  }
}

TEST_F(KeyRingTest, IsReadableByItsOwnerOnlyWhateverTheUmask) {
  mode_t before = umask(0);
  ASSERT_TRUE(ring_.Save(path_).ok());
  umask(0777);
  ASSERT_TRUE(ring_.Save(folder_ / "other").ok());
  umask(before);
  EXPECT_EQ(ModeOf(path_), 0600u);
  EXPECT_EQ(ModeOf(folder_ / "other"), 0600u);
}

TEST_F(KeyRingTest, LeavesNothingBesideItsFileAndGetsOverWhatACrashLeft) {
  std::ofstream(folder_ / "keys.new") << "half a ring";
  ASSERT_TRUE(ring_.Save(path_).ok());
  ASSERT_TRUE(ring_.Save(path_).ok());
  int files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder_.path()))
    ++files;
  EXPECT_EQ(files, 1);
  EXPECT_TRUE(KeyRing::Load(path_).ok());
}

TEST_F(KeyRingTest, KeepsTheOldFileWhenTheNewOneCannotBeWritten) {
  ASSERT_TRUE(ring_.Save(path_).ok());
  std::filesystem::create_directories(folder_ / "keys.new" / "in the way");
  ASSERT_TRUE(ring_.Rotate(KeyUse::kToken, random_).ok());
  Done saved = ring_.Save(path_);
  ASSERT_FALSE(saved.ok());
  EXPECT_THAT(saved.failure().detail, HasSubstr("keys.new"));
  EXPECT_EQ(KeyRing::Load(path_)->CurrentVersion(KeyUse::kToken), 1);
}

TEST_F(KeyRingTest, SaysWhatToDoWhenItCannotBeRead) {
  EXPECT_THAT(LoadError(), HasSubstr("No such file"));
  EXPECT_THAT(LoadError(), HasSubstr("restored from its backup"));
  ASSERT_TRUE(ring_.Save(path_).ok());
  for (mode_t mode : {0644, 0640, 0604, 0700, 04600}) {
    ASSERT_EQ(chmod(path_.c_str(), mode), 0);
    EXPECT_THAT(LoadError(), HasSubstr("chmod 600")) << std::oct << mode;
  }
  ASSERT_EQ(chmod(path_.c_str(), 0400), 0);
  EXPECT_TRUE(KeyRing::Load(path_).ok());
  std::filesystem::remove(path_);
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  EXPECT_THAT(LoadError(), HasSubstr("not a plain file"));
}

TEST_F(KeyRingTest, NamesTheLineThatIsWrongAndNeverShowsAKey) {
  ASSERT_TRUE(ring_.Save(path_).ok());
  const std::string good = Read();
  const std::string key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
  ASSERT_THAT(good, HasSubstr("pepper.1 = \"" + key + "\"\n"));
  for (std::string_view line : {"pepper.1 = \"\"",
                                "pepper.1 = \"AAEC\"",
                                "pepper.0 = \"KEY\"",
                                "pepper.01 = \"KEY\"",
                                "pepper.-1 = \"KEY\"",
                                "pepper.1000001 = \"KEY\"",
                                "pepper.99999999999 = \"KEY\"",
                                "pepper = \"KEY\"",
                                "pepper. = \"KEY\"",
                                "pepper.1=\"KEY\"",
                                "pepper.1 = KEY",
                                "pepper.1 = \"KEY",
                                "pepper.1 = \"KEY\" ",
                                " pepper.1 = \"KEY\"",
                                "pepper.1 = \"KEY=\"",
                                "salt.1 = \"KEY\"",
                                "Pepper.1 = \"KEY\"",
                                "pepper.1 = \"KEY\"\r",
                                "= \".",
                                "\""}) {
    std::string bad(line);
    if (size_t at = bad.find("KEY"); at != std::string::npos) bad.replace(at, 3, key);
    std::string text = good;
    text.replace(text.find("pepper.1"), ("pepper.1 = \"" + key + "\"").size(), bad);
    Write(text);
    std::string error = LoadError();
    EXPECT_THAT(error, HasSubstr("line 3")) << bad;
    EXPECT_THAT(error, Not(HasSubstr("AAEC"))) << bad;
  }
  Write(good + "pepper.1 = \"" + key + "\"\n");
  EXPECT_THAT(LoadError(), HasSubstr("twice"));
}

TEST_F(KeyRingTest, RefusesAFileThatIsCutAnywhere) {
  ASSERT_TRUE(ring_.Save(path_).ok());
  const std::string good = Read();
  for (size_t size = 0; size < good.size(); size += 7) {
    Write(good.substr(0, size));
    EXPECT_NE(LoadError(), "it loads") << "cut at " << size;
  }
  Write(good.substr(0, good.size() - 1));
  EXPECT_THAT(LoadError(), HasSubstr("cut"));
  Write(good.substr(0, good.find("journal.1")));
  EXPECT_THAT(LoadError(), HasSubstr("lacks the key `journal`"));
  Write(good + std::string(100'000, '#'));
  EXPECT_THAT(LoadError(), HasSubstr("longer than"));
}

TEST_F(KeyRingTest, RotatesWhatCanBeRotatedAndRetiresOldVersionsOnly) {
  EXPECT_EQ(ring_.Rotate(KeyUse::kIdentifier, random_).reason(), Reason::kNotAllowed);
  EXPECT_EQ(ring_.Rotate(KeyUse::kJournal, random_).reason(), Reason::kNotAllowed);
  std::string first(ring_.Current(KeyUse::kToken).Reveal());
  ASSERT_TRUE(ring_.Rotate(KeyUse::kToken, random_).ok());
  EXPECT_EQ(ring_.CurrentVersion(KeyUse::kToken), 2);
  EXPECT_NE(ring_.Current(KeyUse::kToken).Reveal(), first);
  EXPECT_EQ(ring_.At(KeyUse::kToken, 1)->Reveal(), first);
  EXPECT_EQ(ring_.Remove(KeyUse::kToken, 2).reason(), Reason::kNotAllowed);
  EXPECT_EQ(ring_.Remove(KeyUse::kToken, 3).reason(), Reason::kNotFound);
  ASSERT_TRUE(ring_.Remove(KeyUse::kToken, 1).ok());
  EXPECT_EQ(ring_.At(KeyUse::kToken, 1), nullptr);
  EXPECT_EQ(ring_.Remove(KeyUse::kToken, 1).reason(), Reason::kNotFound);
}

TEST(KeyUseName, ReadsBackEachName) {
  for (KeyUse use : kAllKeyUses) EXPECT_EQ(KeyUseFromName(KeyUseName(use)), use);
  EXPECT_FALSE(KeyUseFromName("Pepper"));
  EXPECT_FALSE(KeyUseFromName(""));
}

}  // namespace
}  // namespace latchkey::crypto
