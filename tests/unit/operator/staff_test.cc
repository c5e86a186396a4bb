// SPDX-License-Identifier: Apache-2.0
// What `staff add` refuses, it names.
#include "tests/unit/operator/bank_folder.h"

namespace latchkey::operate {
namespace {

class StaffAdding : public Commands {
 protected:
  std::string Refused(const StaffAddOptions& options) {
    notes_.str("");
    EXPECT_EQ(StaffAdd(terminal_, options), Exit::kCouldNotRun);
    return notes_.str();
  }
};

// Seen to fail before: "empty" was all that was said.
TEST_F(StaffAdding, SaysThatThePasswordIsWhatIsEmpty) {
  Open();
  EXPECT_EQ(Refused(Teller("t.miller", "")),
            "latchkey: this password is not suitable: it is empty\n");
}

// Seen to fail before: "of another kind" and "6 to 12 digits" were all that was said.
TEST_F(StaffAdding, SaysWhatAnOwnAccountIs) {
  Open();
  StaffAddOptions options = Teller("t.miller", "stamps-and-saucers");
  for (const char* typed : {"abc", "99"}) {
    options.own_account = typed;
    EXPECT_EQ(Refused(options),
              "latchkey: --own-account is a customer's number of 6 to 12 digits\n")
        << typed;
  }
}

}  // namespace
}  // namespace latchkey::operate
