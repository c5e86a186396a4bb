// SPDX-License-Identifier: Apache-2.0
// The key ring: one from before a rotation is refused by whatever would work with it.
#include <functional>

#include "services/operator/open.h"
#include "tests/unit/operator/bank_folder.h"

namespace latchkey::operate {
namespace {

class OldRing : public Commands {
 protected:
  fs::path ring() const { return folder_ / "bank/keys/keyring"; }
  void Swap(const fs::path& from) {
    fs::copy_file(from, ring(), fs::copy_options::overwrite_existing);
  }
  // Keeps the ring as it was as "old", and as it is then as "new".
  void Rotate(const std::string& use) {
    fs::copy_file(ring(), folder_ / "old", fs::copy_options::overwrite_existing);
    ASSERT_EQ(KeysRotate(terminal_, config(), use), Exit::kDone) << notes_.str();
    fs::copy_file(ring(), folder_ / "new", fs::copy_options::overwrite_existing);
  }
  std::string RingText() const {
    std::ifstream file(ring());
    return {std::istreambuf_iterator<char>(file), {}};
  }
};

// Seen to fail without CheckRingNotOlder: all went on, and `rotate` made another version 2.
TEST_F(OldRing, IsRefusedByTheServiceDoctorAndEveryCommand) {
  Open();
  for (const std::string use : {"pepper", "token", "checkpoint", "field"}) {
    Rotate(use);
    Swap(folder_ / "old");
    const std::string old = RingText();
    const std::string said =
        "the key ring is older than this ledger: it lacks version 2 of the key `" + use + "`";
    const std::function<Exit()> commands[] = {
        [&] { return StaffAdd(terminal_, Teller("t.miller", "stamps-and-saucers")); },
        [&] { return KeysRotate(terminal_, config(), use); },
        [&] { return JournalVerify(terminal_, config()); },
        [&] { return JournalCheckpoint(terminal_, config()); }};
    for (const auto& command : commands) {
      notes_.str("");
      EXPECT_EQ(command(), Exit::kCouldNotRun) << use;
      EXPECT_NE(notes_.str().find(said), std::string::npos) << use << notes_.str();
    }
    EXPECT_EQ(RingText(), old) << use;
    out_.str("");
    EXPECT_EQ(Doctor(terminal_, {.config = config(), .tls = {}}), Exit::kFoundFaults);
    EXPECT_NE(out_.str().find(said), std::string::npos) << use << out_.str();
    const Ran service = RunService();
    EXPECT_EQ(service.status, 1) << use;
    EXPECT_NE(service.said.find(said), std::string::npos) << use << service.said;

    Swap(folder_ / "new");
    EXPECT_EQ(JournalVerify(terminal_, config()), Exit::kDone) << use << notes_.str();
  }
}

// Whoever can write to the database cannot stop the service with a version that never was. Seen to
// fail without WrongWith in FindTooNew.
TEST_F(OldRing, AnAlteredEntryOnARotationIsNotBelieved) {
  Open();
  Rotate("pepper");
  Rotate("pepper");
  {
    auto bank = operate::Open(config());
    ASSERT_TRUE(bank.ok());
    const Bytes forged(std::string("\0\0\0\7", 4) + std::string(60, 'x'));
    ASSERT_TRUE(bank->ledger
                    ->Commit([&](ledger::Transaction& tx) -> Done {
                      LATCHKEY_TRY(
                          tx.Run("UPDATE journal SET details_sealed = $1"
                                 " WHERE account_id = 0 AND seq = 2",
                                 forged));
                      return {};
                    })
                    .ok());
  }
  EXPECT_EQ(StaffList(terminal_, config()), Exit::kDone) << notes_.str();
  EXPECT_EQ(JournalVerify(terminal_, config()), Exit::kFoundFaults);
}

// Seen to fail as it was: "journal" was told nothing of it, "foo" was offered what has one version.
TEST_F(Commands, SaysWhichKeysCanBeRotated) {
  Open();
  for (const char* use : {"journal", "foo"}) {
    notes_.str("");
    EXPECT_EQ(KeysRotate(terminal_, config(), use), Exit::kCouldNotRun);
    EXPECT_NE(notes_.str().find("pepper, token, field and checkpoint can be rotated"),
              std::string::npos)
        << notes_.str();
  }
}

}  // namespace
}  // namespace latchkey::operate
