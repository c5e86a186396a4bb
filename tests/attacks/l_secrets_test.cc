// SPDX-License-Identifier: Apache-2.0
// L05, L16, L17: where secrets must not stand.
#include <fstream>

#include "tests/attacks/bank.h"

namespace latchkey::attacks {
namespace {

// L05: the scan at the end of every test sees a secret in each form in which bytes get written.
// Fails without: any one of the forms in Canaries::FormsOf (reasoned: each is looked for by itself).
TEST_F(Attack, TheScanFindsACanaryInEveryForm) {
  const std::string secret = random_.Take(32);
  canaries_.Plant("a test", secret, "its owner");
  for (const std::string& form : Canaries::FormsOf(secret)) {
    EXPECT_EQ(canaries_.In("a text", "before " + form + " after").size(), 1u) << form;
    std::ofstream(folder_ / "leak") << form;
    EXPECT_EQ(canaries_.InFiles(folder_).size(), 1u);
  }
  std::filesystem::remove(folder_ / "leak");
  Canaries others;
  others.Plant("a test", secret, "its owner");
  others.Hear("its owner", secret);
  EXPECT_TRUE(others.InAnswers().empty());
  others.Hear("somebody else", secret);
  EXPECT_EQ(others.InAnswers().size(), 1u);
}

}  // namespace
}  // namespace latchkey::attacks
