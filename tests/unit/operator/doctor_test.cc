// SPDX-License-Identifier: Apache-2.0
// What `doctor` sees, and what every command refuses to work on.
#include <functional>

#include "services/operator/open.h"
#include "tests/unit/operator/bank_folder.h"

namespace latchkey::operate {
namespace {

TEST_F(Commands, DoctorNamesWhatIsWrongAndWhatToDo) {
  ASSERT_EQ(Init(terminal_, Bank()), Exit::kDone);
  out_.str("");
  EXPECT_EQ(Doctor(terminal_, {.config = config(), .tls = {}}), Exit::kFoundFaults);
  std::string said = out_.str();
  EXPECT_NE(said.find("ok    configuration"), std::string::npos) << said;
  EXPECT_NE(said.find("run latchkey migrate"), std::string::npos) << said;
  EXPECT_NE(said.find("is latchkeyd running"), std::string::npos) << said;
  chmod((folder_ / "bank/keys/keyring").c_str(), 0644);
  out_.str("");
  EXPECT_EQ(Doctor(terminal_, {.config = config(), .tls = {}}), Exit::kFoundFaults);
  EXPECT_NE(out_.str().find("fail  keys"), std::string::npos) << out_.str();
}

// Seen to fail with ledger::Open in Reach: each made an empty ledger, in which a bank that had lost
// its own then went on.
TEST_F(Commands, NoCommandButMigrateMakesALedger) {
  ASSERT_EQ(Init(terminal_, Bank()), Exit::kDone);
  const fs::path ledger = folder_ / "bank/data/ledger.db";
  std::ofstream(folder_ / "customers.csv")
      << "customer_number,name,email\n100001,Ann,a@b.example\n";
  ImportOptions import;
  import.config = config();
  import.file = folder_ / "customers.csv";
  import.dry_run = true;
  const std::function<Exit()> commands[] = {
      [&] { return Import(terminal_, import); },
      [&] { return StaffAdd(terminal_, Teller("t.miller", "stamps-and-saucers")); },
      [&] {
        const StaffAddOptions teller = Teller("t.miller", "stamps-and-saucers");
        return StaffRenew(terminal_, {config(), teller.login, teller.password_file});
      },
      [&] { return StaffDisable(terminal_, config(), "t.miller"); },
      [&] { return StaffList(terminal_, config()); },
      [&] { return KeysRotate(terminal_, config(), "token"); },
      [&] { return KeysRetire(terminal_, config(), "token", 1); },
      [&] { return JournalVerify(terminal_, config()); },
      [&] { return JournalCheckpoint(terminal_, config()); },
      [&] { return JournalCheckpointAnew(terminal_, config()); },
      [&] { return Restored(terminal_, {.config = config(), .unproven = true}); },
  };
  for (const auto& command : commands) {
    out_.str("");
    notes_.str("");
    EXPECT_EQ(command(), Exit::kCouldNotRun);
    EXPECT_EQ(out_.str(), "");
    EXPECT_EQ(notes_.str(), "latchkey: there is no ledger at " + ledger.string() +
                                "; for a new bank run latchkey migrate, else put its last copy "
                                "back\n");
    EXPECT_FALSE(fs::exists(ledger));
  }
  out_.str("");
  EXPECT_EQ(Doctor(terminal_, {.config = config(), .tls = {}}), Exit::kFoundFaults);
  EXPECT_NE(out_.str().find("fail  ledger: there is no ledger at"), std::string::npos)
      << out_.str();
  const Ran service = RunService();
  EXPECT_EQ(service.status, 1);
  EXPECT_NE(service.said.find("there is no ledger at"), std::string::npos) << service.said;
  EXPECT_FALSE(fs::exists(ledger));
  EXPECT_EQ(KeysList(terminal_, config()), Exit::kDone);
}

// Seen to fail without CheckSchema in Open: "stopped after line 0: sqlite 1: no such table:
// identifiers", and the advice to run the same command again.
TEST_F(Commands, CommandsSayThatAnOlderLedgerIsToBeMigratedFirst) {
  Open();
  {
    auto bank = operate::Open(config());
    ASSERT_TRUE(bank.ok());
    ASSERT_TRUE(bank->ledger
                    ->Commit([](ledger::Transaction& tx) -> Done {
                      LATCHKEY_TRY(tx.Run("DELETE FROM schema_migrations WHERE version > 1"));
                      return {};
                    })
                    .ok());
  }
  notes_.str("");
  EXPECT_EQ(StaffList(terminal_, config()), Exit::kCouldNotRun);
  EXPECT_EQ(notes_.str(),
            "latchkey: the ledger's schema is older than this program; run latchkey migrate\n");
}

TEST_F(Commands, ALedgerOfANewerProgramIsLeftAlone) {
  Open();
  {
    auto bank = operate::Open(config());
    ASSERT_TRUE(bank.ok());
    ASSERT_TRUE(bank->ledger
                    ->Commit([](ledger::Transaction& tx) -> Done {
                      LATCHKEY_TRY(tx.Run("INSERT INTO schema_migrations (version) VALUES (999)"));
                      return {};
                    })
                    .ok());
  }
  notes_.str("");
  EXPECT_EQ(StaffList(terminal_, config()), Exit::kCouldNotRun);
  EXPECT_NE(notes_.str().find("run the newer program"), std::string::npos) << notes_.str();
}

// Seen to fail without CheckRing: doctor said "ok    keys", the dry run that the same customer
// would be added, and `journal verify` that entry 1 is broken.
TEST_F(Commands, NothingWorksOnALedgerWithAnotherBanksKeyRing) {
  Open();
  const std::string ann = "customer_number,name,email\n100001,Ann,ann@mail.example\n";
  ImportText(ann);
  InitOptions other = Bank();
  other.dir = folder_ / "other";
  ASSERT_EQ(Init(terminal_, other), Exit::kDone);
  fs::copy_file(folder_ / "other/keys/keyring", folder_ / "bank/keys/keyring",
                fs::copy_options::overwrite_existing);
  const std::string said = "the key ring does not belong to this ledger";
  ImportOptions import;
  import.config = config();
  import.file = folder_ / "customers.csv";
  import.dry_run = true;
  const std::function<Exit()> commands[] = {[&] { return Import(terminal_, import); },
                                            [&] { return JournalVerify(terminal_, config()); }};
  for (const auto& command : commands) {
    notes_.str("");
    EXPECT_EQ(command(), Exit::kCouldNotRun);
    EXPECT_NE(notes_.str().find(said), std::string::npos) << notes_.str();
  }
  out_.str("");
  EXPECT_EQ(Doctor(terminal_, {.config = config(), .tls = {}}), Exit::kFoundFaults);
  EXPECT_NE(out_.str().find("fail  keys: "), std::string::npos) << out_.str();
  EXPECT_NE(out_.str().find(said), std::string::npos) << out_.str();
  const Ran service = RunService();
  EXPECT_EQ(service.status, 1);
  EXPECT_NE(service.said.find(said), std::string::npos) << service.said;
}

TEST_F(Commands, TheServiceSaysWhatItCannotDoWith) {
  Open();
  const Ran unknown = RunService("--clock-is-wrong");
  EXPECT_EQ(unknown.status, 2);
  EXPECT_NE(unknown.said.find("--clock-is-wrong"), std::string::npos) << unknown.said;
  EXPECT_EQ(RunService("--version").status, 0);  // seen to fail: there was no such option
  fs::remove(config());
  const Ran nothing = RunService();
  EXPECT_EQ(nothing.status, 2);
  EXPECT_NE(nothing.said.find(config().string()), std::string::npos) << nothing.said;
}

// Tampering with one entry is `journal verify`'s to name, and stops nothing else.
TEST_F(Commands, AnAlteredEntryIsNotTakenForAnotherBanksKeyRing) {
  Open();
  ImportText(
      "customer_number,name,email\n100001,Ann,ann@mail.example\n100002,Bob,bob@mail.example\n");
  {
    auto bank = operate::Open(config());
    ASSERT_TRUE(bank.ok());
    ASSERT_TRUE(bank->ledger
                    ->Commit([](ledger::Transaction& tx) -> Done {
                      LATCHKEY_TRY(
                          tx.Run("UPDATE journal SET kind = 7 WHERE account_id ="
                                 " (SELECT MIN(account_id) FROM journal)"));
                      return {};
                    })
                    .ok());
  }
  EXPECT_EQ(StaffList(terminal_, config()), Exit::kDone) << notes_.str();
  EXPECT_EQ(JournalVerify(terminal_, config()), Exit::kFoundFaults);
  EXPECT_NE(out_.str().find("broken: account"), std::string::npos) << out_.str();
}

// Seen to fail without CheckNewestCheckpoint: doctor said nothing of it.
TEST_F(Commands, DoctorSeesALedgerThatIsOlderThanItsCheckpoints) {
  Open();
  const fs::path ledger = folder_ / "bank/data/ledger.db";
  const std::string whole = "ok    checkpoints: the ledger holds all that was signed";
  ImportText("customer_number,name,email\n100001,Ann,ann@mail.example\n");
  ASSERT_EQ(JournalCheckpoint(terminal_, config()), Exit::kDone) << notes_.str();
  fs::copy_file(ledger, folder_ / "backup.db");  // closed: its log is folded in
  ImportText("customer_number,name,email\n100002,Bob,bob@mail.example\n");
  ASSERT_EQ(JournalCheckpoint(terminal_, config()), Exit::kDone) << notes_.str();
  EXPECT_EQ(Doctor(terminal_, {.config = config(), .tls = {}}), Exit::kFoundFaults);
  EXPECT_NE(out_.str().find(whole), std::string::npos) << out_.str();

  fs::copy_file(folder_ / "backup.db", ledger, fs::copy_options::overwrite_existing);
  out_.str("");
  EXPECT_EQ(Doctor(terminal_, {.config = config(), .tls = {}}), Exit::kFoundFaults);
  EXPECT_NE(
      out_.str().find("fail  checkpoints: the ledger does not have checkpoint 2, the last of"),
      std::string::npos)
      << out_.str();
  EXPECT_EQ(out_.str().find(whole), std::string::npos) << out_.str();
}

// Seen to fail without LookAtTlsKey: nothing named the file.
TEST_F(Commands, DoctorNamesAKeyThatBelongsToAnotherCertificate) {
  ASSERT_EQ(Init(terminal_, Bank()), Exit::kDone);
  const fs::path tls = folder_ / "bank/tls";
  fs::copy_file(tls / "portal.key", tls / "service.key", fs::copy_options::overwrite_existing);
  fs::copy_file(tls / "ivr.key", tls / "operator.key", fs::copy_options::overwrite_existing);
  out_.str("");
  EXPECT_EQ(Doctor(terminal_, {.config = config(), .tls = {}}), Exit::kFoundFaults);
  for (const std::string name : {"service", "operator"}) {
    const std::string said = (tls / (name + ".key")).string() + " is not the key of " +
                             (tls / (name + ".crt")).string() + "; name two";
    EXPECT_NE(out_.str().find(said), std::string::npos) << out_.str();
  }
}

}  // namespace
}  // namespace latchkey::operate
