// SPDX-License-Identifier: Apache-2.0
#include "services/operator/import.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <map>
#include <string>

#include "services/ledger/accounts.h"
#include "services/model/canonical.h"

namespace latchkey::operate {
namespace {

constexpr const char* kHeader =
    "customer_number,login_name,name,email,phone,password_hash,language,contact_since\n";
constexpr const char* kHash = "$2b$10$jB5mRu9IPEqQaOxUxFP6gOdveze5X1xL.C044cBfieQAnakApQdRm";

// A real ledger (SQLite) in a folder of its own.
class Importing : public testing::Test {
 protected:
  Importing()
      : folder_(std::filesystem::path(testing::TempDir()) /
                ("import-" + std::to_string(getpid()) + "-" +
                 testing::UnitTest::GetInstance()->current_test_info()->name())),
        ids_(clock_, random_) {
    crypto::Start();
    std::filesystem::create_directories(folder_);
    Config config;
    config.bank.languages = {"en", "de"};
    config.ledger.path = folder_ / "ledger.db";
    auto ledger = ledger::Open(LedgerOptionsOf(config));
    EXPECT_TRUE(ledger.ok());
    EXPECT_TRUE((*ledger)->Migrate().ok());
    bank_ = std::make_unique<OpenBank>(OpenBank{
        config, clock_, random_, ids_, crypto::KeyRing::Generate(random_), *std::move(ledger)});
  }
  ~Importing() override {
    bank_.reset();
    std::filesystem::remove_all(folder_);
  }

  Done Run(std::string text, bool dry_run = false) {
    counts_ = {};
    reports_.clear();
    size_t at = 0;
    auto source = [&](char* out, size_t size) -> std::ptrdiff_t {
      size_t take = std::min(size, text.size() - at);
      std::memcpy(out, text.data() + at, take);
      at += take;
      return static_cast<std::ptrdiff_t>(take);
    };
    return ImportCustomers(
        *bank_, source, dry_run,
        {.report = [&](const LineReport& report) { reports_[report.line] = report; },
         .progress = [](uint64_t, uint64_t) {}},
        counts_);
  }
  std::string ReportOf(uint64_t line) {
    if (!reports_.contains(line)) return "(no report)";
    return reports_[line].column + ": " + reports_[line].reason;
  }
  // Name and contacts of a customer, as they are kept.
  std::string Kept(const std::string& number) {
    auto kept = bank_->ledger->Query([&](ledger::Transaction& tx) -> Result<std::string> {
      LATCHKEY_ASSIGN(auto identifier,
                      model::CanonicalOf(model::IdentifierKind::kCustomerNumber, number));
      LATCHKEY_ASSIGN(auto id, ledger::FindAccount(tx, bank_->keys, identifier));
      if (!id) return std::string("(nobody)");
      LATCHKEY_ASSIGN(std::string all, ledger::LoadName(tx, bank_->keys, *id));
      LATCHKEY_ASSIGN(auto contacts, ledger::LoadContacts(tx, bank_->keys, *id));
      for (const auto& contact : contacts) {
        all += " " + contact.address + "@" + std::to_string(ToUnixMillis(contact.added_at));
      }
      return all;
    });
    return kept.ok() ? *kept : kept.failure().detail;
  }

  std::string PackOf(const std::string& number) {
    return bank_->ledger
        ->Query([&](ledger::Transaction& tx) -> Result<std::string> {
          LATCHKEY_ASSIGN(auto identifier,
                          model::CanonicalOf(model::IdentifierKind::kCustomerNumber, number));
          LATCHKEY_ASSIGN(auto id, ledger::FindAccount(tx, bank_->keys, identifier));
          LATCHKEY_ASSIGN(const model::Account account, ledger::LoadAccount(tx, id.value()));
          return account.pack;
        })
        .value();
  }

  std::filesystem::path folder_;
  SystemClock clock_;
  crypto::SystemRandom random_;
  IdMaker ids_;
  std::unique_ptr<OpenBank> bank_;
  ImportCounts counts_;
  std::map<uint64_t, LineReport> reports_;
};

std::string Row(int number, const std::string& name = "Ann") {
  std::string n = std::to_string(number);
  return n + ",user" + n + "," + name + ",u" + n + "@mail.example,,\"" + kHash + "\",,2019-05-31\n";
}

TEST_F(Importing, TakesOverWhatTheLineSays) {
  ASSERT_TRUE(Run(kHeader + Row(100001)).ok());
  EXPECT_EQ(counts_.added, 1u);
  EXPECT_EQ(Kept("100001"), "Ann u100001@mail.example@1559260800000");
}

TEST_F(Importing, ASecondRunChangesNothing) {
  std::string text = kHeader + Row(100001) + Row(100002);
  ASSERT_TRUE(Run(text).ok());
  ASSERT_TRUE(Run(text).ok());
  EXPECT_EQ(counts_.added, 0u);
  EXPECT_EQ(counts_.unchanged, 2u);
  EXPECT_EQ(counts_.conflicting, 0u);
}

TEST_F(Importing, WhatDiffersIsReportedAndNotChanged) {
  ASSERT_TRUE(Run(kHeader + Row(100001, "Ann")).ok());
  ASSERT_TRUE(Run(kHeader + Row(100001, "Bob")).ok());
  EXPECT_EQ(counts_.conflicting, 1u);
  EXPECT_EQ(ReportOf(2),
            "name: differs from what is kept for this customer number; nothing was changed");
  EXPECT_EQ(Kept("100001").substr(0, 3), "Ann");
}

TEST_F(Importing, ABadLineNeverStopsTheRest) {
  std::string text = kHeader;
  text += "12,x,Ann,a@mail.example,,,,\n";                                           // 2
  text += "100002,login2,,b@mail.example,,,,\n";                                     // 3
  text += "100003,login3,Ann,no-address,,,,\n";                                      // 4
  text += "100004,login4,Ann,,,,,\n";                                                // 5
  text += "100005,login5,Ann,e@mail.example,,5f4dcc3b5aa765d61d8327deb882cf99,,\n";  // 6
  text += "100006,login6,Ann,f@mail.example,,,xx,\n";                                // 7
  text += "100007,login7,Ann,g@mail.example,,,,2019-02-30\n";                        // 8
  text += "100008,login8,Ann,h@mail.example,,,,2999-01-01\n";                        // 9
  text += "100009,login9,Ann\n";                                                     // 10
  text += "100010,login10,\"An\"n,i@mail.example,,,,\n";                             // 11
  text += "100011,login11,An\xe2\x80\xaen,j@mail.example,,,,\n";                     // 12
  text += Row(100012);                                                               // 13
  ASSERT_TRUE(Run(text).ok());
  EXPECT_EQ(counts_.added, 1u);
  EXPECT_EQ(counts_.rejected, 11u);
  const char* columns[] = {
      "customer_number", "name",          "email", "email", "password_hash", "language",
      "contact_since",   "contact_since", "",      "",      "name"};
  for (uint64_t i = 0; i < std::size(columns); ++i) {
    EXPECT_EQ(reports_[i + 2].column, columns[i]) << "line " << i + 2 << " " << ReportOf(i + 2);
    EXPECT_FALSE(reports_[i + 2].reason.empty());
  }
}

// Seen to fail with the canonical forms' own short words in their place.
TEST_F(Importing, AReasonSaysWhatWouldBeRight) {
  std::string text = kHeader;
  text += "12,x,Ann,a@mail.example,,,,\n";                                           // 2
  text += "100003,login3,Ann,no-address,,,,\n";                                      // 3
  text += "100004,login4,Ann,,020 7946 0000,,,\n";                                   // 4
  text += "100005,login5,Ann,e@mail.example,,5f4dcc3b5aa765d61d8327deb882cf99,,\n";  // 5
  text += "100006,login6,Ann,f@mail.example,,,xx,\n";                                // 6
  text += "100007,login7,Ann,g@mail.example,,,,31.05.2019\n";                        // 7
  text += "100008,login 8,Ann,h@mail.example,,,,\n";                                 // 8
  ASSERT_TRUE(Run(text).ok());
  const char* right[] = {"6 to 12 digits", "ann@mail.example", "+442079460000",        "{SSHA512}",
                         "en, de",         "2019-05-31",       "letters of one script"};
  for (uint64_t i = 0; i < std::size(right); ++i) {
    EXPECT_NE(ReportOf(i + 2).find(right[i]), std::string::npos) << ReportOf(i + 2);
    // A report is a CSV file, whose reasons stand in quotes.
    EXPECT_EQ(ReportOf(i + 2).find('"'), std::string::npos) << ReportOf(i + 2);
  }
}

// Seen to fail without first_lines_: the line was told apart from what is kept, wherever from.
TEST_F(Importing, ANumberThatStandsTwiceNamesBothLines) {
  const std::string text = kHeader + Row(100001) + Row(100002) + Row(100001, "Bob");
  for (const bool dry_run : {true, false}) {
    ASSERT_TRUE(Run(text, dry_run).ok());
    EXPECT_EQ(reports_.size(), 1u);
    EXPECT_EQ(ReportOf(4),
              "customer_number: stands in line 2 already, with other data; keep one of the two");
  }
}

TEST_F(Importing, ReportsRepeatNoPersonalData) {
  ASSERT_TRUE(
      Run(kHeader + std::string("100001,l,Ann,secret-person@@mail.example,,$2b$99$zzz,,\n")).ok());
  EXPECT_EQ(ReportOf(2).find("secret-person"), std::string::npos) << ReportOf(2);
}

TEST_F(Importing, NoTwoCustomersShareAnIdentifier) {  // attack K07
  std::string text = kHeader + Row(100001) +
                     "100002,user100001,Bob,bob@mail.example,,,,\n"
                     "100003,carl,Carl,U100001@MAIL.example,,,,\n";
  ASSERT_TRUE(Run(text).ok());
  EXPECT_EQ(counts_.added, 1u);
  EXPECT_EQ(reports_[3].column, "login_name");
  EXPECT_EQ(reports_[4].column, "email");
  EXPECT_EQ(Kept("100002"), "(nobody)");
}

TEST_F(Importing, ADryRunSaysTheSameAndWritesNothing) {
  std::string text = kHeader + Row(100001) + Row(100001) + Row(100001, "Bob") +
                     "100002,user100001,Bob,bob@mail.example,,,,\n12,x,Ann,,,,,\n";
  ASSERT_TRUE(Run(text, true).ok());
  ImportCounts dry = counts_;
  EXPECT_EQ(Kept("100001"), "(nobody)");
  ASSERT_TRUE(Run(text).ok());
  EXPECT_EQ(dry.added, counts_.added);
  EXPECT_EQ(dry.unchanged, counts_.unchanged);
  EXPECT_EQ(dry.conflicting, counts_.conflicting);
  EXPECT_EQ(dry.rejected, counts_.rejected);
}

TEST_F(Importing, AnUnusableHeaderRefusesTheFile) {
  for (const char* header : {"", "name,email\n", "customer_number,name,e-mail\n",
                             "customer_number,name,name,email\n", "customer_number,name\n"}) {
    Done done = Run(header + Row(100001));
    ASSERT_FALSE(done.ok()) << header;
    EXPECT_EQ(done.failure().reason, Reason::kMalformed);
    EXPECT_FALSE(done.failure().detail.empty());
  }
}

TEST_F(Importing, ColumnsMayStandInAnyOrder) {
  ASSERT_TRUE(Run("email;name;customer_number\nann@mail.example;Ann;100001\n").ok());
  EXPECT_EQ(counts_.added, 1u);
  EXPECT_TRUE(counts_.without_contact_since);
}

// Seen to fail without the column (an unknown one), without CheckPack, and without the comparison.
TEST_F(Importing, TheRulePackIsTheLinesOrTheStandardOne) {  // Law 7
  const std::string header = "customer_number,name,email,pack\n";
  const std::string text = header +
                           "100001,Ann,ann@mail.example,strong\n"
                           "100002,Bob,bob@mail.example,\n"
                           "100003,Carl,carl@mail.example,Strong\n";
  ASSERT_TRUE(Run(text).ok());
  EXPECT_EQ(counts_.added, 2u);
  EXPECT_EQ(ReportOf(4), "pack: must be one of standard, strong, or empty for standard");
  EXPECT_EQ(PackOf("100001"), "strong");
  EXPECT_EQ(PackOf("100002"), "standard");
  for (const bool dry_run : {true, false}) {
    ASSERT_TRUE(Run(header + "100001,Ann,ann@mail.example,standard\n", dry_run).ok());
    EXPECT_EQ(ReportOf(2),
              "pack: differs from what is kept for this customer number; nothing was changed");
    ASSERT_TRUE(Run("customer_number,name,email\n100001,Ann,ann@mail.example\n", dry_run).ok());
    EXPECT_EQ(counts_.unchanged, 1u) << "a file that says nothing of packs contradicts none";
  }
}

TEST_F(Importing, MoreRowsThanOneTransactionHolds) {
  std::string text = kHeader;
  for (int i = 0; i < 1234; ++i) text += Row(200000 + i);
  ASSERT_TRUE(Run(text).ok());
  EXPECT_EQ(counts_.added, 1234u);
  EXPECT_EQ(counts_.last_line, 1235u);
}

TEST_F(Importing, AFileThatBreaksOffKeepsWhatCameAndSaysSo) {
  std::string text = kHeader + Row(100001) + "100002,us";
  size_t at = 0;
  counts_ = {};
  auto source = [&](char* out, size_t size) -> std::ptrdiff_t {
    if (at == text.size()) return -1;
    size_t take = std::min(size, text.size() - at);
    std::memcpy(out, text.data() + at, take);
    at += take;
    return static_cast<std::ptrdiff_t>(take);
  };
  Done done = ImportCustomers(
      *bank_, source, false,
      {.report = [](const LineReport&) {}, .progress = [](uint64_t, uint64_t) {}}, counts_);
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.failure().reason, Reason::kUnavailable);
  EXPECT_EQ(counts_.added, 1u);
  EXPECT_EQ(Kept("100002"), "(nobody)");
}

}  // namespace
}  // namespace latchkey::operate
