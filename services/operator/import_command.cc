// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <ostream>
#include <system_error>

#include "services/operator/commands.h"
#include "services/operator/folder.h"
#include "services/operator/import.h"

namespace latchkey::operate {
namespace {

constexpr uint64_t kShownProblems = 20;

// The customers' file, read from the front. "-" is standard input.
class InputFile {
 public:
  explicit InputFile(const std::filesystem::path& path)
      : fd_(path == "-" ? dup(STDIN_FILENO) : open(path.c_str(), O_RDONLY | O_CLOEXEC)),
        error_(errno) {}
  ~InputFile() {
    if (fd_ >= 0) close(fd_);
  }
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  bool is_open() const { return fd_ >= 0; }
  std::string error() const { return std::generic_category().message(error_); }
  bool is_folder() const {
    struct stat info{};
    return fstat(fd_, &info) == 0 && S_ISDIR(info.st_mode);
  }
  uint64_t size() const {
    struct stat info{};
    return fstat(fd_, &info) == 0 && S_ISREG(info.st_mode) ? static_cast<uint64_t>(info.st_size)
                                                           : 0;
  }
  ByteSource source() {
    return [this](char* out, size_t size) -> std::ptrdiff_t {
      while (true) {
        ssize_t got = read(fd_, out, size);
        if (got >= 0 || errno != EINTR) return got;
      }
    };
  }

 private:
  int fd_;
  int error_;
};

// Where lines that were not taken are named: a CSV file, or the first few as notes.
class Reports {
 public:
  Reports(Terminal& terminal, Progress& progress, const std::filesystem::path& path)
      : terminal_(terminal), progress_(progress), is_file_(!path.empty()) {
    errno = 0;
    if (is_file_) file_.open(path, std::ios::trunc);
    error_ = errno;
    if (is_file_) file_ << "line,outcome,column,reason\n";
  }
  bool ok() const { return !is_file_ || file_.good(); }
  std::string error() const { return std::generic_category().message(error_); }  // of the opening
  void Add(const LineReport& report) {
    const char* outcome = report.outcome == LineOutcome::kRejected ? "rejected" : "conflict";
    if (is_file_) {
      file_ << report.line << "," << outcome << ",\"" << report.column << "\",\"" << report.reason
            << "\"\n";
      return;
    }
    if (++shown_ > kShownProblems) return;
    progress_.Clear();
    terminal_.notes << "line " << report.line << ": " << outcome << ": "
                    << (report.column.empty() ? "" : report.column + ": ") << report.reason << "\n";
  }
  // False when the report could not be written whole.
  bool Finish() {
    if (!is_file_ && shown_ > kShownProblems) {
      terminal_.notes << "… and " << Grouped(shown_ - kShownProblems)
                      << " more; --report FILE writes them all\n";
    }
    if (is_file_) file_.flush();
    return ok();
  }

 private:
  Terminal& terminal_;
  Progress& progress_;
  const bool is_file_;
  std::ofstream file_;
  int error_ = 0;
  uint64_t shown_ = 0;
};

// Ctrl-C ends an import between two batches, and says how far it came; once more ends it at once.
class EndsWhenTold {
 public:
  EndsWhenTold() {
    told = 0;
    struct sigaction ours{};
    ours.sa_handler = [](int) { told = 1; };
    ours.sa_flags = static_cast<int>(SA_RESETHAND);
    sigaction(SIGINT, &ours, &before_);
  }
  ~EndsWhenTold() { sigaction(SIGINT, &before_, nullptr); }
  EndsWhenTold(const EndsWhenTold&) = delete;
  EndsWhenTold& operator=(const EndsWhenTold&) = delete;
  static bool IsTold() { return told != 0; }

 private:
  static inline volatile std::sig_atomic_t told = 0;
  struct sigaction before_{};
};

void Summarise(Terminal& terminal, const ImportCounts& counts, bool dry_run, Millis took) {
  terminal.out << (dry_run ? "dry run: " : "") << Counted(counts.read, "line", "lines") << " read, "
               << Grouped(counts.added) << (dry_run ? " would be added, " : " added, ")
               << Grouped(counts.unchanged) << " there already, " << Grouped(counts.conflicting)
               << " in conflict, " << Grouped(counts.rejected) << " rejected, in "
               << ClockText(took) << "\n";
  if (counts.without_contact_since && counts.added > 0) {
    terminal.notes
        << "latchkey: there is no column contact_since, so every address counts as known "
           "since the account; give the column where an address is younger\n";
  }
}

}  // namespace

Exit Import(Terminal& terminal, const ImportOptions& options) {
  auto bank = Open(options.config);
  if (!bank.ok()) return Refuse(terminal, bank.failure());
  InputFile input(options.file);
  if (!input.is_open()) {
    return Refuse(terminal, Malformed("file", options.file.string() + ": " + input.error()));
  }
  if (input.is_folder()) {
    return Refuse(terminal, Malformed("file", options.file.string() +
                                                  " is a folder; name the CSV file in it"));
  }
  if (Done fresh = options.report.empty() ? Done() : CheckNew("--report", options.report);
      !fresh.ok())
    return Refuse(terminal, fresh.failure());
  const EndsWhenTold ends;
  Progress progress(terminal, options.dry_run ? "checking" : "importing", "lines");
  Reports reports(terminal, progress, options.report);
  if (!reports.ok()) {
    return Refuse(terminal, Malformed("report", options.report.string() +
                                                    " cannot be written: " + reports.error()));
  }
  ImportCounts counts;
  TimePoint started = terminal.clock.Now();
  Done done = ImportCustomers(
      *bank, input.source(), options.dry_run,
      {.report = [&](const LineReport& report) { reports.Add(report); },
       .progress = [&](uint64_t bytes,
                       uint64_t lines) { progress.Show(bytes, input.size(), lines); },
       .is_told_to_end = EndsWhenTold::IsTold},
      counts);
  progress.Clear();
  bool reported = reports.Finish();
  if (counts.read > 0) Summarise(terminal, counts, options.dry_run, terminal.clock.Now() - started);
  if (!done.ok() && done.failure().reason == Reason::kMalformed)
    return Refuse(terminal, done.failure());
  if (!done.ok()) {
    terminal.notes << "latchkey: stopped after line " << counts.last_line << ": "
                   << done.failure().detail
                   << "\nlatchkey: everything up to that line is decided and kept; run the same "
                      "command again, "
                      "it skips what is there\n";
    return Exit::kCouldNotRun;
  }
  if (!reported) {
    return Refuse(terminal,
                  Malformed("report", options.report.string() + ": could not be written whole"));
  }
  if (counts.read == 0) {
    terminal.notes << "latchkey: the file has no rows below its first line; nothing was done\n";
    return Exit::kFoundFaults;
  }
  return counts.rejected + counts.conflicting > 0 ? Exit::kFoundFaults : Exit::kDone;
}

}  // namespace latchkey::operate
