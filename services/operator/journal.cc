// SPDX-License-Identifier: Apache-2.0
#include "services/ledger/journal.h"

#include <optional>
#include <ostream>
#include <string>
#include <system_error>

#include "crypto/private_file.h"
#include "services/operator/commands.h"
#include "services/operator/open.h"

namespace latchkey::operate {

namespace {

// Absent: it has told what is broken.
Result<std::optional<ledger::JournalReport>> VerifyAndTell(Terminal& terminal, OpenBank& bank,
                                                           const std::filesystem::path& file) {
  Progress progress(terminal, "verifying", "entries");
  LATCHKEY_ASSIGN(
      ledger::JournalReport report,
      ledger::VerifyJournal(*bank.ledger, bank.keys, file, [&](int64_t done, int64_t all) {
        progress.Show(static_cast<uint64_t>(done), static_cast<uint64_t>(all),
                      static_cast<uint64_t>(done));
      }));
  progress.Clear();
  if (!report.first_fault) return std::optional(std::move(report));
  const auto& fault = *report.first_fault;
  terminal.out << "broken: ";
  if (fault.seq != 0)
    terminal.out << "account " << fault.account_id.value << ", entry " << fault.seq << ": ";
  terminal.out << fault.what << "\n";
  terminal.notes << "latchkey: "
                 << (fault.way_on.empty()
                         ? "keep the database, the checkpoint file and their backups as they are, "
                           "and call whoever answers for security at the bank"
                         : fault.way_on)
                 << "\n";
  return std::optional<ledger::JournalReport>();
}

Done CheckLost(const std::filesystem::path& file) {
  std::error_code absent;
  if (std::filesystem::file_size(file, absent) == 0 ||
      absent == std::errc::no_such_file_or_directory)
    return {};
  return Fail(Reason::kNotAllowed,
              file.string() +
                  " is there, and may know of more than the ledger has. If it cannot be read, move "
                  "it aside and keep it; nothing was changed");
}

}  // namespace

Exit JournalVerify(Terminal& terminal, const std::filesystem::path& config) {
  auto bank = Open(config);
  if (!bank.ok()) return Refuse(terminal, bank.failure());
  auto report = VerifyAndTell(terminal, *bank, bank->config.files.checkpoints);
  if (!report.ok()) return Refuse(terminal, report.failure());
  if (!*report) return Exit::kFoundFaults;
  const ledger::JournalReport& whole = **report;
  terminal.out << "whole: " << Grouped(static_cast<uint64_t>(whole.entries)) << " entries in "
               << Grouped(static_cast<uint64_t>(whole.chains)) << " chains, "
               << Grouped(static_cast<uint64_t>(whole.checkpoints)) << " signed checkpoints\n";
  if (whole.checkpoints == 0 && whole.entries > 0) {
    terminal.notes
        << "latchkey: no checkpoint yet, so entries cut off at the end would not be noticed; "
           "`latchkey journal checkpoint` writes one\n";
  }
  return Exit::kDone;
}

// The lines are verified before they become the file, and who reads the journal sees that it was
// begun anew.
Exit JournalCheckpointAnew(Terminal& terminal, const std::filesystem::path& config) {
  auto bank = Open(config);
  if (!bank.ok()) return Refuse(terminal, bank.failure());
  const std::filesystem::path& file = bank->config.files.checkpoints;
  if (Done lost = CheckLost(file); !lost.ok()) return Refuse(terminal, lost.failure());
  auto lines = ledger::CheckpointLines(*bank->ledger);
  if (!lines.ok()) return Refuse(terminal, lines.failure());
  const std::filesystem::path anew = file.string() + ".anew";
  if (Done written = crypto::WritePrivateFile(anew, *lines); !written.ok())
    return Refuse(terminal, written.failure());
  auto report = VerifyAndTell(terminal, *bank, anew);
  std::error_code left_behind;
  std::filesystem::remove(anew, left_behind);
  if (!report.ok()) return Refuse(terminal, report.failure());
  if (!*report) return Exit::kFoundFaults;
  const std::string details = "the checkpoint file was lost and begun anew with the ledger's " +
                              std::to_string((*report)->checkpoints) +
                              " checkpoints; what the ledger had lost would not show";
  Done noted = bank->ledger->Commit([&](ledger::Transaction& tx) {
    return ledger::Append(tx, bank->context(),
                          {.event = model::Event::kRestored, .details = details});
  });
  if (!noted.ok()) return Refuse(terminal, noted.failure());
  if (Done written = crypto::WritePrivateFile(file, *lines); !written.ok())
    return Refuse(terminal, written.failure());
  terminal.out << "begun anew with " << Grouped(static_cast<uint64_t>((*report)->checkpoints))
               << ((*report)->checkpoints == 1 ? " checkpoint" : " checkpoints")
               << " of the ledger\n";
  return JournalCheckpoint(terminal, config);
}

Exit JournalCheckpoint(Terminal& terminal, const std::filesystem::path& config) {
  auto bank = Open(config);
  if (!bank.ok()) return Refuse(terminal, bank.failure());
  TimePoint now = bank->clock.Now();
  const Millis settles = ledger::SettlesAfter(*bank->ledger);
  auto covered = ledger::WriteCheckpoint(*bank->ledger, bank->keys, bank->config.files.checkpoints,
                                         now - settles, now);
  if (!covered.ok()) return Refuse(terminal, covered.failure());
  if (*covered == 0) {
    terminal.out << (settles == Millis::zero()
                         ? "nothing new to sign\n"
                         : "nothing to sign yet: what is there now can be signed in 15 seconds\n");
  } else {
    terminal.out << "signed " << Grouped(static_cast<uint64_t>(*covered))
                 << (*covered == 1 ? " entry\n" : " entries\n");
  }
  return Exit::kDone;
}

}  // namespace latchkey::operate
