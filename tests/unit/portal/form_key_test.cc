// SPDX-License-Identifier: Apache-2.0
#include "clients/portal/form_key.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/unit/portal/browser.h"

namespace latchkey::portal {
namespace {

class FormKey : public testing::Test {
 protected:
  ~FormKey() override { std::filesystem::remove(path_); }
  Result<Secret> Load(const std::string& contents, mode_t mode) {
    std::filesystem::remove(path_);
    std::ofstream(path_, std::ios::binary) << contents;
    EXPECT_EQ(chmod(path_.c_str(), mode), 0);
    return LoadFormKey(path_, random_);
  }

  SodiumRandom random_;
  std::filesystem::path path_ =
      std::filesystem::path(testing::TempDir()) / ("form-key-" + std::to_string(getpid()));
};

TEST_F(FormKey, IsReadFromAFileOfItsOwner) {
  for (mode_t mode : {0600, 0400}) {
    auto key = Load(Bytes32('f'), mode);
    ASSERT_TRUE(key.ok()) << key.failure().detail;
    EXPECT_EQ(key->Reveal(), Bytes32('f'));
  }
}

// Law 12: as every other file with a secret in it.
TEST_F(FormKey, IsRefusedWhereOthersMayReadIt) {
  for (mode_t mode : {0644, 0640, 0604, 0620, 0602}) {
    auto key = Load(Bytes32('f'), mode);
    ASSERT_FALSE(key.ok()) << std::oct << mode;
    EXPECT_EQ(key.failure().field, "form_key_file");
    EXPECT_NE(key.failure().detail.find("chmod 600 "), std::string::npos);
  }
}

TEST_F(FormKey, IsExactlyThirtyTwoBytes) {
  for (size_t size : {0u, 31u, 33u}) EXPECT_FALSE(Load(std::string(size, 'f'), 0600).ok()) << size;
  std::filesystem::remove(path_);
  EXPECT_FALSE(LoadFormKey(path_, random_).ok()) << "absent";
}

TEST_F(FormKey, IsMadeWhereNoFileIsNamed) {
  auto one = LoadFormKey("", random_);
  auto other = LoadFormKey("", random_);
  ASSERT_TRUE(one.ok() && other.ok());
  EXPECT_EQ(one->size(), 32u);
  EXPECT_NE(one->Reveal(), other->Reveal());
}

}  // namespace
}  // namespace latchkey::portal
