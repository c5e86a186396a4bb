// SPDX-License-Identifier: Apache-2.0
// What the commands say of small mistakes: each names what was typed, and what to do.
#include <utility>

#include "tests/unit/operator/bank_folder.h"

namespace latchkey::operate {
namespace {

class Mistakes : public Commands {
 protected:
  Exit ImportOf(const std::string& text, const fs::path& report = {}) {
    std::ofstream(folder_ / "customers.csv", std::ios::binary) << text;
    ImportOptions options;
    options.config = config();
    options.file = folder_ / "customers.csv";
    options.report = report;
    out_.str("");
    notes_.str("");
    return Import(terminal_, options);
  }
  bool Noted(const std::string& words) const {
    return notes_.str().find(words) != std::string::npos;
  }
};

// Excel's "Unicode text". Seen to fail as it was: "the first line holds a NUL byte".
TEST_F(Mistakes, InUtf16SayHowToSaveTheFile) {
  Open();
  EXPECT_EQ(ImportOf(std::string("n\0a\0m\0e\0\n\0", 10)), Exit::kCouldNotRun);
  EXPECT_TRUE(Noted("save the file as UTF-8")) << notes_.str();
}

// Seen to fail as it was: "1 lines read", and "password_hash this is no known kind".
TEST_F(Mistakes, InOneLineReadAsASentence) {
  Open();
  EXPECT_EQ(ImportOf("customer_number,name,email,password_hash\n100001,Ann,a@b.example,x\n"),
            Exit::kFoundFaults);
  EXPECT_TRUE(out_.str().starts_with("1 line read, ")) << out_.str();
  EXPECT_TRUE(Noted("rejected: password_hash: this is no known kind")) << notes_.str();
}

// Seen to fail as it was: "cannot be written", and no reason.
TEST_F(Mistakes, WithAReportThatCannotBeWrittenSayWhy) {
  Open();
  EXPECT_EQ(ImportOf("customer_number,name,email\n", folder_ / "nowhere/report.csv"),
            Exit::kCouldNotRun);
  EXPECT_TRUE(Noted("cannot be written: No such file or directory")) << notes_.str();
}

// Seen to fail as it was: the signal ended the process in silence.
TEST_F(Mistakes, AreNotMadeByWhoEndsAnImportAndHearsHowFarItCame) {
  Open();
  std::string text = "customer_number,name,email\n";
  for (int i = 0; i < 1'200; ++i) {
    const std::string number = std::to_string(100'000 + i);
    text += number + ",Ann," + number + "@mail.example\n";
  }
  // As Ctrl-C while it runs: when it first looks at the clock.
  class Interrupting final : public Clock {
   public:
    TimePoint Now() override {
      if (!std::exchange(has_come_, true)) raise(SIGINT);
      return system_.Now();
    }

   private:
    bool has_come_ = false;
    SystemClock system_;
  } interrupting;
  Terminal terminal{out_, notes_, interrupting};
  std::ofstream(folder_ / "customers.csv") << text;
  ImportOptions options;
  options.config = config();
  options.file = folder_ / "customers.csv";
  out_.str("");
  EXPECT_EQ(Import(terminal, options), Exit::kCouldNotRun);
  EXPECT_TRUE(out_.str().starts_with("500 lines read, 500 added")) << out_.str();
  EXPECT_TRUE(Noted("stopped after line 501: it was told to end")) << notes_.str();
  EXPECT_TRUE(Noted("run the same command again")) << notes_.str();
}

// Seen to fail as it was: "cannot read" it, and no reason.
TEST_F(Mistakes, WithWordsThatCannotBeReadSayWhy) {
  EXPECT_EQ(BuildBlocklist(
                terminal_,
                {.words = {folder_ / "nowhere"}, .sha1_ranges = {}, .out = folder_ / "blocklist"}),
            Exit::kCouldNotRun);
  EXPECT_TRUE(Noted("nowhere: No such file or directory")) << notes_.str();
}

// Seen to fail as it was: "0 passwords", status 0, and a file that refuses nothing.
TEST_F(Mistakes, WithABlocklistOfNothingMakeNone) {
  std::ofstream(folder_ / "empty").flush();
  const fs::path out = folder_ / "blocklist";
  EXPECT_EQ(
      BuildBlocklist(terminal_, {.words = {folder_ / "empty"}, .sha1_ranges = {}, .out = out}),
      Exit::kCouldNotRun);
  EXPECT_TRUE(Noted("there is no password in what was named")) << notes_.str();
  EXPECT_FALSE(fs::exists(out));
}

// Seen to fail as it was: "such as 127.0.0.1:7443", which is the service's.
TEST_F(Mistakes, WithARelayShowHowOneIsWritten) {
  InitOptions options = Bank();
  options.relay = "smtp.bank.example";
  EXPECT_EQ(Init(terminal_, options), Exit::kCouldNotRun);
  EXPECT_TRUE(Noted("such as smtp.bank.example:587")) << notes_.str();
}

}  // namespace
}  // namespace latchkey::operate
