// SPDX-License-Identifier: Apache-2.0
// `latchkey restored`: a ledger that was put back from an older copy is made fit to serve again.
#include "services/ledger/restored.h"

#include <optional>
#include <ostream>
#include <string>

#include "services/base/utc_text.h"
#include "services/ledger/beside.h"
#include "services/ledger/journal.h"
#include "services/ledger/staff.h"
#include "services/operator/commands.h"
#include "services/operator/open.h"

namespace latchkey::operate {
namespace {

constexpr int kAccountsAtOnce = 500;
using Lost = std::optional<ledger::LostStretches>;

Result<int64_t> EndAll(Terminal& terminal, OpenBank& bank, TimePoint lived_at, bool passwords_too) {
  Progress progress(terminal, "ending", "accounts");
  LATCHKEY_ASSIGN(const int64_t all, bank.ledger->Query([](ledger::Transaction& tx) {
    return ledger::CountAccounts(tx);
  }));
  int64_t looked_at = 0, accounts = 0;
  ledger::Ending ending{
      .after = {}, .lived_at = lived_at, .limit = kAccountsAtOnce, .passwords_too = passwords_too};
  while (true) {
    LATCHKEY_ASSIGN(const ledger::Ended ended, bank.ledger->Transact([&](ledger::Transaction& tx) {
      return ledger::EndWhatLived(tx, bank.context(), ending);
    }));
    if (!ended.last) return accounts;
    accounts += ended.accounts;
    ending.after = ended.last;
    looked_at += ended.looked_at;
    const auto done = static_cast<uint64_t>(looked_at);
    progress.Show(done, static_cast<uint64_t>(all), done);
  }
}

// Nothing is ended where nothing shows that the ledger is older, for the two reasons that can have.
Failure NothingShown(OpenBank& bank, const std::filesystem::path& file) {
  const Done there = ledger::CheckNewestCheckpoint(*bank.ledger, bank.keys, file);
  const std::string why =
      there.ok() ? file.string() + " shows nothing that the ledger lacks" : there.failure().detail;
  return Fail(Reason::kNotAllowed, why +
                                       ". Nothing was ended; if an older copy of the ledger was "
                                       "put back all the same, say --though-nothing-shows-it");
}

// The next checkpoint signs what was lost, by the fingerprint of its last line: whoever does away
// with the file that is kept aside does not do away with that.
Done EndStaffAndNote(OpenBank& bank, const Lost& lost, int64_t accounts, bool passwords_too) {
  std::string details = "an older copy was put back: ";
  details += lost ? std::to_string(lost->count) + " signed stretches lost, up to checkpoint " +
                        std::to_string(lost->newest) + " " + lost->fingerprint
                  : "no checkpoint file shows what was lost";
  details += "; ended on " + std::to_string(accounts) + " accounts";
  if (passwords_too) details += ", passwords too";
  return bank.ledger->Commit([&](ledger::Transaction& tx) -> Done {
    LATCHKEY_TRY(ledger::EndAllStaffSessions(tx));
    return ledger::Append(tx, bank.context(),
                          {.event = model::Event::kRestored, .details = details});
  });
}

void Tell(Terminal& terminal, const Lost& lost, TimePoint lived_at, int64_t accounts,
          bool passwords_too) {
  terminal.out << "lost: everything decided after " << UtcText(lived_at);
  if (lost)
    terminal.out << ", " << lost->count
                 << (lost->count == 1 ? " signed stretch" : " signed stretches")
                 << " of the journal among it";
  terminal.out << "\nended: links, codes, sessions and proofs"
               << (passwords_too ? ", and passwords," : "") << " on "
               << Grouped(static_cast<uint64_t>(accounts))
               << (accounts == 1 ? " account" : " accounts") << ", and every session of staff\n";
}

}  // namespace

// Everything is looked at before anything is ended, and the checkpoint file comes last: until it
// agrees with the ledger the service does not start, and the command can be run again.
Exit Restored(Terminal& terminal, const RestoredOptions& options) {
  auto bank = Open(options.config);
  if (!bank.ok()) return Refuse(terminal, bank.failure());
  const std::filesystem::path& file = bank->config.files.checkpoints;
  auto found = ledger::FindLostStretches(*bank->ledger, bank->keys, file);
  if (!found.ok()) return Refuse(terminal, found.failure());
  const Lost& lost = *found;
  if (!lost && !options.unproven) return Refuse(terminal, NothingShown(*bank, file));
  auto lived_at = ledger::LastEntryAt(*bank->ledger);
  if (!lived_at.ok()) return Refuse(terminal, lived_at.failure());
  const TimePoint copied_at = lived_at->value_or(bank->clock.Now());
  auto accounts = EndAll(terminal, *bank, copied_at, options.passwords_too);
  if (!accounts.ok()) return Refuse(terminal, accounts.failure());
  if (Done done = EndStaffAndNote(*bank, lost, *accounts, options.passwords_too); !done.ok())
    return Refuse(terminal, done.failure());
  if (lost) {
    auto kept = ledger::SetAside(*lost, file);
    if (!kept.ok()) return Refuse(terminal, kept.failure());
    terminal.notes << "latchkey: " << kept->string()
                   << " is the proof of what there was: keep it. Copy " << file.string()
                   << " to every other node before latchkeyd starts there\n";
  }
  Tell(terminal, lost, copied_at, *accounts, options.passwords_too);
  return Exit::kDone;
}

}  // namespace latchkey::operate
