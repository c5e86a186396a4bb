// SPDX-License-Identifier: Apache-2.0
// What `doctor` says of a service that answers, and of one that does not.
#include "tests/unit/operator/bank_folder.h"

namespace latchkey::operate {
namespace {

class BesideTheService : public Commands {
 protected:
  std::string DoctorSays() {
    out_.str("");
    (void)Doctor(terminal_, {.config = config(), .tls = {}});
    return out_.str();
  }
};

// Seen to fail without LookAtKeysOfService: "keys ok, service ok", while whoever was imported
// after the rotation was refused.
TEST_F(BesideTheService, DoctorSaysThatItHasNotTheNewestKey) {
  Open();
  const std::string said = "fail  service: restart latchkeyd, it has not the newest field key";
  const auto ran = RunService({}, [&] {
    EXPECT_NE(DoctorSays().find("ok    service: answers"), std::string::npos) << out_.str();
    EXPECT_EQ(out_.str().find(said), std::string::npos) << out_.str();
    notes_.str("");
    ASSERT_EQ(KeysRotate(terminal_, config(), "field"), Exit::kDone) << notes_.str();
    EXPECT_NE(notes_.str().find("restart every latchkeyd before anything is imported"),
              std::string::npos)
        << notes_.str();
    EXPECT_NE(DoctorSays().find(said), std::string::npos) << out_.str();
  });
  EXPECT_EQ(ran.status, 0) << ran.said;
}

}  // namespace
}  // namespace latchkey::operate
