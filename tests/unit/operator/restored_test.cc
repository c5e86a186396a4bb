// SPDX-License-Identifier: Apache-2.0
// `latchkey restored`, and the real `latchkeyd` before and after it.
#include "services/operator/open.h"
#include "tests/unit/operator/bank_folder.h"

namespace latchkey::operate {
namespace {

class RestoredLedger : public Commands {
 protected:
  fs::path ledger() const { return folder_ / "bank/data/ledger.db"; }
  // A copy after the first checkpoint; then one more customer, and a second checkpoint.
  void CopyThenGoOn() {
    Open();
    ImportText("customer_number,name,email\n100001,Ann,ann@mail.example\n");
    ASSERT_EQ(JournalCheckpoint(terminal_, config()), Exit::kDone) << notes_.str();
    fs::copy_file(ledger(), folder_ / "backup.db");  // closed: its log is folded in
    ImportText("customer_number,name,email\n100002,Bob,bob@mail.example\n");
    ASSERT_EQ(JournalCheckpoint(terminal_, config()), Exit::kDone) << notes_.str();
  }
  void PutBack() {
    fs::copy_file(folder_ / "backup.db", ledger(), fs::copy_options::overwrite_existing);
    out_.str("");
    notes_.str("");
  }
};

// D03. Seen to fail without CheckNotOlder in latchkeyd: it served.
TEST_F(RestoredLedger, TheServiceWaitsForTheCommandAfterAnOlderCopy) {
  CopyThenGoOn();
  PutBack();
  const Ran refused = RunService();
  EXPECT_EQ(refused.status, 1);
  EXPECT_NE(refused.said.find("latchkey restored"), std::string::npos) << refused.said;
  EXPECT_EQ(refused.said.find("\"started\""), std::string::npos) << refused.said;

  ASSERT_EQ(Restored(terminal_, {.config = config()}), Exit::kDone) << notes_.str();
  EXPECT_EQ(out_.str().find("ended: links, codes, sessions and proofs of 0 accounts, and every "
                            "session of staff\nlost: 1 signed stretch of the journal, from the "
                            "signed checkpoint 2 of 2"),
            0u)
      << out_.str();
  EXPECT_NE(notes_.str().find("checkpoints.lost-2 is the proof"), std::string::npos);
  EXPECT_TRUE(fs::exists(folder_ / "bank/data/checkpoints.lost-2"));
  out_.str("");
  EXPECT_EQ(JournalCheckpoint(terminal_, config()), Exit::kDone) << notes_.str();
  EXPECT_EQ(JournalVerify(terminal_, config()), Exit::kDone) << out_.str();
}

// With the checkpoint file from the copy too, nothing shows what was lost.
TEST_F(RestoredLedger, SaysWhenNothingShowsWhatWasLost) {
  CopyThenGoOn();
  ASSERT_EQ(Restored(terminal_, {.config = config()}), Exit::kDone) << notes_.str();
  EXPECT_NE(notes_.str().find("does not show what was lost"), std::string::npos) << notes_.str();
  EXPECT_EQ(out_.str().find("lost:"), std::string::npos) << out_.str();
}

TEST_F(RestoredLedger, EveryPasswordWhereThatIsAsked) {
  Open();
  ImportText(
      "customer_number,name,email,password_hash\n"
      "100001,Ann,ann@mail.example,$2b$12$EXRkfkdmXn2gzds2SSitu.MW9.gAVqa9eLS1//RYtYCmB1eLHg.9q\n"
      "100002,Bob,bob@mail.example,\n");
  out_.str("");
  ASSERT_EQ(Restored(terminal_, {.config = config(), .passwords_too = true}), Exit::kDone);
  EXPECT_EQ(
      out_.str().find("ended: links, codes, sessions and proofs, and passwords of 1 account,"), 0u)
      << out_.str();
}

}  // namespace
}  // namespace latchkey::operate
