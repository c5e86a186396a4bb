// SPDX-License-Identifier: Apache-2.0
// The commands on a real folder with a real ledger.
#include "services/operator/commands.h"

#include <regex>

#include "crypto/password.h"
#include "services/base/config.h"
#include "services/ledger/sessions.h"
#include "services/ledger/staff.h"
#include "services/operator/open.h"
#include "tests/unit/operator/bank_folder.h"

namespace latchkey::operate {
namespace {

mode_t ModeOf(const fs::path& path) {
  struct stat info{};
  EXPECT_EQ(stat(path.c_str(), &info), 0) << path;
  return info.st_mode & 0777;
}

TEST_F(Commands, InitWritesWhatTheServiceAcceptsAndKeepsSecretsPrivate) {  // Law 12
  Open();
  auto config = LoadConfig(this->config());
  ASSERT_TRUE(config.ok()) << config.failure().detail;
  EXPECT_TRUE(fs::exists(config->tls.certificate));
  for (const auto& entry : fs::recursive_directory_iterator(folder_ / "bank")) {
    bool is_secret = entry.path().extension() == ".key" || entry.path().filename() == "keyring";
    if (is_secret) {
      EXPECT_EQ(ModeOf(entry.path()), 0600u) << entry.path();
    }
  }
  EXPECT_EQ(ModeOf(folder_ / "bank"), 0700u);
}

// Seen to fail with the keys left out: the first pages named no hours and told times in UTC.
TEST_F(Commands, InitWritesTheBanksWordsForPagesAndMessages) {
  InitOptions options = Bank();
  options.phone_hours = "Monday to Friday, 8:00 to 20:00";
  options.branch = "Branches open at 9:00 \"sharp\".";
  options.time_zone = "Europe/London";
  ASSERT_EQ(Init(terminal_, options), Exit::kDone) << notes_.str();
  auto config = LoadConfig(this->config());
  ASSERT_TRUE(config.ok()) << config.failure().detail;
  EXPECT_EQ(config->bank.time_zone, "Europe/London");
  std::ifstream file(folder_ / "bank/portal.toml");
  const std::string portal{std::istreambuf_iterator<char>(file), {}};
  for (const char* line : {"\nphone_hours = \"Monday to Friday, 8:00 to 20:00\"\n",
                           "\nbranch = \"Branches open at 9:00 \\\"sharp\\\".\"\n",
                           "\n# privacy_contact = ", "\ntime_zone = \"Europe/London\"\n"}) {
    EXPECT_NE(portal.find(line), std::string::npos) << line << portal;
  }
}

TEST_F(Commands, InitNeverOverwrites) {
  Open();
  std::ofstream(folder_ / "bank/portal.toml") << "mine";
  EXPECT_EQ(Init(terminal_, Bank()), Exit::kCouldNotRun);
  std::ifstream file(folder_ / "bank/portal.toml");
  std::string text;
  file >> text;
  EXPECT_EQ(text, "mine");
}

TEST_F(Commands, InitLeavesNothingBehindWhenItCannotFinish) {
  for (int wrong = 0; wrong < 4; ++wrong) {
    InitOptions options = Bank();
    if (wrong == 0) options.bank = "Not A Domain";
    if (wrong == 1) options.portal_url = "http://recover.bank.example";
    if (wrong == 2) options.terminals = {"main/Terminal One"};
    if (wrong == 3) options.relay = "localhost";
    EXPECT_EQ(Init(terminal_, options), Exit::kCouldNotRun) << wrong;
    EXPECT_TRUE(fs::is_empty(folder_)) << wrong;
  }
}

TEST_F(Commands, InitNamesWhatTheServiceWouldRefuse) {
  struct {
    std::string InitOptions::* option;
    const char* value;
    const char* said;
  } cases[] = {
      {&InitOptions::portal_url, "https://recover.bank.example/portal", "--portal-url must"},
      {&InitOptions::phone, "abc", "--phone is"},
      {&InitOptions::phone, "+44 20 7946 0000, or in any of our branches", "--phone is"},
      {&InitOptions::time_zone, "London", "--time-zone"},
      {&InitOptions::from_address, "no-reply", "--from is no e-mail address"},
      {&InitOptions::relay, "smtp bank:25", "the host of --relay is no host name"},
  };
  for (const auto& each : cases) {
    InitOptions options = Bank();
    options.*each.option = each.value;
    notes_.str("");
    EXPECT_EQ(Init(terminal_, options), Exit::kCouldNotRun) << each.value;
    EXPECT_NE(notes_.str().find(each.said), std::string::npos) << notes_.str();
    // The file that held it is gone again: neither it nor a line of it is worth naming.
    EXPECT_EQ(notes_.str().find(".new-"), std::string::npos) << notes_.str();
    EXPECT_TRUE(fs::is_empty(folder_)) << each.value;
  }
}

TEST_F(Commands, CertificatesAreNotOverwritten) {
  Open();
  CertificateOptions options;
  options.authority = folder_ / "bank/ca";
  options.role = "branch/harbour/terminal-7";
  options.bank = "bank.example";
  options.out = folder_ / "terminal-7";
  EXPECT_EQ(IssueCertificate(terminal_, options), Exit::kDone) << notes_.str();
  EXPECT_EQ(ModeOf(folder_ / "terminal-7.key"), 0600u);
  EXPECT_EQ(IssueCertificate(terminal_, options), Exit::kCouldNotRun);
  options.out = folder_ / "other";
  options.role = "teller";
  EXPECT_EQ(IssueCertificate(terminal_, options), Exit::kCouldNotRun);
}

std::string Text(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Seen to fail with the domain taken as it was typed: the service refused that client ever after.
TEST_F(Commands, ACertificateIsOfTheConfiguredBank) {
  Open();
  CertificateOptions options;
  options.config = config();
  options.authority = folder_ / "bank/ca";
  options.role = "branch/harbour/terminal-7";
  options.out = folder_ / "terminal-7";
  options.bank = "bank.exmple";
  EXPECT_EQ(IssueCertificate(terminal_, options), Exit::kCouldNotRun);
  EXPECT_NE(notes_.str().find("which is bank.example"), std::string::npos) << notes_.str();
  EXPECT_FALSE(fs::exists(folder_ / "terminal-7.crt"));
  options.bank = "";
  ASSERT_EQ(IssueCertificate(terminal_, options), Exit::kDone) << notes_.str();
  // Where the authority is kept there is no configuration, and the domain has to be named.
  options.config = folder_ / "none.toml";
  options.out = folder_ / "terminal-8";
  EXPECT_EQ(IssueCertificate(terminal_, options), Exit::kCouldNotRun);
  options.bank = "bank.example";
  EXPECT_EQ(IssueCertificate(terminal_, options), Exit::kDone) << notes_.str();
}

// Seen to fail without CheckBranch and without the note: both were accepted in silence.
TEST_F(Commands, SaysOfABranchThatNobodyCanSignInThere) {
  Open();
  StaffAddOptions teller = Teller("t.miller", "stamps-and-saucers");
  teller.branch = "Main Street";
  EXPECT_EQ(StaffAdd(terminal_, teller), Exit::kCouldNotRun);
  EXPECT_NE(notes_.str().find("--branch must be"), std::string::npos) << notes_.str();
  const std::string hint = "there is no terminal's certificate of branch";
  teller.branch = "main";
  EXPECT_EQ(StaffAdd(terminal_, teller), Exit::kDone) << notes_.str();
  EXPECT_EQ(notes_.str().find(hint), std::string::npos) << notes_.str();
  teller.login = "r.okoye";
  teller.branch = "elsewhere";
  EXPECT_EQ(StaffAdd(terminal_, teller), Exit::kDone) << notes_.str();
  EXPECT_NE(notes_.str().find(hint), std::string::npos) << notes_.str();
}

// Seen to fail with "rotate first" for every current version: these two cannot be rotated.
TEST_F(Commands, SaysOfAKeyThatItHasOneVersionForGood) {
  Open();
  for (const char* use : {"identifier", "journal"}) {
    notes_.str("");
    EXPECT_EQ(KeysRetire(terminal_, config(), use, 1), Exit::kCouldNotRun);
    EXPECT_NE(notes_.str().find("has one version for good"), std::string::npos) << notes_.str();
  }
}

// main.cc has the tree of commands. Seen to fail with the README as it was.
TEST(OperatorReadme, ListsEveryCommand) {
  const std::string source = Text("services/operator/main.cc");
  const std::string readme = Text("services/operator/README.md");
  const std::regex added(R"re((\w+)(?:\.|->)add_subcommand\(\s*"(\w+)")re");
  int commands = 0;
  for (std::sregex_iterator at(source.begin(), source.end(), added), end; at != end; ++at) {
    const std::string group = (*at)[1], name = (*at)[2];
    if (group == "app" && source.find(name + "->add_subcommand(") != std::string::npos)
      continue;  // a group itself
    ++commands;
    const std::string command = "`latchkey " + (group == "app" ? "" : group + " ") + name + "`";
    EXPECT_NE(readme.find(command), std::string::npos) << command;
  }
  EXPECT_EQ(commands, 16);
}

// Seen to fail as it was: neither field was named, and the login was printed as it was typed.
TEST_F(Commands, StaffAddNamesWhatIsWrongAndSaysTheLoginAsItIsListed) {
  Open();
  StaffAddOptions teller = Teller("x w", "stamps-and-saucers");
  EXPECT_EQ(StaffAdd(terminal_, teller), Exit::kCouldNotRun);
  EXPECT_NE(notes_.str().find("the login must be"), std::string::npos) << notes_.str();
  teller.login = "T.Miller";
  teller.name = "";
  EXPECT_EQ(StaffAdd(terminal_, teller), Exit::kCouldNotRun);
  EXPECT_NE(notes_.str().find("--name must be"), std::string::npos) << notes_.str();
  teller.name = "Tess Miller";
  out_.str("");
  EXPECT_EQ(StaffAdd(terminal_, teller), Exit::kDone) << notes_.str();
  EXPECT_TRUE(out_.str().starts_with("login: t.miller\n")) << out_.str();
}

TEST_F(Commands, StaffComeAndGo) {
  Open();
  EXPECT_EQ(StaffAdd(terminal_, Teller("t.miller", "stamps-and-saucers")), Exit::kDone)
      << notes_.str();
  EXPECT_NE(out_.str().find("otpauth://totp/"), std::string::npos);
  EXPECT_EQ(StaffAdd(terminal_, Teller("T.Miller", "stamps-and-saucers")), Exit::kCouldNotRun);
  EXPECT_EQ(StaffDisable(terminal_, config(), "t.miller"), Exit::kDone);
  EXPECT_EQ(StaffDisable(terminal_, config(), "nobody"), Exit::kCouldNotRun);
  out_.str("");
  EXPECT_EQ(StaffList(terminal_, config()), Exit::kDone);
  EXPECT_EQ(out_.str(), "t.miller\tmain\tdisabled\tTess Miller\n");
}

// Seen to fail without the end of sessions in RenewStaff: the lost one went on.
TEST_F(Commands, StaffWhoLostPasswordOrAuthenticatorGetOthersAndKeepTheirLogin) {
  Open();
  ASSERT_EQ(StaffAdd(terminal_, Teller("t.miller", "stamps-and-saucers")), Exit::kDone);
  auto bank = operate::Open(config());
  ASSERT_TRUE(bank.ok());
  auto find = [&] {
    return bank->ledger
        ->Query(
            [&](ledger::Transaction& tx) { return ledger::FindStaff(tx, bank->keys, "t.miller"); })
        .value()
        .value();
  };
  const ledger::StaffCredentials before = find();
  const Secret session("a session of a member of staff, 32");
  const TimePoint later = bank->clock.Now() + std::chrono::hours(1);
  ASSERT_TRUE(bank->ledger
                  ->Commit([&](ledger::Transaction& tx) {
                    return ledger::InsertStaffSession(
                        tx, bank->context(), session, before.staff.id, "terminal",
                        {.idle_expires_at = later, .expires_at = later});
                  })
                  .ok());
  out_.str("");
  const StaffAddOptions other = Teller("T.Miller", "kettles-over-lanterns");
  const StaffRenewOptions renewal{config(), other.login, other.password_file};
  ASSERT_EQ(StaffRenew(terminal_, renewal), Exit::kDone) << notes_.str();
  EXPECT_NE(out_.str().find("otpauth://totp/"), std::string::npos);
  const ledger::StaffCredentials after = find();
  EXPECT_EQ(after.staff.id, before.staff.id);
  EXPECT_NE(after.totp_key.Reveal(), before.totp_key.Reveal());
  EXPECT_EQ(
      crypto::VerifyPassword(Secret("kettles-over-lanterns"), after.verifier, bank->keys).value(),
      crypto::Verification::kMatch);
  auto lives = bank->ledger->Transact([&](ledger::Transaction& tx) {
    return ledger::TouchStaffSession(tx, bank->context(), session, "terminal", later);
  });
  EXPECT_FALSE(lives.value().has_value());

  EXPECT_EQ(StaffRenew(terminal_, {config(), "nobody", other.password_file}), Exit::kCouldNotRun);
  ASSERT_EQ(StaffDisable(terminal_, config(), "t.miller"), Exit::kDone);
  notes_.str("");
  EXPECT_EQ(StaffRenew(terminal_, renewal), Exit::kCouldNotRun);
  EXPECT_NE(notes_.str().find("is disabled, which is for good"), std::string::npos);
}

TEST_F(Commands, StaffPasswordsAreHeldToTheRules) {
  Open();
  for (const char* bad : {"short", "tess miller", "aaaaaaaaaaaa"}) {
    EXPECT_EQ(StaffAdd(terminal_, Teller("t.miller", bad)), Exit::kCouldNotRun) << bad;
  }
  EXPECT_EQ(notes_.str().find("aaaaaaaaaaaa"), std::string::npos);
}

TEST_F(Commands, APasswordFileThatOthersCanReadIsRefused) {
  Open();
  StaffAddOptions options = Teller("t.miller", "stamps-and-saucers");
  chmod(options.password_file.c_str(), 0644);
  EXPECT_EQ(StaffAdd(terminal_, options), Exit::kCouldNotRun);
}

TEST_F(Commands, AKeyStaysWhileSomethingHangsOnIt) {
  Open();
  ASSERT_EQ(StaffAdd(terminal_, Teller("t.miller", "stamps-and-saucers")), Exit::kDone);
  for (const char* use : {"pepper", "field"}) {
    EXPECT_EQ(KeysRetire(terminal_, config(), use, 1), Exit::kCouldNotRun) << use;
    EXPECT_EQ(KeysRotate(terminal_, config(), use), Exit::kDone) << use;
    EXPECT_EQ(KeysRetire(terminal_, config(), use, 1), Exit::kCouldNotRun) << use;
  }
  EXPECT_EQ(KeysRotate(terminal_, config(), "token"), Exit::kDone);
  EXPECT_EQ(KeysRetire(terminal_, config(), "token", 1), Exit::kDone) << notes_.str();
  EXPECT_EQ(KeysRotate(terminal_, config(), "journal"), Exit::kCouldNotRun);
  EXPECT_EQ(KeysRotate(terminal_, config(), "skeleton"), Exit::kCouldNotRun);
  EXPECT_EQ(JournalVerify(terminal_, config()), Exit::kDone) << out_.str();
}

// A retired token key would sign everybody out, kill every link and forget every device.
TEST_F(Commands, ATokenKeyStaysWhileWhatItMadeLives) {
  Open();
  {
    auto bank = operate::Open(config());
    ASSERT_TRUE(bank.ok());
    const TimePoint now = clock_.Now();
    ASSERT_TRUE(bank->ledger
                    ->Commit([&](ledger::Transaction& tx) {
                      return ledger::InsertDevice(tx, bank->keys, AccountId{7},
                                                  Secret(std::string(32, 'd')), now);
                    })
                    .ok());
  }
  ASSERT_EQ(KeysRotate(terminal_, config(), "token"), Exit::kDone);
  notes_.str("");
  EXPECT_EQ(KeysRetire(terminal_, config(), "token", 1), Exit::kCouldNotRun);
  EXPECT_NE(notes_.str().find("still needed: known devices (1); all end by themselves"),
            std::string::npos)
      << notes_.str();
}

// What waits in the spool is sealed under the field key, and no row says so.
TEST_F(Commands, AFieldKeyStaysWhileTheSpoolHoldsRequests) {
  Open();
  ASSERT_EQ(KeysRotate(terminal_, config(), "field"), Exit::kDone);
  std::ofstream(folder_ / "bank/data/spool/intakes.spool") << "sealed";
  notes_.str("");
  EXPECT_EQ(KeysRetire(terminal_, config(), "field", 1), Exit::kCouldNotRun);
  EXPECT_NE(notes_.str().find("requests wait in "), std::string::npos) << notes_.str();
}

TEST_F(Commands, RotatedKeysKeepCustomersReadable) {
  Open();
  ImportText("customer_number,name,email\n100001,Ann,ann@mail.example\n");
  ASSERT_EQ(KeysRotate(terminal_, config(), "field"), Exit::kDone);
  ImportText(
      "customer_number,name,email\n100001,Ann,ann@mail.example\n100002,Bob,bob@mail.example\n");
  EXPECT_NE(out_.str().find("1 added, 1 there already"), std::string::npos) << out_.str();
}

// Seen to fail without CheckNew: the customers' file became the head of its own report.
TEST_F(Commands, NothingThatIsThereIsOverwrittenByAReportOrABlocklist) {
  Open();
  const std::string customers = "customer_number,name,email\n100001,Ann,ann@mail.example\n";
  const fs::path file = folder_ / "customers.csv", link = folder_ / "link.csv";
  std::ofstream(file) << customers;
  fs::create_hard_link(file, link);
  for (const fs::path& there : {file, link}) {
    ImportOptions import;
    import.config = config();
    import.file = file;
    import.report = there;
    import.dry_run = true;
    for (const std::string option : {"--report", "--out"}) {
      notes_.str("");
      EXPECT_EQ(option == "--out"
                    ? BuildBlocklist(terminal_, {.words = {file}, .sha1_ranges = {}, .out = there})
                    : Import(terminal_, import),
                Exit::kCouldNotRun);
      EXPECT_NE(
          notes_.str().find("latchkey: " + option + ": " + there.string() + " is there already"),
          std::string::npos)
          << notes_.str();
      EXPECT_EQ(Text(file), customers);
    }
  }
  ImportOptions import;
  import.config = config();
  import.file = file;
  import.report = folder_ / "new.csv";
  EXPECT_EQ(Import(terminal_, import), Exit::kDone) << notes_.str();
  EXPECT_EQ(Text(import.report), "line,outcome,column,reason\n");
}

// Seen to fail as it was: the first in silence with status 0, the second without the name.
TEST_F(Commands, ImportSaysOfAFileWithoutRowsAndOfAnUnknownColumnByItsName) {
  Open();
  ImportOptions options;
  options.config = config();
  options.file = folder_ / "customers.csv";
  std::ofstream(options.file) << "customer_number,name,email\n";
  EXPECT_EQ(Import(terminal_, options), Exit::kFoundFaults);
  EXPECT_NE(notes_.str().find("no rows below its first line"), std::string::npos) << notes_.str();
  std::ofstream(options.file) << "customer_number,name,e-mail\n";
  EXPECT_EQ(Import(terminal_, options), Exit::kCouldNotRun);
  EXPECT_NE(notes_.str().find("column 3 (\"e-mail\") of"), std::string::npos) << notes_.str();
  notes_.str("");
  std::ofstream(options.file) << "100001,Ann,ann@mail.example\n";
  EXPECT_EQ(Import(terminal_, options), Exit::kCouldNotRun);
  EXPECT_EQ(notes_.str().find("100001"), std::string::npos) << "a person's data";
}

TEST_F(Commands, ImportSaysOfAFolderThatItIsOne) {
  Open();
  ImportOptions options;
  options.config = config();
  options.file = folder_;
  notes_.str("");
  EXPECT_EQ(Import(terminal_, options), Exit::kCouldNotRun);
  EXPECT_NE(notes_.str().find(folder_.string() + " is a folder; name the CSV file in it"),
            std::string::npos)
      << notes_.str();
}

}  // namespace
}  // namespace latchkey::operate
