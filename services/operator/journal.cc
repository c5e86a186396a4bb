// SPDX-License-Identifier: Apache-2.0
#include "services/ledger/journal.h"

#include <ostream>

#include "services/operator/commands.h"
#include "services/operator/open.h"

namespace latchkey::operate {

Exit JournalVerify(Terminal& terminal, const std::filesystem::path& config) {
  auto bank = Open(config);
  if (!bank.ok()) return Refuse(terminal, bank.failure());
  Progress progress(terminal, "verifying", "entries");
  auto report = ledger::VerifyJournal(
      *bank->ledger, bank->keys, bank->config.files.checkpoints, [&](int64_t done, int64_t all) {
        progress.Show(static_cast<uint64_t>(done), static_cast<uint64_t>(all),
                      static_cast<uint64_t>(done));
      });
  progress.Clear();
  if (!report.ok()) return Refuse(terminal, report.failure());
  if (const auto& fault = report->first_fault) {
    terminal.out << "broken: account " << fault->account_id.value << ", entry " << fault->seq
                 << ": " << fault->what << "\n";
    terminal.notes << "latchkey: keep the database, the checkpoint file and their backups as they "
                      "are, and call "
                      "whoever answers for security at the bank\n";
    return Exit::kFoundFaults;
  }
  terminal.out << "whole: " << Grouped(static_cast<uint64_t>(report->entries)) << " entries in "
               << Grouped(static_cast<uint64_t>(report->chains)) << " chains, "
               << Grouped(static_cast<uint64_t>(report->checkpoints)) << " signed checkpoints\n";
  if (report->checkpoints == 0 && report->entries > 0) {
    terminal.notes
        << "latchkey: no checkpoint yet, so entries cut off at the end would not be noticed; "
           "`latchkey journal checkpoint` writes one\n";
  }
  return Exit::kDone;
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
    terminal.out << "signed " << Grouped(static_cast<uint64_t>(*covered)) << " entries\n";
  }
  return Exit::kDone;
}

}  // namespace latchkey::operate
